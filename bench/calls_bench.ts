/**
 * What calls cost, in both directions: `deno task bench:calls`. Medians and 99th percentiles, with the marks that they
 * are held against. Blocking calls need a core for each of two threads: on a busy machine look at the least of several runs.
 */
import { Aegis, hostFunction } from "../mod.ts";
import { aimOf, type Figure } from "./page/figure.ts";
import { writeFigures } from "./page/write_figures.ts";
import { compileText } from "../tests/testsuite/module_bytes.ts";

const TEXT = `(module
  (import "env" "host" (func $host (param i32) (result i32)))
  (import "env" "inline" (func $inline (param i32) (result i32)))
  (memory (export "memory") 256)
  (global $top (mut i32) (i32.const 1024))
  ;; Room is taken from a heap that is empty again as soon as anything is given back: of calls nothing stays.
  (func $alloc (export "aegis_alloc") (param i32) (result i32)
    (global.get $top)
    (global.set $top (i32.and (i32.add (i32.add (global.get $top) (local.get 0)) (i32.const 7)) (i32.const -8))))
  (func (export "aegis_free") (param i32 i32) (global.set $top (i32.const 1024)))
  (func $pack (param i32 i32) (result i64)
    (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1))))
  (func (export "echo") (param i32 i32) (result i64) (call $pack (local.get 0) (local.get 1)))
  (func (export "copy") (param i32 i32) (result i64) (local $to i32)
    (local.set $to (call $alloc (local.get 1)))
    (memory.copy (local.get $to) (local.get 0) (local.get 1))
    (call $pack (local.get $to) (local.get 1)))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func (export "hosts") (param i32) (result i32)
    (loop $l (drop (call $host (i32.const 1)))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 0))
  (func (export "inlines") (param i32) (result i32)
    (loop $l (drop (call $inline (i32.const 1)))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.const 0))
  (func (export "take") (param i32 i32)) )`;

/** A line of the table. */
interface Row {
  readonly what: string;
  /** Of one piece of work, sorted. */
  readonly times: readonly number[];
  readonly unit: "µs" | "ms" | "GB/s";
  readonly most?: number;
  readonly least?: number;
}

const rows: Row[] = [];

/** Notes a row. @param times milliseconds of one piece of work each @param most the aim in microseconds, the row's unit then */
function note(what: string, times: readonly number[], most?: number): void {
  const ms = most === undefined && times.some((time) => time > 1);
  rows.push({
    what,
    times: times.map((time) => ms ? time : time * 1000).toSorted((one, other) => one - other),
    unit: ms ? "ms" : "µs",
    ...(most === undefined ? {} : { most }),
  });
}

/** Times each of so many pieces of work. */
async function each(count: number, work: () => unknown): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const began = performance.now(), done = work();
    if (done instanceof Promise) await done;
    times.push(performance.now() - began);
  }
  return times;
}

/** Times groups of short pieces, since telling the time costs a tenth of a microsecond. */
function groups(count: number, size: number, work: () => unknown): number[] {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const began = performance.now();
    for (let piece = 0; piece < size; piece++) work();
    times.push((performance.now() - began) / size);
  }
  return times;
}

/** The same function in a bare Worker, asked by words of shared memory that both look at: what V8 and the machine allow. */
async function bareCalls(bytes: Uint8Array): Promise<number[]> {
  const program = `onmessage = async ({ data: { buffer, bytes } }) => {
    const words = new Int32Array(buffer);
    const { instance } = await WebAssembly.instantiate(bytes);
    const { add } = instance.exports;
    postMessage(0);
    for (;;) {
      let turn;
      while ((turn = Atomics.load(words, 0)) === 0);
      if (turn === 2) return;
      words[17] = add(words[16], words[18]);
      Atomics.store(words, 0, 0);
    }
  };`;
  const worker = new Worker(`data:text/javascript,${encodeURIComponent(program)}`, { type: "module" });
  const words = new Int32Array(new SharedArrayBuffer(128)), ready = Promise.withResolvers<void>();
  worker.onmessage = () => ready.resolve();
  worker.postMessage({ buffer: words.buffer, bytes });
  await ready.promise;
  const call = () => {
    Atomics.store(words, 0, 1);
    while (Atomics.load(words, 0) !== 0);
  };
  groups(200, 100, call);
  const times = groups(300, 100, call);
  Atomics.store(words, 0, 2);
  worker.terminate();
  return times;
}

const bare = compileText(
  `(module (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))`,
);
note("bare V8 call in a Worker, both sides looking", await bareCalls(bare));

await using runtime = await Aegis.create({ fuelLimit: "unlimited", timeout: "60s" });
const module = await runtime.loadBytes(compileText(TEXT));

