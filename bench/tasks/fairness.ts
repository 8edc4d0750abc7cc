import type { Figure } from "../page/figure.ts";
import { startServerProcess } from "./server_process.ts";
import { compileText } from "../../tests/testsuite/module_bytes.ts";

const LOOPS = 8, SHORT = 8, SECONDS = 10;

const POLICY = 'fuel_limit = "unlimited"\ntimeout = "10m"\n';

const LOOP = compileText('(module (func (export "main") (loop $l (br $l))))');
const ANSWER = compileText('(module (func (export "main") (result i32) (i32.const 42)))');

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Processor time of a process or a thread so far, in milliseconds: of Linux, in ticks of 10 ms. */
function processorTime(pid: number | string): number {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

/** Processor time of each thread of a process, likewise. */
function threadTimes(pid: number): Map<string, number> {
  const threads = [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => name);
  return new Map(threads.map((thread) => [thread, processorTime(`${pid}/task/${thread}`)]));
}

/** Endless loops and short tasks: when the short ones are done, what the loops get, and what is used when all are paused. */
export async function measureFairness(): Promise<Figure[]> {
  await using server = await startServerProcess({ policy: POLICY });
  const loop = await server.module(LOOP), answer = await server.module(ANSWER);
  const limits = { fuelLimit: "unlimited", timeout: "10m" };
  const make = async (name: string, module: string, more: object) =>
    (await server.ask("POST", "/api/v1/tasks", { name, module, start: true, ...more }) as { id: string }).id;
  const loops: string[] = [], short: string[] = [];
  for (let index = 0; index < LOOPS; index++) {
    loops.push(await make(`loop ${index}`, loop, { preset: "standard", limits }));
  }
  const began = performance.now();
  for (let index = 0; index < SHORT; index++) {
    short.push(await make(`short ${index}`, answer, { group: "short" }));
  }
  for (;;) {
    const { total } = await server.ask("GET", "/api/v1/tasks?group=short&state=completed") as {
      total: number;
    };
    if (total === SHORT) break;
    await sleep(5);
  }
  const shortDone = performance.now() - began;
  console.log(
    `${SHORT} short tasks beside ${LOOPS} endless loops: done after ${shortDone.toFixed(0)} ms`,
  );
  await sleep(500); // until every loop has its guest
  const before = threadTimes(server.pid);
  await sleep(1000 * SECONDS);
  const after = threadTimes(server.pid);
  // Nothing else in the server works as much as a loop does.
  const shares = [...after].map(([thread, time]) => time - (before.get(thread) ?? 0)).toSorted((a, b) =>
    b - a
  ).slice(0, LOOPS);
  const mean = shares.reduce((sum, share) => sum + share, 0) / LOOPS;
  const deviation = Math.max(...shares.map((share) => Math.abs(share / mean - 1)));
  console.log(
    `processor time of ${LOOPS} loops over ${SECONDS} s, of their mean: ${
      shares.map((share) => (share / mean).toFixed(2)).join(" ")
    }`,
  );
  console.log(`farthest from the mean: ${(100 * deviation).toFixed(1)} % (aim: within 20 %)`);
  await server.ask("POST", "/api/v1/tasks/bulk", { action: "pause", ids: loops });
  await sleep(300);
  const used = processorTime(server.pid), since = performance.now();
  await sleep(3000);
  const share = 100 * (processorTime(server.pid) - used) / (performance.now() - since);
  console.log(`all paused: ${share.toFixed(2)} % of one processor over 3 s`);
  return [
    { name: `${SHORT} short tasks beside ${LOOPS} endless loops`, value: shortDone, unit: "ms" },
    { name: "farthest a loop is from the mean share", value: 100 * deviation, unit: "%", most: 20 },
    { name: "processor used by paused loops", value: share, unit: "%", most: 1 },
  ];
}
