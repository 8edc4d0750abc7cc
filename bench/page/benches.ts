/** All benchmarks of the page, in its order. */

export interface Bench {
  readonly name: string;
  readonly title: string;
  /** What is measured and how, in sentences of the page. */
  readonly about: string;
  /** From the repository's root. */
  readonly file: string;
  readonly args?: readonly string[];
  /** What makes it short: to see whether it works, not to measure. */
  readonly quick?: readonly string[];
  /** Flags of Deno beside those that all have. */
  readonly flags?: readonly string[];
  /** What it needs and not every machine has. */
  readonly needs?: string;
}

export const BENCHES: readonly Bench[] = [
  {
    name: "start",
    title: "Start of the command",
    about:
      "`aegis run` of a small module, in processes that are new each time, in turn with `deno run` of an empty file. " +
      "Deno has compiled the sources before.",
    file: "bench/start_bench.ts",
    quick: ["--rounds", "3"],
  },
  {
    name: "fuel",
    title: "Metering",
    about:
      "Fuel, memory and stack limits in the code of guests, as time over the same code on bare V8: kernels in C and " +
      "AssemblyScript, deep recursion, and modules that npm packages ship. Then how much larger modules become, how " +
      "fast that goes, and how soon a spinning guest has stopped.",
    file: "bench/fuel_bench.ts",
    quick: ["--quick"],
  },
  {
    name: "calls",
    title: "Calls",
    about:
      "What calls cost in both directions, what data costs, and what a sandbox costs that is new or was kept warm.",
    file: "bench/calls_bench.ts",
  },
  {
    name: "pool",
    title: "Warm guests",
    about: "One addition in a sandbox of one's own, in a pool, and in a sandbox that is started for it.",
    file: "bench/pool_bench.ts",
  },
  {
    name: "peers",
    title: "Beside what else there is",
    about:
      "The same module and the same call in a bare Worker of Deno and in Extism's SDK for JavaScript, in its Worker. " +
      "Neither of the two bounds fuel or ends a loop.",
    file: "bench/peers_bench.ts",
    quick: ["--rounds", "3"],
    needs: "the package `@extism/extism` from npm",
  },
  {
    name: "isolation",
    title: "Isolation",
    about: "A guest in a Worker, and in a process of its own.",
    file: "bench/isolation_bench.ts",
    flags: ["--unstable-worker-options"],
  },
  {
    name: "files",
    title: "Files",
    about:
      "Programs read a file of 256 MiB and open 10,000 small ones, as guests, and in `node:wasi`, which has no sandbox. " +
      "The files lie in the page cache.",
    file: "bench/files_bench.ts",
  },
  {
    name: "interp",
    title: "The interpreter",
    about: "The kernels of the metering, metered on both engines, as time over V8.",
    file: "bench/interp_bench.ts",
    quick: ["--quick", "--only", "sieve-c"],
  },
  {
    name: "serve",
    title: "HTTP",
    about:
      "Modules that answer requests, beside a plain handler of `Deno.serve`, over loopback, asked by another process.",
    file: "bench/serve_bench.ts",
    flags: ["--unstable-no-legacy-abort"],
    quick: ["500"],
  },
  {
    name: "tasks",
    title: "The task server",
    about:
      "Eight endless loops and short tasks beside them; 10,000 tasks over HTTP while others read; a thousand hostile tasks " +
      "in a row. The server is a process of its own.",
    file: "bench/tasks_bench.ts",
    quick: ["--tasks", "1000", "--hostile", "40"],
    needs: "Linux",
  },
  {
    name: "alive",
    title: "Many sandboxes",
    about: "256 sandboxes alive at once in one runtime.",
    file: "bench/alive_bench.ts",
    needs: "Linux",
  },
  {
    name: "monitor",
    title: "Monitors",
    about: "What a guest loses to a host that looks at its meters.",
    file: "bench/monitor_bench.ts",
  },
  {
    name: "list",
    title: "The dashboard",
    about: "5,000 executions in a browser: opened, scrolled, paged through.",
    file: "bench/list_bench.ts",
    quick: ["--executions", "300", "--parts", "2"],
    needs: "a Chromium",
  },
  {
    name: "scan",
    title: "The scanner",
    about: "`aegis scan` of modules that were made to be large, each in a process of its own.",
    file: "bench/scan_bench.ts",
  },
];
