/**
 * Takes everything out of the guest's global scope that could reach outside, before any module is instantiated.
 * The Worker has no permissions anyway; this is the second wall, and keeps an escaped guest from even asking.
 *
 * `queueMicrotask` has to stay: Deno's own message loop looks it up in the global scope when messages queue up.
 */
const REMOVED = [
  "Deno",
  "fetch",
  "Worker",
  "WebSocket",
  "WebSocketStream",
  "EventSource",
  "BroadcastChannel",
  "MessageChannel",
  "process",
  "Buffer",
  "importScripts",
  "caches",
  "localStorage",
  "sessionStorage",
  "indexedDB",
  "navigator",
  "location",
  "setTimeout",
  "setInterval",
  "setImmediate",
  "eval",
  "Function",
  "console",
  "alert",
  "confirm",
  "prompt",
  "open",
  "crypto",
  "GPU",
  "Request",
  "Response",
  "ImageData",
  "createImageBitmap",
  "WorkerNavigator",
  "WorkerLocation",
  "CacheStorage",
  "Cache",
  "Storage",
  "CompressionStream",
  "DecompressionStream",
  "XMLHttpRequest",
  "global",
  "reportError",
] as const;

/** Deletes the globals above, and what `Function` leaves reachable through prototypes. */
export function scrubGlobals(scope: object): void {
  for (let holder: object | null = scope; holder !== null; holder = Object.getPrototypeOf(holder)) {
    for (const name of REMOVED) {
      if (!Object.hasOwn(holder, name)) continue;
      if (!Reflect.deleteProperty(holder, name)) {
        throw new Error(`Cannot start the guest: global ${JSON.stringify(name)} cannot be removed`);
      }
    }
  }
  const constructors = [
    function () {},
    async function () {},
    function* () {},
    async function* () {},
  ];
  for (const made of constructors) {
    Object.defineProperty(Object.getPrototypeOf(made), "constructor", {
      value: undefined,
      configurable: false,
      writable: false,
    });
  }
}
