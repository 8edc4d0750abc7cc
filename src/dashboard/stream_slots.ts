/**
 * Streams that the tabs of a browser may have open at once. A browser has six connections to a server (HTTP/1.1): with a
 * stream in each of six tabs, no page of that server would load any more, and nothing could be asked.
 */

const MOST = 4;

/**
 * Does work while this tab has one of the places. Where the browser does not tell tabs of each other (a page over HTTP from
 * another machine), everybody has one.
 *
 * @returns whether there was a place
 */
export async function inSlot(work: () => Promise<void>): Promise<boolean> {
  if (!("locks" in navigator)) {
    await work();
    return true;
  }
  for (let place = 0; place < MOST; place++) {
    const had = await navigator.locks.request(
      `aegis.stream.${place}`,
      { ifAvailable: true },
      async (lock) => {
        if (lock !== null) await work();
        return lock !== null;
      },
    );
    if (had) return true;
  }
  return false;
}
