/** Milliseconds between two times: nobody reads what changes more often, and each time costs the layout of a table. */
const PAUSE = 150;

/**
 * Does work before the browser paints next, once for all who have asked until then, and at most some times a second:
 * hundreds of events a second cost no more than a few.
 */
export function nextFrame(work: () => void): () => void {
  let asked = false, last = -Infinity;
  const run = () => {
    asked = false;
    last = performance.now();
    work();
  };
  return () => {
    if (asked) return;
    asked = true;
    const wait = last + PAUSE - performance.now();
    if (wait <= 0) requestAnimationFrame(run);
    else setTimeout(() => requestAnimationFrame(run), wait);
  };
}
