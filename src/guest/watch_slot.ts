/** Has what watches a guest made of its text, when it is needed first. */
import type { Compile } from "./inline_function.ts";
import type { Watching, WatchPort } from "./watching.ts";

/** Where in the global scope the text of `watch_main.ts` puts what it makes. */
export const WATCH_SLOT = "aegisWatching";

/** @param text of `watch_main.ts` */
export function makeWatching(compile: Compile, text: string, port: WatchPort): Watching {
  const scope = globalThis as { [Name in typeof WATCH_SLOT]?: (port: WatchPort) => Watching }; // as that file says
  compile(text)();
  const make = scope[WATCH_SLOT];
  delete scope[WATCH_SLOT];
  if (make === undefined) throw new TypeError("The text of what watches a guest makes nothing");
  return make(port);
}
