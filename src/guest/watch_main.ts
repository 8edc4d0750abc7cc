/**
 * What watches a guest; bundled to text of its own, since it is half as large as the rest of the guest, and sent with
 * modules that are to be watched. The guest runs the text once and takes from the global scope what it has put there.
 */
import { Watching, type WatchPort } from "./watching.ts";
import type { WATCH_SLOT } from "./watch_slot.ts";

const slot: { [Name in typeof WATCH_SLOT]: (port: WatchPort) => Watching } = {
  aegisWatching: (port) => new Watching(port),
};
Object.assign(globalThis, slot);
