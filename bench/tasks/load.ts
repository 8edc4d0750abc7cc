import type { Figure } from "../page/figure.ts";
import { startServerProcess } from "./server_process.ts";
import { compileText } from "../../tests/testsuite/module_bytes.ts";

const ADD = compileText(`(module (func (export "main") (param i32) (result i32) (local i32)
  (loop $l (br_if $l (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (i32.const 1000))))
  (i32.add (local.get 0) (i32.const 1))))`);

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function quantile(times: readonly number[], part: number): number {
  const sorted = times.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}

/** Reads of one client, one after the other, until told to stop. @returns milliseconds of each */
async function readOn(
  paths: () => readonly string[],
  url: string,
  pause: number,
  isDone: () => boolean,
): Promise<number[]> {
  const times: number[] = [];
  for (let turn = 0; !isDone(); turn++) {
    const all = paths(), began = performance.now();
    const response = await fetch(`${url}${all[turn % all.length]}`);
    await response.text();
    if (!response.ok) throw new Error(`A read failed: ${response.status}`);
    times.push(performance.now() - began);
    await sleep(pause);
  }
  return times;
}

function print(name: string, times: readonly number[]): void {
  const [p50, p99, slowest] = [0.5, 0.99, 1].map((part) => `${quantile(times, part).toFixed(2)} ms`);
  console.log(`${name}: ${times.length} answers, p50 ${p50}, p99 ${p99}, slowest ${slowest}`);
}

/** Tasks through the API: how many a second, and how long answers take meanwhile. */
export async function measureLoad(count: number): Promise<Figure[]> {
  await using server = await startServerProcess();
  const module = await server.module(ADD);
  const batch = async (group: string, rows: number[][]) =>
    await server.ask("POST", "/api/v1/batches", { module, name: "sum", group, rows }) as { ids: string[] };
  const completed = async (group: string) =>
    (await server.ask("GET", `/api/v1/tasks?group=${group}&state=completed&limit=1`) as { total: number })
      .total;

  const { ids } = await batch("first", Array.from({ length: 100 }, (_, index) => [index]));
  while (await completed("first") < ids.length) await sleep(10);
  const reads = () => [
    "/tasks",
    "/stats",
    `/tasks/${ids[7]}`,
    "/api/v1/tasks?limit=100",
    `/api/v1/tasks/${ids[3]}`,
    "/api/v1/executions?limit=20",
  ];
  let done = false;
  setTimeout(() => done = true, 5000);
  const atRest = await readOn(reads, server.url, 2, () => done);
  print("reads at 100 tasks, nothing running", atRest);

  done = false;
  const began = performance.now();
  const reading = readOn(() => reads().slice(1), server.url, 5, () => done), accepted: number[] = [];
  for (let made = 0; made < count; made += 1000) {
    const rows = Array.from({ length: Math.min(1000, count - made) }, (_, index) => [made + index]);
    const since = performance.now();
    await batch("many", rows);
    accepted.push(performance.now() - since);
  }
  const queued = performance.now() - began;
  while (await completed("many") < count) await sleep(50);
  const took = performance.now() - began;
  done = true;
  console.log(
    `${count} tasks: accepted in ${(queued / 1000).toFixed(1)} s, done after ${(took / 1000).toFixed(1)} s: ${
      (1000 * count / took).toFixed(0)
    } tasks/s (aim: 500)`,
  );
  const meanwhile = await reading;
  print("reads meanwhile", meanwhile);
  print("batches of 1,000", accepted);
  const results = await server.ask("GET", "/api/v1/stats") as { executions: number; failures: number };
  if (results.executions !== count + ids.length || results.failures !== 0) {
    throw new Error(JSON.stringify(results));
  }

  done = false;
  const { ids: running } = await batch("loops", Array.from({ length: 100 }, (_, index) => [index]));
  setTimeout(() => done = true, 3000);
  const whileRunning = await readOn(reads, server.url, 2, () => done);
  print(`reads while ${running.length} tasks start and end`, whileRunning);
  return [
    { name: "reads at 100 tasks, nothing running, p99", value: quantile(atRest, 0.99), unit: "ms", most: 10 },
    {
      name: `reads while ${running.length} tasks start and end, p99`,
      value: quantile(whileRunning, 0.99),
      unit: "ms",
    },
    { name: `${count} tasks over HTTP`, value: 1000 * count / took, unit: "/s", least: 500 },
    { name: "reads meanwhile, p99", value: quantile(meanwhile, 0.99), unit: "ms", most: 10 },
  ];
}
