/**
 * Does work soon, and once for all who have asked in the meantime: a page is not drawn for each of a thousand events. While
 * it is under way, the next waits for it.
 *
 * @param pause milliseconds between two
 */
export function soon(work: () => Promise<void> | void, pause: number): () => void {
  let asked = false, busy = false;
  const run = async () => {
    if (busy) return;
    busy = true;
    while (asked) {
      asked = false;
      try {
        await work();
      } catch {
        // what is shown stays as it is; the next event, or the next connection, tries again
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    busy = false;
  };
  return () => {
    asked = true;
    void run();
  };
}
