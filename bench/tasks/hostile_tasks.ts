import type { Figure } from "../page/figure.ts";
import { startServerProcess } from "./server_process.ts";
import { compileText } from "../../tests/testsuite/module_bytes.ts";

/** Modules that mean harm, and how each is to end. */
const HOSTILE: readonly (readonly [name: string, fields: string])[] = [
  ["loop", '(func (export "main") (loop $l (br $l)))'],
  ["recursion", '(func $f (export "main") (call $f))'],
  ["memory", '(memory 1) (func (export "main") (loop $l (drop (memory.grow (i32.const 16))) (br $l)))'],
  [
    "touched memory",
    `(memory 1024) (func (export "main") (local i32)
    (loop $l (i32.store (local.get 0) (i32.const 1)) (local.set 0 (i32.add (local.get 0) (i32.const 4096)))
      (br_if $l (i32.lt_u (local.get 0) (i32.const 67100000)))) (loop $m (br $m)))`,
  ],
  [
    "tables",
    '(table 1 externref) (func (export "main") (loop $l (drop (table.grow (ref.null extern) (i32.const 1000))) (br $l)))',
  ],
  [
    "log flood",
    `(import "env" "log" (func $log (param i32 i32))) (memory (export "memory") 1)
    (func (export "main") (loop $l (call $log (i32.const 0) (i32.const 4096)) (br $l)))`,
  ],
  ["start", '(func $s (loop $l (br $l))) (start $s) (func (export "main"))'],
  ["trap", '(func (export "main") unreachable)'],
  ["imports", '(import "env" "nothing" (func $f)) (func (export "main") (call $f))'],
  ["exceptions", '(tag $t) (func $f (export "main") (loop $l (try_table (catch_all $l) (throw $t))))'],
];

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Milliseconds after which guests that nobody wants are gone. */
const UNTIL_IDLE = 8000;

interface Facts {
  readonly memory: number;
  readonly threads: number;
  readonly descriptors: number;
}

/** What a process has at a moment; memory in MiB. */
function factsOf(pid: number): Facts {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const number = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
  return {
    memory: Math.round(number("VmRSS") / 1024),
    threads: number("Threads"),
    descriptors: [...Deno.readDirSync(`/proc/${pid}/fd`)].length,
  };
}

const text = ({ memory, threads, descriptors }: Facts) =>
  `${memory} MiB, ${threads} threads, ${descriptors} descriptors`;

/** Hostile tasks one after the other, while the server is asked whether it is well. */
export async function measureHostile(count: number): Promise<Figure[]> {
  await using server = await startServerProcess({ policy: "allow_logging = true\n" });
  const modules: string[] = [];
  for (const [, fields] of HOSTILE) modules.push(await server.module(compileText(`(module ${fields})`)));
  const warm = async (rounds: number) => {
    for (let index = 0; index < rounds; index++) await server.ask("POST", "/api/v1/run", one(index));
  };
  const one = (index: number) => ({
    module: modules[index % modules.length],
    name: HOSTILE[index % HOSTILE.length]?.[0],
    limits: { timeout: "200ms", fuelLimit: "100M", memoryLimit: "64MiB" },
    preset: "standard",
    history: 1,
  });
  await warm(2 * HOSTILE.length);
  await sleep(UNTIL_IDLE);
  const before = factsOf(server.pid), times: number[] = [], ends = new Map<string, number>();
  let done = false;
  const asking = (async () => {
    while (!done) {
      const began = performance.now(), response = await fetch(`${server.url}/api/v1/health`);
      await response.text();
      if (!response.ok) throw new Error("The server is not well");
      times.push(performance.now() - began);
      await sleep(20);
    }
  })();
  const began = performance.now();
  let bad = 0;
  for (let index = 0; index < count; index++) {
    if (index > 0 && index % (count / 4) === 0) console.log(`after ${index}: ${text(factsOf(server.pid))}`);
    if (index % 20 === 19) { // and one that is no module at all
      const response = await fetch(`${server.url}/api/v1/modules`, {
        method: "POST",
        body: crypto.getRandomValues(new Uint8Array(1000)),
        headers: { "Content-Type": "application/wasm" },
      });
      await response.text();
      if (response.status !== 422) throw new Error(`${response.status} for what is no module`);
      bad++;
      continue;
    }
    const { outcome } = await server.ask("POST", "/api/v1/run", one(index)) as { outcome: string };
    ends.set(outcome, (ends.get(outcome) ?? 0) + 1);
  }
  const took = (performance.now() - began) / 1000;
  done = true;
  await asking;
  await sleep(UNTIL_IDLE);
  const after = factsOf(server.pid), sorted = times.toSorted((a, b) => a - b);
  console.log(`${count} hostile tasks in a row in ${took.toFixed(1)} s, ${bad} of them no modules`);
  console.log(`they ended by ${[...ends].map(([outcome, times]) => `${outcome} ${times}`).join(", ")}`);
  console.log(
    `health meanwhile: ${times.length} answers, p50 ${sorted[times.length >> 1]?.toFixed(1)} ms, slowest ${
      sorted.at(-1)?.toFixed(1)
    } ms`,
  );
  console.log(`before: ${text(before)}\nafter:  ${text(after)}`);
  return [
    { name: "health while hostile tasks run, median", value: sorted[times.length >> 1] ?? NaN, unit: "ms" },
    { name: "health while hostile tasks run, slowest", value: sorted.at(-1) ?? NaN, unit: "ms" },
    { name: `memory that ${count} hostile tasks left`, value: after.memory - before.memory, unit: "MiB" },
    { name: `threads that ${count} hostile tasks left`, value: after.threads - before.threads, unit: "" },
  ];
}
