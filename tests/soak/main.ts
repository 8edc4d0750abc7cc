/**
 * A soak: mixed honest and hostile work on the library and on a task server, for as long as is said. Ends with status 1 if
 * something grew, was left behind, or a result was wrong.
 *
 *     deno task soak [--minutes 60] [--out docs/soak.md] [--picture docs/pictures/soak.svg] [--leak]
 *
 * With `--leak` it holds on to what it should give back, in both processes, and must fail.
 */
import { parseArgs } from "node:util";
import { documentOf, failures, type Outcome } from "./document.ts";
import { plot } from "./plot.ts";
import { latencyOf, type LibraryReport, processFacts, type Sample, sizeOf } from "./samples.ts";
import { Client, serverKinds } from "./server_kinds.ts";
import { judge } from "./verdict.ts";
import { type Tally, Work } from "./work.ts";
import { ServerProcess } from "../cli/server_process.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    out: { type: "string" },
    picture: { type: "string" },
    leak: { type: "boolean", default: false },
  },
});

const minutes = Number(values.minutes);
if (!(minutes > 0 && minutes <= 24 * 60)) {
  console.error(`Cannot soak for "${values.minutes}" minutes: give a number above 0, up to 1440`);
  Deno.exit(2);
}

/** Milliseconds between two looks, between two requests for health, and until what has ended is gone. */
const LOOK = 2000, HEALTH = 200, REST = 12_000;

/** Milliseconds for which work may go on that has begun when time is up. */
const LAST_WORK = 60_000;

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The process that uses the library. */
class LibraryProcess {
  readonly #child: Deno.ChildProcess;
  /** What it has told since the last look. */
  #told: LibraryReport[] = [];
  latest: LibraryReport | undefined;
  readonly #resting: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor(words: readonly string[]) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--unstable-worker-options",
        `--lock=${new URL("../deno.lock", import.meta.url).pathname}`,
        "--frozen",
        new URL("library_main.ts", import.meta.url).pathname,
        ...words,
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    void this.#read();
  }

  get pid(): number {
    return this.#child.pid;
  }

  take(): readonly LibraryReport[] {
    const told = this.#told;
    this.#told = [];
    return told;
  }

  /** Has it end its work; it is still there then. */
  async rest(): Promise<void> {
    await this.#child.stdin.close();
    const late = setTimeout(
      () => this.#resting.reject(new Error("the library's work does not end")),
      LAST_WORK,
    );
    await this.#resting.promise;
    clearTimeout(late);
  }

  async end(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // it has ended already
    }
    await this.#child.status;
  }

  async #read(): Promise<void> {
    let text = "";
    for await (const part of this.#child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (text + part).split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const report = JSON.parse(line) as LibraryReport | { readonly rest: true }; // our own program's
        if ("rest" in report) this.#resting.resolve();
        else this.#told.push(this.latest = report);
      }
    }
    this.#resting.reject(new Error("the process with the library has ended"));
  }
}

const began = performance.now(), until = began + 60_000 * minutes, isOver = () => performance.now() > until;
const policy = await Deno.makeTempFile({ prefix: "aegis_soak_", suffix: ".json" });
await Deno.writeTextFile(policy, JSON.stringify({ fuel_limit: "unlimited", timeout: "5m" }));
await using server = await ServerProcess.start(["--policy", policy]);
await Deno.remove(policy);
const client = new Client(server.url, server.token ?? ""), work = new Work();
const { tasks, readers } = await serverKinds(client);
const library = new LibraryProcess([String(Math.min(120, 15 * minutes)), ...(values.leak ? ["leak"] : [])]);
await sleep(500);
const before = { server: processFacts(server.pid), library: processFacts(library.pid) };

let health: number[] = [];
const samples: Sample[] = [];

async function askHealth(): Promise<void> {
  while (!isOver()) {
    const asked = performance.now();
    await client.ask("GET", "/health");
    health.push(performance.now() - asked);
    await sleep(HEALTH);
  }
}

