/**
 * What `aegis scan` does in a second: `deno task bench:scan [FILE…]`. Modules of sizes that double are made, so that one sees
 * whether the time is linear in them; each file that is named is scanned as well. Every scan is one of a process of its
 * own, as a command is; the time is that of the scan alone, and the memory that of the process at its end.
 */
import { scanModule } from "../src/inspection/scan.ts";
import type { Figure } from "./page/figure.ts";
import { writeFigures } from "./page/write_figures.ts";
import { functionChain, largeModule } from "../tests/inspection/large_module.ts";

const MEGABYTE = 1_000_000;

/** Modules by what they are made of; `size` is in units of {@linkcode MEGABYTE}. */
const MADE: Readonly<Record<string, (size: number) => Uint8Array<ArrayBuffer>>> = {
  code: (size) => largeModule({ functions: 1000, drops: size * 330 }),
  functions: (size) => largeModule({ functions: size * 48_000, drops: 5 }),
  edges: (size) => functionChain({ functions: size * 25_000, calls: 10 }),
  data: (size) => largeModule({ functions: 1, padding: size * MEGABYTE }),
};

const SIZES = [1, 2, 5, 10, 20] as const;

/** The most functions that are read of a module, 64 below a million, and as many calls. */
const MOST_FUNCTIONS = 999_936;

/** A million of each. */
const MILLION: Readonly<Record<string, () => Uint8Array<ArrayBuffer>>> = {
  "999,936 functions": () => largeModule({ functions: MOST_FUNCTIONS }),
  "1,000,000 edges": () => functionChain({ functions: 100_000, calls: 10 }),
  "999,936 functions in a chain": () => functionChain({ functions: MOST_FUNCTIONS, calls: 1 }),
};

function bytesOf(what: string): Uint8Array<ArrayBuffer> {
  const [kind = "", size] = what.split(" MB of ").toReversed();
  return MILLION[what]?.() ?? (size === undefined ? undefined : MADE[kind]?.(Number(size))) ??
    Deno.readFileSync(what);
}

/** What one scan took. */
interface Scanned {
  /** Of the module, in megabytes. */
  readonly size: number;
  readonly seconds: number;
  /** Of its process, in megabytes. */
  readonly held: number;
  readonly valid: boolean;
}

/** Scans once. */
function scanOnce(what: string): Scanned {
  const bytes = bytesOf(what), started = performance.now(), { scan } = scanModule(bytes);
  const seconds = (performance.now() - started) / 1000, { rss } = Deno.memoryUsage();
  return { size: bytes.length / MEGABYTE, seconds, held: rss / MEGABYTE, valid: scan.invalid === undefined };
}

/** Scans in a process of its own. */
async function scanApart(what: string): Promise<Scanned> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", import.meta.filename ?? "", "--one", what],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`Cannot scan "${what}"`);
  return JSON.parse(new TextDecoder().decode(stdout)); // the line below writes it
}

const [first, ...others] = Deno.args;
if (first === "--one") {
  console.log(JSON.stringify(scanOnce(others.join(" "))));
} else {
  const figures: Figure[] = [];
  const row = (cells: readonly string[]) => cells.map((cell) => cell.padStart(10)).join("");
  console.log("module".padEnd(32) + row(["MB", "s", "MB/s", "MB held"]));
  const made = Object.keys(MADE).flatMap((kind) => SIZES.map((size) => `${size} MB of ${kind}`));
  for (const what of [...made, ...Object.keys(MILLION), ...Deno.args]) {
    const { size, seconds, held, valid } = await scanApart(what);
    const cells = [size.toFixed(1), seconds.toFixed(3), (size / seconds).toFixed(1), held.toFixed()];
    console.log(what.padEnd(32).slice(-32) + row(cells) + (valid ? "" : "  invalid"));
    figures.push({ name: what, value: size / seconds, unit: "MB/s" });
  }
  await writeFigures(figures);
}
