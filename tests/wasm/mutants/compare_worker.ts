/** One of the Workers of `deno task test:mutants`: makes mutants, compares the verdicts, and says what it saw. */
import { AegisError } from "../../../src/core/errors.ts";
import { scanModule } from "../../../src/inspection/scan.ts";
import { Random } from "../random.ts";
import { Comparison } from "../verdict.ts";
import { corpus } from "./corpus.ts";
import { makeMutant } from "./make_mutant.ts";

/** What the Worker is asked: to compare the mutants of so many seeds. */
export interface Batch {
  readonly seed: number;
  readonly count: number;
  /** Whether each is scanned as well: the scan must neither fail nor hang on what nobody has made. */
  readonly scans: boolean;
}

/** How many mutants of a shelf were compared. */
export interface ShelfCount {
  compared: number;
  valid: number;
}

/** What came out of a batch; without figures when the corpus is ready for the first one. */
export interface BatchReport {
  readonly shelves: Readonly<Record<string, ShelfCount>>;
  /** How many sources each shelf has; shelves that make them anew are not named. */
  readonly sources: Readonly<Record<string, number>>;
  /** Why we refused what V8 takes, by the reason's name. */
  readonly stricter: Readonly<Record<string, number>>;
  readonly differences: readonly string[];
  /** The mutant that took longest, in milliseconds of both verdicts. */
  readonly slowest: { readonly took: number; readonly what: string };
}

// `as`: lib.dom's type for what a module Worker has
const scope = globalThis as unknown as Worker;

const shelves = await corpus();
const sources = Object.fromEntries(
  shelves.flatMap(({ name, count }) => count === undefined ? [] : [[name, count]]),
);

function compare({ seed, count, scans }: Batch): BatchReport {
  const comparison = new Comparison({ hexBytes: Infinity }), counts: Record<string, ShelfCount> = {};
  let slowest = { took: 0, what: "" };
  for (let number = seed; number < seed + count; number++) {
    const { bytes, shelf, name } = makeMutant(shelves, new Random(number));
    const what = `seed ${number}, ${name}`, { valid } = comparison, started = performance.now();
    try {
      comparison.add(bytes, what);
      if (scans) scanMutant(bytes);
    } catch (error) {
      if (error instanceof AegisError) throw error;
      comparison.differences.push(
        `${what}: the validator or the scan failed: ${error}, bytes ${bytes.toHex()}`,
      );
    }
    const took = performance.now() - started;
    if (took > slowest.took) slowest = { took, what: `${what}, ${bytes.length} bytes` };
    const tally = counts[shelf] ??= { compared: 0, valid: 0 };
    tally.compared++;
    tally.valid += comparison.valid - valid;
  }
  return {
    shelves: counts,
    sources,
    stricter: Object.fromEntries(comparison.stricter),
    differences: comparison.differences,
    slowest,
  };
}

/** @throws whatever is no refusal */
function scanMutant(bytes: Uint8Array<ArrayBuffer>): void {
  try {
    const { scan: { invalid, score } } = scanModule(bytes);
    if ((invalid === undefined) !== (score !== undefined)) throw new Error("a score of what is invalid");
  } catch (error) {
    if (!(error instanceof AegisError)) throw error;
  }
}

scope.onmessage = ({ data }: MessageEvent<Batch>) => scope.postMessage(compare(data));
scope.postMessage(compare({ seed: 0, count: 0, scans: false }));