async function look(): Promise<void> {
  let last = performance.now();
  while (!isOver()) {
    await sleep(LOOK);
    const now = performance.now(), seconds = (now - last) / 1000, own = work.take(), told = library.take();
    last = now;
    samples.push({
      at: (now - began) / 1000,
      server: processFacts(server.pid),
      library: processFacts(library.pid),
      disk: sizeOf(server.data),
      delay: Math.max(0, ...told.map(({ delay }) => delay)),
      health: latencyOf(health),
      task: latencyOf(client.times),
      honest: (own.honest + told.reduce((sum, { honest }) => sum + honest, 0)) / seconds,
      hostile: (own.hostile + told.reduce((sum, { hostile }) => sum + hostile, 0)) / seconds,
    });
    health = [];
    client.times = [];
    if (samples.length % 30 === 0) console.log(progress());
  }
}

function progress(): string {
  const { at = 0, server, library, honest = 0, hostile = 0 } = samples.at(-1) ?? {};
  const mebibytes = (bytes = 0) => Math.round(bytes / 2 ** 20);
  return `${(at / 60).toFixed(1)} min: server ${
    mebibytes(server?.memory)
  } MiB, ${server?.threads} threads, ${server?.descriptors} descriptors; ` +
    `library ${mebibytes(library?.memory)} MiB, ${library?.threads} threads; ${honest.toFixed(0)} + ${
      hostile.toFixed(0)
    } a second; ` +
    `${work.wrong.length + (library?.memory === 0 ? 1 : 0)} wrong`;
}

/** With `--leak`: streams of events that nobody ends. */
async function leak(): Promise<void> {
  while (!isOver()) {
    void client.request("GET", "/events").catch(() => {});
    await sleep(minutes * 60_000 / 60);
  }
}

let ended = false, died: unknown;
try {
  await Promise.all([
    askHealth(),
    look(),
    ...[0, 5, 10].map((offset) => work.lane(tasks, { isOver, offset })),
    ...[0, 2].map((offset) => work.lane(readers, { isOver, offset })),
    ...(values.leak ? [leak()] : []),
  ]);
  await library.rest();
  await sleep(REST);
  ended = true;
} catch (error) {
  died = error;
}

const after = { server: processFacts(server.pid), library: processFacts(library.pid) };
await library.end();

/** Threads and descriptors that V8 and Deno may have made for good meanwhile. */
const SPARE = { threads: 4, descriptors: 8, children: 0 } as const;

const left = (["server", "library"] as const).flatMap((name) =>
  (["threads", "descriptors", "children"] as const).flatMap((what) => {
    // Before its work began, the process with the library had begun already to start threads and processes.
    const most = (what === "children" && name === "library" ? 0 : before[name][what]) + SPARE[what];
    return after[name][what] <= most
      ? []
      : [`${name}: ${after[name][what]} ${what} are left, ${most} may be`];
  })
);
if (!ended) left.push(`it ended early: ${died instanceof Error ? died.message : died}`);
const tallies: Record<string, Tally> = { ...work.tallies, ...library.latest?.tallies };
const outcome: Outcome = {
  judged: judge(samples),
  tallies,
  wrong: [...work.wrong, ...library.latest?.wrong ?? []],
  left,
  rest: {
    server: { before: before.server, after: after.server },
    library: { before: before.library, after: after.library },
  },
  minutes,
  command: `deno task soak --minutes ${values.minutes}`,
  machine: `${navigator.hardwareConcurrency} processors, ${
    Math.round(Deno.systemMemoryInfo().total / 2 ** 30)
  } GiB, ${processor()}`,
  versions: `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}, Linux ${Deno.osRelease()}`,
  date: new Date().toISOString().slice(0, 10),
};

function processor(): string {
  return /model name\s*:\s*(.*)/.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1] ?? Deno.build.arch;
}

if (values.picture !== undefined) {
  await Deno.writeTextFile(values.picture, plot(samples, `A soak of ${minutes} minutes`));
}
const text = documentOf(outcome, "pictures/soak.svg");
if (values.out === undefined) console.log(text);
else await Deno.writeTextFile(values.out, text);
const failed = failures(outcome);
for (const failure of failed) console.error(failure);
console.log(failed.length === 0 ? "well" : `${failed.length} findings`);
await server.end();
Deno.exit(failed.length === 0 ? 0 : 1);
