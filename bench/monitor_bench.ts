/**
 * What a guest loses to a monitor: `deno task bench:monitor`. The same work with and without one, alternately in one run, so
 * that both see the same machine. A look at the usual pace is far below what such a machine can tell apart, so the last row
 * has the host look without a pause: what the guest loses then, divided by the looks, is what one costs it.
 */
import { Aegis, type Sandbox } from "../mod.ts";
import type { Figure } from "./page/figure.ts";
import { writeFigures } from "./page/write_figures.ts";
import { compileText } from "../tests/testsuite/module_bytes.ts";
import { median } from "./fuel/statistics.ts";

const WORK = `(module (memory (export "memory") 16)
  (func (export "work") (param i32) (result i32) (local i32)
    (loop $l
      (local.set 1 (i32.add (i32.load (i32.and (i32.mul (local.get 0) (i32.const 2654435761)) (i32.const 1048572)))
        (i32.rotl (local.get 1) (i32.const 5))))
      (i32.store (i32.and (local.get 1) (i32.const 1048572)) (local.get 0))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    local.get 1))`;

/** Turns of the loop: some 250 ms, in which a monitor at the usual pace looks twice. */
const TURNS = 150_000_000;

const ROUNDS = 12;

/** Milliseconds between two looks by default. */
const USUAL = 100;

/** Looks in a run from which what one costs can be told. */
const ENOUGH = 10_000;

/** Milliseconds for which the host looks before it lets its event loop turn. */
const BURST = 5;

/** Has something look at the sandbox while it works. @returns ends it, and tells how often it looked */
type Watch = (sandbox: Sandbox) => () => number;

const nobody: Watch = () => () => 0;

function every(interval: number): Watch {
  return (sandbox) => {
    const monitor = sandbox.monitor({ every: interval, keep: 1 });
    return () => {
      monitor.stop();
      return monitor.forgotten + monitor.samples.length;
    };
  };
}

const withoutPause: Watch = (sandbox) => {
  let looks = 0, ended = false;
  const burst = () => {
    for (const until = performance.now() + BURST; performance.now() < until; looks++) sandbox.metrics();
    if (!ended) setTimeout(burst);
  };
  setTimeout(burst);
  return () => {
    ended = true;
    return looks;
  };
};

/** Milliseconds of one piece of work, and looks meanwhile. */
async function work(
  sandbox: Sandbox,
  watch: Watch,
): Promise<{ readonly time: number; readonly looks: number }> {
  const stop = watch(sandbox), began = performance.now();
  await sandbox.call("work", [TURNS]);
  const time = performance.now() - began;
  return { time, looks: stop() };
}

const figures: Figure[] = [];

/** Prints a row, and notes its figures. */
async function compare(sandbox: Sandbox, name: string, watch: Watch): Promise<void> {
  const alone: number[] = [], watched: number[] = [], ratios: number[] = [];
  let looks = 0;
  for (let round = 0; round < ROUNDS; round++) {
    // Who is first changes: a machine that warms up favours neither.
    const pair = [0, 0];
    for (const index of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const { time, looks: more } = await work(sandbox, index === 0 ? nobody : watch);
      pair[index] = time;
      looks += more;
    }
    const [without = 0, having = 0] = pair;
    alone.push(without);
    watched.push(having);
    ratios.push(having / without);
  }
  const fastest = Math.min(...alone), loss = Math.min(...watched) - fastest, each = looks / ROUNDS;
  const perLook = Math.max(0, loss / each), share = perLook / USUAL;
  figures.push({ name: `looked at ${name}, median ratio of pairs`, value: median(ratios), unit: "×" });
  if (each >= ENOUGH) {
    figures.push({ name: `a look costs the guest, looked at ${name}`, value: perLook * 1000, unit: "µs" });
  }
  console.log([
    name.padEnd(16),
    `${fastest.toFixed(1)} ms`.padStart(9),
    `${(fastest + loss).toFixed(1)} ms`.padStart(9),
    (1 + loss / fastest).toFixed(4).padStart(8),
    median(ratios).toFixed(4).padStart(8),
    each.toFixed(0).padStart(8),
    ...each < ENOUGH ? ["-".padStart(10), "-".padStart(12)] : [
      `${(perLook * 1e6).toFixed(0)} ns`.padStart(10),
      `${(share * 100).toFixed(5)} %`.padStart(12),
    ],
  ].join(" "));
}

await using runtime = await Aegis.create({ fuelLimit: "unlimited", timeout: "60s" });
await using sandbox = await runtime.sandbox().build();
await sandbox.loadModule(await runtime.loadBytes(compileText(WORK)));
for (let round = 0; round < 3; round++) await work(sandbox, nobody); // until V8 has optimised it

console.log(
  `Fastest of ${ROUNDS} with and without, their ratio, the median ratio of pairs, looks in each run,`,
);
console.log(`what the guest loses by a look, and what share of its time that is at one look in ${USUAL} ms`);
for (const interval of [USUAL, 10]) await compare(sandbox, `every ${interval} ms`, every(interval));
await compare(sandbox, "without a pause", withoutPause);
await writeFigures(figures);
