/**
 * A process that uses the library until its standard input ends: `main.ts` starts it, and looks at it from outside. Each second
 * it says in a line of JSON what it has done, and how late its event loop was.
 *
 *     deno run -A tests/soak/library_main.ts SECONDS_OF_A_RUNTIME [leak]
 */
import { openPlace } from "./library_kinds.ts";
import type { LibraryReport } from "./samples.ts";
import { Work } from "./work.ts";

const [seconds = "60", leak] = Deno.args;

/** Milliseconds between two looks at the event loop. */
const TICK = 20;

const folder = await Deno.makeTempDir({ prefix: "aegis_soak_" }), work = new Work();
const echo = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: () => {} },
  (request) => new Response(new URL(request.url).pathname),
);
const url = `http://127.0.0.1:${echo.addr.port}`;

let over = false, delay = 0, last = performance.now();
const ticks = setInterval(() => {
  const now = performance.now();
  delay = Math.max(delay, now - last - TICK);
  last = now;
}, TICK);
const tell = () => {
  const report: LibraryReport = { ...work.take(), delay, tallies: work.tallies, wrong: work.wrong };
  delay = 0;
  console.log(JSON.stringify(report));
};
const told = setInterval(tell, 1000);

void (async () => {
  for await (const _ of Deno.stdin.readable); // until it is closed
  over = true;
})();

/** Runtimes come and go, too. */
async function use(isolation: "worker" | "process", lanes: number): Promise<void> {
  while (!over) {
    await using place = await openPlace(isolation, { folder, url });
    const until = performance.now() + 1000 * Number(seconds),
      isOver = () => over || performance.now() > until;
    if (leak !== undefined) void openPlace(isolation, { folder, url }); // nobody closes it
    await Promise.all(
      Array.from({ length: lanes }, (_, lane) => work.lane(place.kinds, { isOver, offset: 7 * lane })),
    );
  }
}

await Promise.all([use("worker", 2), use("process", 1)]);
clearInterval(told);
clearInterval(ticks);
tell();
await echo.shutdown();
await Deno.remove(folder, { recursive: true });
console.log(JSON.stringify({ rest: true }));
// What is left of it by now is what it leaks: it is looked at, and then ended.
await new Promise((resolve) => setTimeout(resolve, 60_000));
