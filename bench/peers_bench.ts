/**
 * The same module and the same call in what a program would take in place of a sandbox: `deno task bench:peers [--rounds 30]`.
 * A bare Worker is measured in turn with ours; Extism's SDK, where npm can be reached, in a process of its own.
 */
import { parseArgs } from "node:util";
import { Aegis } from "../mod.ts";
import { compileText } from "../tests/testsuite/module_bytes.ts";
import { median } from "./fuel/statistics.ts";
import { type Figure, valueText } from "./page/figure.ts";
import { writeFigures } from "./page/write_figures.ts";

const EXTISM = "npm:@extism/extism@2.0.0-rc13";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "30" } } });
const rounds = Number(values.rounds), calls = 100 * rounds;

const bytes = compileText(`(module (func (export "nothing") (result i32) (i32.const 0)))`);

/** A Worker that compiles a module and calls its function whenever it is told to. */
class BareWorker {
  static readonly #PROGRAM = `let nothing;
onmessage = async ({ data }) => {
  if (data !== 0) ({ nothing } = (await WebAssembly.instantiate(data)).instance.exports);
  else nothing();
  postMessage(0);
};`;
  readonly #worker = new Worker(`data:text/javascript,${encodeURIComponent(BareWorker.#PROGRAM)}`, {
    type: "module",
  });

  ask(message: 0 | Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#worker.onmessage = () => resolve();
      this.#worker.postMessage(message);
    });
  }

  close(): void {
    this.#worker.terminate();
  }
}

async function coldBare(): Promise<void> {
  const worker = new BareWorker();
  await worker.ask(bytes);
  await worker.ask(0);
  worker.close();
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Times of several kinds of work, in turn. */
async function inTurn(count: number, works: readonly (() => Promise<unknown>)[]): Promise<number[][]> {
  const times = works.map((): number[] => []);
  for (let round = 0; round < count; round++) {
    for (const [index, work] of works.entries()) times[index]?.push(await milliseconds(work));
  }
  return times;
}

/** Times in Extism's SDK; undefined where its package cannot be had. */
async function extism(): Promise<{ readonly colds: number[]; readonly calls: number[] } | undefined> {
  const file = await Deno.makeTempFile({ suffix: ".wasm" });
  try {
    await Deno.writeFile(file, bytes);
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "-A", "--quiet", "--no-lock", "--no-config"],
        ...[new URL("peers/extism.js", import.meta.url).pathname, EXTISM, file, String(rounds)],
      ],
    }).output();
    if (success) return JSON.parse(new TextDecoder().decode(stdout)); // its last line writes it
    console.error(new TextDecoder().decode(stderr).trim().split("\n").slice(0, 3).join("\n"));
    return undefined;
  } finally {
    await Deno.remove(file);
  }
}

await using runtime = await Aegis.create({ fuelLimit: "unlimited" });
const module = await runtime.loadBytes(bytes);

async function coldSandbox(): Promise<void> {
  const sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(module);
  await sandbox.call("nothing");
  await sandbox.close();
}

await inTurn(3, [coldBare, coldSandbox]);
const [bareColds = [], ourColds = []] = await inTurn(rounds, [coldBare, coldSandbox]);

const worker = new BareWorker();
await worker.ask(bytes);
await using sandbox = await runtime.sandbox().build();
await sandbox.loadModule(module);
const warm = [() => worker.ask(0), () => sandbox.call("nothing")];
await inTurn(500, warm);
const [bareCalls = [], ourCalls = []] = await inTurn(calls, warm);
worker.close();

const theirs = await extism();
const figures: Figure[] = [
  { name: "Aegis: start, load, one call, close", value: median(ourColds), unit: "ms" },
  { name: "bare Worker: start, compile, one call, terminate", value: median(bareColds), unit: "ms" },
  ...theirs === undefined
    ? []
    : [{ name: "Extism: start, load, one call, close", value: median(theirs.colds), unit: "ms" } as const],
  { name: "Aegis: call", value: 1000 * median(ourCalls), unit: "µs" },
  { name: "bare Worker: call, by messages", value: 1000 * median(bareCalls), unit: "µs" },
  ...theirs === undefined
    ? []
    : [{ name: "Extism: call", value: 1000 * median(theirs.calls), unit: "µs" } as const],
];
for (const figure of figures) console.log(figure.name.padEnd(56), valueText(figure));
await writeFigures(figures);
