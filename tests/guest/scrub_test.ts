import { scrubGlobals } from "../../src/guest/scrub.ts";
import { GUEST_WORKER_TEXT } from "../../src/sandbox/guest_worker.gen.ts";
import { PREPARE_WORKER_TEXT } from "../../src/sandbox/prepare_worker.gen.ts";
import { startWorker } from "../../src/sandbox/worker.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

/** Globals that could reach a file, a host, a process, another thread, a person, or run text as code. */
const REACHING = (
  "Deno fetch Worker WebSocket WebSocketStream WebTransport EventSource BroadcastChannel MessageChannel process Buffer " +
  "require module global importScripts caches CacheStorage Cache localStorage sessionStorage Storage indexedDB navigator " +
  "location setTimeout setInterval setImmediate eval Function console alert confirm prompt open crypto GPU Request " +
  "Response createImageBitmap XMLHttpRequest Notification reportError CompressionStream"
).split(" ");

/** What a probe in the Worker reports: global names, prototypes' included, and the functions that make functions. */
interface Report {
  readonly names: readonly string[];
  readonly constructors: readonly string[];
}

const PROBE = `;{
  const names = [];
  for (let holder = globalThis; holder !== null; holder = Object.getPrototypeOf(holder)) {
    names.push(...Object.getOwnPropertyNames(holder));
  }
  const made = [function () {}, async function () {}, function* () {}, async function* () {}, () => {}, class {}];
  postMessage({ names, constructors: made.map((each) => typeof each.constructor) });
}`;

/** Starts a Worker of ours with the probe behind its own program. */
async function probe(source: string): Promise<Report> {
  const worker = startWorker({ name: "probe", source: source + PROBE });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = (event: MessageEvent<Report>) => resolve(event.data);
      worker.onerror = (event) => reject(new Error(event.message));
    });
  } finally {
    worker.terminate();
  }
}

for (const [name, source] of Object.entries({ guest: GUEST_WORKER_TEXT, prepare: PREPARE_WORKER_TEXT })) {
  Deno.test(`the ${name} Worker has nothing left to reach out with, nor to make functions of text`, async () => {
    const { names, constructors } = await probe(source);
    assert(names.includes("WebAssembly") && names.includes("Atomics"), "what it needs is there");
    assertEquals(REACHING.filter((global) => names.includes(global)), []);
    assertEquals(constructors, new Array(6).fill("undefined"));
  });
}

Deno.test("the probe sees what is there: without scrubbing it finds most of it", async () => {
  const { names, constructors } = await probe("");
  const found = REACHING.filter((global) => names.includes(global));
  assert(found.length > 25, found.join(" "));
  assertEquals(constructors, new Array(6).fill("function"));
});

Deno.test("scrubGlobals() throws rather than leave a global that cannot be removed", () => {
  const scope = Object.create(null, { fetch: { value: () => {}, configurable: false } });
  assertThrows(() => scrubGlobals(scope), Error, '"fetch" cannot be removed');
});
