/**
 * What `aegis scan` does in a second: `deno task bench:scan [FILE…]`. Modules of sizes that double are made, so that one sees
 * whether the time is linear in them; each file that is named is scanned as well. Every scan is one of a process of its
 * own, as a command is; the time is that of the scan alone, and the memory that of the process at its end.
 */
import { scanModule } from "../src/inspection/scan.ts";
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

/** Scans once, and prints a line. */
function measure(what: string): void {
  const bytes = bytesOf(what), started = performance.now(), { scan } = scanModule(bytes);
  const seconds = (performance.now() - started) / 1000, { rss } = Deno.memoryUsage();
  const cells = [
    (bytes.length / MEGABYTE).toFixed(1),
    seconds.toFixed(3),
    (bytes.length / MEGABYTE / seconds).toFixed(1),
    (rss / MEGABYTE).toFixed(),
  ];
  console.log(
    `${what.padEnd(32).slice(-32)}${cells.map((cell) => cell.padStart(10)).join("")}${
      scan.invalid === undefined ? "" : "  invalid"
    }`,
  );
}

const [first, ...others] = Deno.args;
if (first === "--one") {
  measure(others.join(" "));
} else {
  console.log(
    `${"module".padEnd(32)}${["MB", "s", "MB/s", "MB held"].map((cell) => cell.padStart(10)).join("")}`,
  );
  const made = Object.keys(MADE).flatMap((kind) => SIZES.map((size) => `${size} MB of ${kind}`));
  for (const what of [...made, ...Object.keys(MILLION), ...Deno.args]) {
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", import.meta.filename ?? "", "--one", what],
      stdout: "inherit",
      stderr: "inherit",
    }).output();
    if (code !== 0) Deno.exit(code);
  }
}
