/**
 * Does work before the browser paints next, and once for all who have asked until then: hundreds of events a second cost no
 * more than the frames that show them.
 */
export function nextFrame(work: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      work();
    });
  };
}
