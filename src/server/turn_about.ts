/** Milliseconds of work after which others get a turn. */
const LONGEST_TURN = 2;

/** Does something with each item, and lets the event loop go on in between: other answers do not wait for all of it. */
export async function turnAbout<Item, Result>(
  items: Iterable<Item>,
  work: (item: Item) => Result | Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let since = performance.now();
  for (const item of items) {
    results.push(await work(item));
    if (performance.now() - since < LONGEST_TURN) continue;
    await new Promise((resolve) => setTimeout(resolve));
    since = performance.now();
  }
  return results;
}
