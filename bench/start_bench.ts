/**
 * What the command takes to start: `deno task bench:start [--rounds 15]`. Processes that are new each time, in turn with
 * `deno run` of an empty file, so that all see the same machine; the first of each, which compiles, is left out.
 */
import { fromFileUrl } from "@std/path/posix";
import { parseArgs } from "node:util";
import { median } from "./fuel/statistics.ts";
import { type Figure, valueText } from "./page/figure.ts";
import { writeFigures } from "./page/write_figures.ts";

/** Starts of an empty program that a start of the command may take. */
const AIM = 5;

const { values } = parseArgs({ options: { rounds: { type: "string", default: "15" } } });

const ROOT = fromFileUrl(new URL("..", import.meta.url)).replace(/\/$/, "");
const FROZEN = ["--quiet", "--frozen", `--lock=${ROOT}/deno.lock`, `--config=${ROOT}/deno.json`];
const AEGIS = ["run", "-A", ...FROZEN, `${ROOT}/cli.ts`];

/** What is started, and what it has to print. */
interface Start {
  readonly name: string;
  readonly args: readonly string[];
  readonly prints: RegExp;
}

const STARTS = (empty: string): readonly Start[] => [
  { name: "deno run of an empty file", args: ["run", "--no-config", "--no-lock", empty], prints: /^$/ },
  { name: "aegis --version", args: [...AEGIS, "--version"], prints: /^aegis \d/ },
  {
    name: "aegis run of a module",
    args: [...AEGIS, "run", `${ROOT}/examples/simple.wasm`, "-q"],
    prints: /^42\n$/,
  },
  {
    name: "aegis run of text",
    args: [...AEGIS, "run", `${ROOT}/examples/simple.wat`, "-q"],
    prints: /^42\n$/,
  },
  {
    name: "aegis run of a program for WASI with a directory",
    args: [
      ...[...AEGIS, "run", `${ROOT}/tests/programs/wasm/cat.wasm`, "-q", "--allow-read", `${ROOT}/examples`],
      ...["--", `${ROOT}/examples/simple.wat`],
    ],
    prints: /\(module/,
  },
];

/** Milliseconds from start to end of a process. @throws {Error} when it prints something else */
async function start({ name, args, prints }: Start): Promise<number> {
  const began = performance.now();
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    stdin: "null",
  })
    .output();
  const took = performance.now() - began, printed = new TextDecoder().decode(stdout);
  if (success && prints.test(printed)) return took;
  throw new Error(`${name} printed ${JSON.stringify(printed)}: ${new TextDecoder().decode(stderr)}`);
}

const folder = await Deno.makeTempDir(), empty = `${folder}/empty.js`;
try {
  await Deno.writeTextFile(empty, "");
  const starts = STARTS(empty), times = starts.map((): number[] => []);
  for (let round = -1; round < Number(values.rounds); round++) {
    for (const [index, one] of starts.entries()) {
      const took = await start(one);
      if (round >= 0) times[index]?.push(took);
    }
  }
  const [bare = []] = times, figures: Figure[] = [];
  for (const [index, { name }] of starts.entries()) {
    const own = times[index] ?? [], ratios = own.map((time, round) => time / (bare[round] ?? NaN));
    figures.push({ name, value: median(own), unit: "ms" });
    if (index > 0) {
      const aim = name === "aegis run of a module" ? { most: AIM } : {};
      figures.push({ name: `${name}, over an empty file`, value: median(ratios), unit: "×", ...aim });
    }
  }
  for (const figure of figures) console.log(figure.name.padEnd(72), valueText(figure));
  await writeFigures(figures);
} finally {
  await Deno.remove(folder, { recursive: true });
}