async function started() {
  const sandbox = await runtime.sandbox().build();
  sandbox.registerFuncs("env", {
    host: hostFunction({ params: ["i32"], results: ["i32"] }, (value) => value + 1),
    inline: hostFunction({ params: ["i32"], results: ["i32"], inline: true }, (value) => value + 1),
  });
  await sandbox.loadModule(module);
  return sandbox;
}

const sandbox = await started();
const add = () => sandbox.callSync("add", [1, 2]);
// Until V8 has made the most of both sides: it takes more than a tenth of a million calls.
groups(1000, 200, add);
note("callSync", groups(300, 100, add), 1);
note("call", await each(3000, () => sandbox.call("add", [1, 2])));
{
  const many = Array.from({ length: 50_000 }, (_, row) => [row, 1]), perRow = many.length;
  await each(3, () => sandbox.callMany("add", many));
  const times = await each(30, () => sandbox.callMany("add", many));
  note("callMany, a row", times.map((time) => time / perRow), 0.1);
}
for (const [name, calls] of [["hosts", 2000], ["inlines", 200_000]] as const) {
  const what = name === "hosts" ? "host function" : "inline host function";
  sandbox.callSync(name, [calls]);
  note(
    `${what}, under callSync`,
    groups(30, 1, () => sandbox.callSync(name, [calls])).map((time) => time / calls),
  );
  const times = await each(name === "hosts" ? 30 : 10, () => sandbox.call(name, [calls]));
  note(`${what}, under call`, times.map((time) => time / calls));
}
for (const size of [16, 65_536]) {
  const text = "x".repeat(size),
    value = { text: "y".repeat(size - 12) },
    label = size === 16 ? "16 B" : "64 KiB";
  groups(5, 50, () => sandbox.callSync("copy", [text]));
  note(
    `string of ${label} there and back, callSync`,
    groups(100, 20, () => sandbox.callSync("copy", [text])),
  );
  note(`JSON of ${label} there and back, callSync`, groups(100, 20, () => sandbox.callSync("copy", [value])));
  note(`string of ${label} there and back, call`, await each(300, () => sandbox.call("copy", [text])));
}
{
  const bytes = new Uint8Array(4 * 1024 * 1024),
    throughput = (times: readonly number[]) =>
      times.map((time) => bytes.length / time / 1e6).toSorted((one, other) => one - other);
  const take = () => sandbox.callSync("take", [bytes]);
  // Until the allocator has seen what comes, each array is memory that the system has not given before.
  const WARM = 100, ROUNDS = 300;
  groups(WARM, 1, take);
  rows.push({
    what: "bytes in, 4 MiB",
    times: throughput(await each(ROUNDS, take)),
    unit: "GB/s",
    least: 3,
  });
  const type = { params: ["i32", "i32"], results: ["bytes"] } as const;
  const give = () => sandbox.callSync("echo", [0, bytes.length], { type });
  groups(WARM, 1, give);
  rows.push({
    what: "bytes out, 4 MiB",
    times: throughput(await each(ROUNDS, give)),
    unit: "GB/s",
    least: 3,
  });
}
const small = await started();
note("reset", await each(300, () => small.reset()));
note(
  "cold sandbox: start, load, call",
  await each(30, async () => {
    const fresh = await started();
    await fresh.call("add", [1, 2]);
    await fresh.close();
  }),
);
{
  await using pool = runtime.pool(await runtime.loadBytes(bare), { minimum: 2, maximum: 2 });
  await pool.ready();
  await each(50, () => pool.call("add", [1, 2]));
  note("pooled sandbox: acquire, call, release", await each(500, () => pool.call("add", [1, 2])), 300);
}

function at(times: readonly number[], share: number): number {
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;
}

const figures = rows.map(({ what, times, unit, most, least }): Figure => ({
  name: what,
  value: at(times, 0.5),
  unit,
  ...(most === undefined ? {} : { most }),
  ...(least === undefined ? {} : { least }),
}));
console.log(`${"".padEnd(48)}${"median".padStart(12)}${"p99".padStart(12)}  aim`);
for (const [index, { what, times, unit }] of rows.entries()) {
  // Of throughput the slowest are the bad ones.
  const worst = at(times, unit === "GB/s" ? 0.01 : 0.99), figure = figures[index];
  const text = (value: number) => `${value.toFixed(value < 10 ? 2 : 0)} ${unit}`.padStart(12);
  console.log(
    `${what.padEnd(48)}${text(at(times, 0.5))}${text(worst)}  ${figure === undefined ? "" : aimOf(figure)}`,
  );
}
await writeFigures(figures);
