/**
 * `deno task test:mutants`: compares our verdict on changed modules with V8's, each from a seed of its own. The second
 * engine has no other wall than our validator.
 *
 *     --count N     how many @default 1000000
 *     --seed N      the first seed @default the time
 *     --scan        scan each of them, too, as `aegis scan` does: 2 ms each with all else
 *     --workers N   how many threads @default one for each processor
 */
import { parseArgs } from "node:util";
import type { Batch, BatchReport, ShelfCount } from "./compare_worker.ts";

/** Mutants between two reports of a Worker: some seconds. */
const BATCH = 5000;

/** Mutants between two lines of progress. */
const PROGRESS = 50_000;

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "1000000" },
    seed: { type: "string" },
    scan: { type: "boolean", default: false },
    workers: { type: "string", default: String(navigator.hardwareConcurrency) },
  },
});

/** A whole number that was given as text. */
function wholeNumber(name: string, text: string, least: number): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new RangeError(`Cannot read --${name} "${text}": expected a whole number from ${least} on`);
}

const count = wholeNumber("count", values.count, 1);
const seed = wholeNumber("seed", values.seed ?? String(Date.now() % 2 ** 31), 0);
const started = performance.now();

/** What all Workers saw together. */
class Totals {
  compared = 0;
  differences = 0;
  #slowest: BatchReport["slowest"] = { took: 0, what: "" };
  #sources: BatchReport["sources"] = {};
  readonly #shelves = new Map<string, ShelfCount>();
  readonly #stricter = new Map<string, number>();

  add(report: BatchReport): void {
    const before = this.compared;
    for (const [name, { compared, valid }] of Object.entries(report.shelves)) {
      const tally = this.#shelves.get(name) ?? { compared: 0, valid: 0 };
      this.#shelves.set(name, { compared: tally.compared + compared, valid: tally.valid + valid });
      this.compared += compared;
    }
    for (const [name, number] of Object.entries(report.stricter)) {
      this.#stricter.set(name, (this.#stricter.get(name) ?? 0) + number);
    }
    for (const difference of report.differences) console.error(`DIFFERS ${difference}`);
    this.differences += report.differences.length;
    this.#sources = report.sources;
    if (report.slowest.took > this.#slowest.took) this.#slowest = report.slowest;
    if (Math.floor(this.compared / PROGRESS) > Math.floor(before / PROGRESS)) {
      console.error(`${this.compared} of ${count} compared, ${this.differences} differ, ${seconds()} s`);
    }
  }

  print(): void {
    const rows = [...this.#shelves].sort(([one], [other]) => one < other ? -1 : 1);
    console.log(
      `${"mutants of".padEnd(24)}${"sources".padStart(10)}${"compared".padStart(12)}${"valid".padStart(12)}`,
    );
    for (const [name, { compared, valid }] of rows) {
      const sources = String(this.#sources[name] ?? "new ones");
      console.log(
        name.padEnd(24) + sources.padStart(10) + String(compared).padStart(12) + String(valid).padStart(12),
      );
    }
    for (const [name, number] of this.#stricter) console.log(`stricter than V8 ${number} × ${name}`);
    console.log(`slowest: ${this.#slowest.took.toFixed()} ms, ${this.#slowest.what}`);
    const valid = rows.reduce((sum, [, tally]) => sum + tally.valid, 0);
    console.log(
      `seed ${seed}: ${this.compared} mutants compared, ${valid} of them valid, ${this.differences} differ, ${seconds()} s`,
    );
  }
}

function seconds(): string {
  return ((performance.now() - started) / 1000).toFixed();
}

/** Batches that no Worker has taken yet. */
let next = seed;

/** Runs a Worker until no batch is left. */
function lane(totals: Totals): Promise<void> {
  const worker = new Worker(new URL("./compare_worker.ts", import.meta.url), { type: "module" });
  return new Promise<void>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<BatchReport>) => {
      totals.add(data);
      const left = seed + count - next;
      if (left <= 0) return resolve();
      const batch: Batch = { seed: next, count: Math.min(BATCH, left), scans: values.scan };
      next += batch.count;
      worker.postMessage(batch);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`A Worker failed: ${event.message}`));
    };
  }).finally(() => worker.terminate());
}

const totals = new Totals();
await Promise.all(
  Array.from({ length: wholeNumber("workers", values.workers, 1) }, () => lane(totals)),
);
totals.print();
Deno.exit(totals.differences === 0 ? 0 : 1);
