/**
 * What files cost through a sandbox: `deno task bench:files`. Programs of `tests/programs` read a file of 256 MiB and open
 * 10,000 small ones, as guests of Aegis and, where Node is present, of its own unsandboxed `node:wasi`. Prints a table
 * with the aims beside the figures; the files lie in the page cache.
 */
import { Aegis } from "../src/sandbox/aegis.ts";
import { FilesystemCapability } from "../src/policy/filesystem_capability.ts";
import { runInNode } from "./files/node.ts";
import { median } from "./fuel/statistics.ts";
import { aimOf, type Figure, valueText } from "./page/figure.ts";
import { writeFigures } from "./page/write_figures.ts";

const LARGE_SIZE = 256 * 1024 * 1024, SMALL_FILES = 10_000, ROUNDS = 5, PASSES = 4;

interface Work {
  readonly title: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Bytes that one run reads; 0 where time is what counts. */
  readonly bytes: number;
  readonly aim: Pick<Figure, "most" | "least">;
}

const WORKS: readonly Work[] = [
  ...[[65536, 1], [4096, 0.3], [1 << 20, undefined]].map(([size = 0, least]): Work => ({
    title: `256 MiB in reads of ${size / 1024} KiB`,
    program: "read_speed",
    args: ["/data/large", String(size), String(PASSES)],
    bytes: LARGE_SIZE * PASSES,
    aim: least === undefined ? {} : { least },
  })),
  {
    title: `${SMALL_FILES} small files opened, read, closed`,
    program: "open_many",
    args: ["/data", String(SMALL_FILES)],
    bytes: 0,
    aim: { most: 1500 },
  },
];

function wasmOf(program: string): string {
  return new URL(`../tests/programs/wasm/${program}.wasm`, import.meta.url).pathname;
}

async function makeFiles(folder: string): Promise<void> {
  const large = new Uint8Array(LARGE_SIZE);
  for (let at = 0; at < large.length; at += 4096) large[at] = at >> 12;
  await Deno.writeFile(`${folder}/large`, large);
  for (let index = 0; index < SMALL_FILES; index++) {
    const name = String(index).padStart(6, "0");
    await Deno.writeTextFile(`${folder}/${name}`, name);
  }
}

/** Milliseconds of one run in a sandbox: the median of some. */
async function measureAegis(folder: string, work: Work): Promise<number> {
  await using runtime = await Aegis.create({
    isolation: "worker",
    fuelLimit: "unlimited",
    timeout: "2m",
    capabilities: [FilesystemCapability.readOnly([{ host: folder, guest: "/data" }])],
  });
  const module = await runtime.loadFile(wasmOf(work.program)), times: number[] = [];
  await using sandbox = await runtime.sandbox({ args: [work.program, ...work.args] }).build();
  await sandbox.loadModule(module);
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0) await sandbox.reset();
    const status = await sandbox.run();
    if (status !== 0) throw new Error(new TextDecoder().decode(sandbox.output().stderr));
    times.push(sandbox.metrics().lastCall?.duration ?? NaN);
  }
  return median(times);
}

/** What a time comes to, for a work. */
function figureOf(name: string, { bytes }: Work, milliseconds: number): Figure {
  return bytes === 0
    ? { name, value: milliseconds, unit: "ms" }
    : { name, value: bytes / milliseconds / 1e6, unit: "GB/s" };
}

const folder = await Deno.makeTempDir({ prefix: "aegis-bench-" });
try {
  await makeFiles(folder);
  const figures: Figure[] = [];
  console.log(`${"".padEnd(42)}${"Aegis".padStart(12)}${"node:wasi".padStart(12)}${"aim".padStart(10)}`);
  for (const work of WORKS) {
    const ours = { ...figureOf(work.title, work, await measureAegis(folder, work)), ...work.aim };
    const time = await runInNode({ wasm: wasmOf(work.program), folder, rounds: ROUNDS, args: work.args });
    const node = time === undefined ? [] : [figureOf(`${work.title}, node:wasi`, work, time)];
    figures.push(ours, ...node);
    const cells = [ours, ...node].map((figure) => valueText(figure).padStart(12));
    console.log(work.title.padEnd(42) + cells.join("").padEnd(24) + aimOf(ours).padStart(10));
  }
  await writeFigures(figures);
} finally {
  await Deno.remove(folder, { recursive: true });
}
