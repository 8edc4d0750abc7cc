/** Runs one target while it counts, and says on standard output how it goes: a line of JSON each second. */
import type { Counters } from "./engine/counters.ts";
import { FuzzLoop, MOST_BYTES } from "./engine/fuzz_loop.ts";
import { keepCrash, keepInput, readCorpus, TriedFile } from "./engine/fuzz_folder.ts";
import { shrink } from "./engine/shrink.ts";
import { crashKey, tryInput } from "./engine/try_input.ts";
import { wordBytes } from "./engine/words.ts";
import type { Input } from "./target.ts";
import { loadTarget } from "./targets.ts";

/** How a run goes. */
export interface Progress {
  readonly executions: number;
  readonly seconds: number;
  readonly corpus: number;
  readonly reached: number;
  readonly branches: number;
}

export type Line =
  | { readonly kind: "progress" | "done"; readonly progress: Progress }
  /** @param file from the repository's root */
  | { readonly kind: "crash"; readonly file: string; readonly why: string };

export interface RunOptions {
  readonly name: string;
  readonly seconds: number;
  readonly seed: number;
  /** Counts what is reached, and does not use it. */
  readonly blind: boolean;
  /** Begins with seeds alone, and keeps no inputs. */
  readonly fresh: boolean;
  readonly counters: Counters;
  readonly literals: () => ReadonlySet<string | number>;
}

/** Milliseconds that a crash may be shrunk for, and between two lines. */
const SHRINKING = 20_000, PACE = 1000;

/** Kinds of crashes after which a run ends. */
const MOST_KINDS = 10;

function say(line: Line): void {
  console.log(JSON.stringify(line));
}

export async function runTarget(options: RunOptions): Promise<void> {
  const { name, counters, blind, fresh, seed } = options;
  const target = await loadTarget(name), attempts = await target.open();
  const inputs = [...await target.seeds(true), ...fresh ? [] : await readCorpus(name)]
    .filter((input) => input.length <= (target.mostBytes ?? MOST_BYTES));
  const words = wordBytes([...target.words ?? [], ...options.literals()]);
  const tried = TriedFile.open(name), started = performance.now(), end = started + options.seconds * 1000;
  let said = started, kinds = 0, last: Input = new Uint8Array();
  const progress = (): Progress => ({
    executions: loop.executions,
    seconds: (performance.now() - started) / 1000,
    corpus: loop.corpus.size,
    reached: counters.reached,
    branches: counters.branches,
  });
  const alive = () => {
    const now = performance.now();
    if (now - said < PACE) return now;
    said = now;
    say({ kind: "progress", progress: progress() });
    return now;
  };
  const onCrash = async (input: Input, why: string) => {
    kinds++;
    const key = crashKey(why), chances = why.startsWith("Slow") ? { base: 0, perKiB: 0 } : undefined;
    const smallest = chances !== undefined ? input : await shrink(input, async (candidate) => {
      alive();
      tried.put(candidate);
      const { failure } = await tryInput(attempts, candidate, target.patience);
      return failure !== undefined && crashKey(failure) === key;
    }, { within: SHRINKING });
    const { failure = why } = smallest === input ? {} : await tryInput(attempts, smallest, target.patience);
    say({ kind: "crash", file: await keepCrash(name, smallest, failure), why: failure });
  };
  // What is thrown where nobody waits for it belongs to the input that is tried.
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    void keepCrash(name, last, `Unhandled: ${event.reason?.stack ?? event.reason}`)
      .then((file) => say({ kind: "crash", file, why: `Unhandled: ${event.reason}` }));
  });
  const loop = new FuzzLoop(target, attempts, {
    seed,
    inputs,
    words,
    counters,
    blind,
    ends: () => alive() > end || kinds >= MOST_KINDS,
    onInput: (input) => tried.put(last = input),
    onCrash,
    onNew: (input) => fresh ? undefined : void keepInput(name, input),
  });
  say({ kind: "progress", progress: progress() });
  await loop.run();
  await attempts.close?.();
  say({ kind: "done", progress: progress() });
}
