/**
 * Runs a program on bare V8 and instrumented under several slices, on V8 and in the interpreter, call by call, and
 * compares everything that can be seen: results, traps, exceptions, memories, tables, globals, what hosts were given,
 * stack counters and fuel.
 */
import { AegisError } from "../../src/core/errors.ts";
import type { Prepared } from "../../src/guest/prepare.ts";
import { InstructionReader } from "../../src/wasm/instructions.ts";
import { ROWS } from "../../src/wasm/opcodes.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { countingModule } from "../analysis/oracle.ts";
import { prepareWide } from "../instrument/instrumented.ts";
import { difference, type Ending, Unseen, type View } from "./observe.ts";
import type { Program } from "./program.ts";
import { prepareInterpreted } from "./interpreted.ts";
import { BareRun, GuestRun, type Run, type Runnable } from "./run.ts";
import { StackWatch } from "./stack_watch.ts";
import type { Tally } from "./tally.ts";
import { Random } from "../wasm/random.ts";

/** Ceilings of the limits that programs are prepared under. */
const CEILINGS = { pages: 65536n, elements: 10_000_000n };

/** What runs the instrumented program. */
export type Engines = "v8" | "interpreter" | "both";

const ALL_SLICES: readonly bigint[] = [1000n, 1n, 7n, 100_000n];

/** Slices in the interpreter where V8 has them all: the figures of either engine do not depend on them. */
const FEW_SLICES: readonly bigint[] = [1000n, 7n];

/** The interpreter notes so many frames; half of them may be of ours, on the way from one function to the next. */
const NOTED_FRAMES = 64, LEAST_KNOWN = NOTED_FRAMES / 2 - 2;

/** Slices that refuel at nearly every test; they are left out from a call of this many units on. */
const SMALL = 100n, LONG = 50_000n;

/** The least slice of a call that is to be stopped after many units. */
const MANY_SLICES = 7n;

/** Steps and units for programs that are to be stopped. */
const MANY_STEPS = 1_000_000, LONG_BUDGET = 20_000n;
/** Units that a loop may owe: what was owed when a round of a counted loop began, and the round. */
const MOST_OWED = 8192n;
/** Units between two tests: code without loops, on the way back through a few frames; and what a bulk operation does at once. */
const MOST_OVERRUN = 200_000n, MOST_AT_ONCE = 2n ** 20n;
/** How deep calls may be nested in what is to be stopped. */
const DEEP = 30;

/** What can differ. */
export type Aspect = "ending" | "host calls" | "state" | "meters" | "units" | "stack" | "stop" | "overrun";

/** A program that does not do what it should. */
export class Mismatch extends Error {
  override readonly name = "Mismatch";
  constructor(readonly aspect: Aspect, message: string) {
    super(message);
  }
}

/** Traps of operations that pay by size, whose payment is not defined when they trap. */
const SIZED_TRAPS: ReadonlySet<string> = new Set([
  "memoryOutOfBounds",
  "tableOutOfBounds",
  "elementOutOfBounds",
  "dataOutOfBounds",
]);

export interface CompareOptions {
  /** Units within which the instrumented program must end, or else nothing is compared: it may run for ever. */
  readonly within?: bigint;
  /**
   * Whether to compare what is known from traces: where something trapped, and who is on the stack. In the traces of
   * code that V8 has optimised frames are missing, and several calls of a function have the place of one.
   *
   * @default false
   */
  readonly traces?: boolean;
  /**
   * Whether to prepare as where everything must be deterministic: only for programs that give NaNs their bits
   * themselves, or else there is a difference.
   *
   * @default false
   */
  readonly deterministic?: boolean;
  /** What runs the instrumented program; one run on V8 there is always. @default "both" */
  readonly engines?: Engines;
}

/** @throws {Mismatch} */
export async function compareProgram(
  program: Program,
  tally: Tally,
  options: CompareOptions = {},
): Promise<void> {
  const prepared = await prepareOrRefuse(program, options.deterministic ?? false);
  if (prepared === undefined) {
    tally.refused++;
    return;
  }
  tally.programs++;
  try {
    return compareRuns(program, prepared, { tally, options });
  } catch (error) {
    if (!(error instanceof Unseen)) throw error;
    tally.undefined++;
  }
}

function compareRuns(
  program: Program,
  prepared: Prepared,
  { tally, options }: { readonly tally: Tally; readonly options: CompareOptions },
): void {
  const interpreted = options.engines === "v8" ? undefined : interpretOrRefuse(program, options, tally);
  const comparison = new Comparison(program, { prepared, interpreted, tally, options });
  if (options.within !== undefined) {
    const guest = runWithin(program, prepared, options.within);
    if (guest.stopped) {
      tally.endless++;
      // Without a start that ends there is no instance to stop.
      return guest.started.kind === "returned" ? comparison.runLong() : undefined;
    }
  }
  const consumed = comparison.run();
  if (consumed.length === 0) return;
  comparison.runShort(consumed);
  comparison.runLong();
  if (options.traces === true && options.engines !== "interpreter") comparison.watchStack(consumed.length);
}

/** Undefined for a module that a limit of ours, or our reading of the specification, refuses. */
async function prepareOrRefuse(program: Program, deterministic: boolean): Promise<Prepared | undefined> {
  try {
    return await prepareWide(program.bytes, { deterministic });
  } catch (error) {
    if (error instanceof AegisError) return undefined;
    throw error;
  }
}

/** Undefined for a module that the interpreter does not have all instructions of. */
function interpretOrRefuse(
  { bytes }: Program,
  { deterministic = false }: CompareOptions,
  tally: Tally,
): Runnable | undefined {
  try {
    const prepared = prepareInterpreted(bytes, { deterministic });
    tally.interpreted++;
    return prepared;
  } catch (error) {
    if (error instanceof AegisError) return undefined;
    throw error;
  }
}

function runWithin(program: Program, prepared: Prepared, units: bigint): GuestRun {
  const guest = new GuestRun(program, prepared, { slice: units, allowance: units });
  for (const call of program.calls) if (!guest.stopped) guest.call(call);
  return guest;
}

/** Arguments whose first one, the depth of most functions, allows for long recursion. */
function deep(args: readonly unknown[]): unknown[] {
  const [first, ...rest] = args;
  return typeof first === "number" ? [DEEP, ...rest] : [...args];
}

function hasSizedOperation(bytes: Uint8Array): boolean {
  const module = readModule(bytes), reader = new InstructionReader(bytes);
  for (const body of module.bodies) {
    reader.reset(body.code, body.end);
    while (reader.next()) if (ROWS[reader.key]?.cost.startsWith("bulk")) return true;
  }
  return false;
}

class Comparison {
  readonly #view: View;
  /** Of an instrumented module on V8 and one in the interpreter. */
  readonly #guestView: View;
  /**
   * Units that a loop may still owe when it traps: of an iteration there are no more than bytes. For each trap of a call: a
   * host function may call the program back, and go on after its trap.
   */
  readonly #mostUnpaid: bigint;
  readonly prepared: Prepared;
  readonly interpreted: Runnable | undefined;
  readonly tally: Tally;
  readonly options: CompareOptions;

  constructor(
    readonly program: Program,
    how: { prepared: Prepared; interpreted: Runnable | undefined; tally: Tally; options: CompareOptions },
  ) {
    this.prepared = how.prepared;
    this.interpreted = how.interpreted;
    this.tally = how.tally;
    this.options = how.options;
    const names = WebAssembly.Module.exports(new WebAssembly.Module(program.bytes)).map(({ name }) => name);
    this.#mostUnpaid = MOST_OWED + BigInt(program.bytes.length);
    const isImport = (number: string) => Number(number) < program.hosts.length;
    this.#view = { names, mayBeImport: isImport };
    // In an instrumented module on V8 the number is that of a function of the shim.
    this.#guestView = { names, mayBeImport: (_, number) => isImport(number) };
  }

  /** With all the fuel that it wants. Returns what each call consumed, of those that are worth being repeated. */
  run(): bigint[] {
    const { program, tally } = this, consumed: bigint[] = [];
    const bare = new BareRun("bare V8", program, program.bytes);
    const oracle = new BareRun("the oracle", program, countingModule(program.bytes, CEILINGS));
    let guests = this.#guests(program, { least: 0n });
    // Without an instance there are no tags by which an exception could be told.
    for (const run of [oracle, ...guests]) {
      this.#equal("ending", "start", run.started.kind, bare.started.kind);
    }
    if (bare.started.kind !== "returned") return [];
    for (const run of [oracle, ...guests]) this.#agree("start", bare, bare.started, run, run.started);
    for (const guest of guests) this.#equal("units", "start", guest.units, oracle.units);
    for (const [number, call] of program.calls.entries()) {
      const what = `call ${number}, ${call.name}(${call.args.map(String)})`;
      const ending = bare.call(call), counted = oracle.call(call);
      if (bare.undefined || oracle.undefined || ending.kind === "undefined") {
        tally.undefined++;
        break;
      }
      this.#agree(what, bare, ending, oracle, counted);
      if (oracle.used > LONG) guests = guests.filter((guest) => guest.ledger.slice > SMALL);
      for (const guest of guests) this.#agree(what, bare, ending, guest, guest.call(call));
      tally.calls++;
      tally[ending.kind]++;
      this.#compareMeters(what, ending, guests);
      const [first] = guests;
      if (first === undefined) break;
      tally.units += first.used;
      if (oracle.traps.length === 0) this.#equal("units", what, first.used, oracle.used);
      else if (
        !oracle.traps.some((trap) => SIZED_TRAPS.has(trap)) &&
        first.used + BigInt(oracle.traps.length) * this.#mostUnpaid < oracle.used
      ) {
        throw new Mismatch("units", `${what}: ${first.used} units are charged, ${oracle.used} were executed`);
      }
      consumed.push(first.used);
    }
    for (const guest of guests) tally.refuels += guest.refuels;
    return consumed;
  }

  /** Instances under slices that are not below the least. The first is one on V8, to which the others are compared. */
  #guests(program: Program, { least }: { readonly least: bigint }): GuestRun[] {
    const { interpreted, options: { engines = "both" } } = this;
    const all = ALL_SLICES.filter((slice) => slice >= least), one = all[program.bytes.length % all.length];
    const guests = (code: Runnable, slices: readonly bigint[]) =>
      slices.map((slice) => new GuestRun(program, code, { slice }));
    if (interpreted === undefined) return guests(this.prepared, all);
    if (engines === "both") {
      const few = FEW_SLICES.filter((slice) => slice >= least);
      return [...guests(this.prepared, all), ...guests(interpreted, few)];
    }
    return [
      ...guests(this.prepared, all.slice(0, 1)),
      ...guests(interpreted, one === undefined ? [] : [one]),
    ];
  }

  /** What depends on nothing but the code is the same for every slice; and each slice is used up. */
  #compareMeters(what: string, ending: Ending, guests: readonly GuestRun[]): void {
    for (const { refuelsOfCall, used, ledger: { slice }, label } of guests) {
      if (BigInt(refuelsOfCall) > used / slice + 1n) {
        throw new Mismatch("meters", `${what}, ${label}: ${refuelsOfCall} refuels for ${used} units`);
      }
    }
    const [first, ...others] = guests;
    if (first === undefined) return;
    if (ending.kind === "returned") this.#equal("stack", what, first.stackUsed, 0);
    for (const other of others) {
      const meters = (run: GuestRun) => [run.units, run.stackUsed, ...run.hosts.meters];
      this.#equal("meters", `${what}, ${other.label}`, meters(other), meters(first));
    }
  }

  /** With less fuel than it wants, or just enough: stops at the same place whatever the slice. */
  runShort(consumed: readonly bigint[]): void {
    const random = new Random(this.program.bytes.length), number = random.below(consumed.length);
    const total = consumed[number] ?? 0n;
    const budgets = [total, total - 1n, total / 2n, BigInt(random.below(Number(total) + 1))];
    const budget = random.pick(budgets), what = `call ${number}, with ${budget} of ${total} units`;
    const guest = this.#stopAlike(this.program, { number, budget, least: total > LONG ? SMALL : 0n });
    if (guest === undefined) return;
    const { used, stopped } = guest, enough = budget >= total;
    if (enough !== (used <= budget)) throw new Mismatch("stop", `${what}: ${used} are used`);
    if (enough && stopped) throw new Mismatch("stop", `${what}: it is stopped`);
    if (used > total) throw new Mismatch("stop", `${what}: it uses ${used}, more than with all it wants`);
  }

  /** With steps for a long time, or no end at all: stops soon after its budget is used up, and at the same place whatever the slice. */
  runLong(): void {
    const { program } = this, number = program.bytes.length % program.calls.length;
    const calls = program.calls.slice(number).map((call) => ({ ...call, args: deep(call.args) }));
    const long = { ...program, steps: MANY_STEPS, calls };
    const guest = this.#stopAlike(long, { number: 0, budget: LONG_BUDGET, least: MANY_SLICES });
    if (guest === undefined || !guest.stopped) return;
    const overrun = guest.used - LONG_BUDGET;
    if (overrun > MOST_OVERRUN + (hasSizedOperation(program.bytes) ? MOST_AT_ONCE : 0n)) {
      throw new Mismatch(
        "overrun",
        `call ${number}, with ${MANY_STEPS} steps: it overruns its budget by ${overrun} units`,
      );
    }
  }

  /** Runs up to a call that has a budget; undefined when what happened is not defined. */
  #stopAlike(
    program: Program,
    how: { readonly number: number; readonly budget: bigint; readonly least: bigint },
  ): GuestRun | undefined {
    const { number, budget, least } = how, call = program.calls[number];
    if (call === undefined) return undefined;
    const what = `call ${number}, ${call.name}, with ${budget} units and ${program.steps} steps`;
    const results = this.#guests(program, { least }).map((guest) => {
      for (const earlier of program.calls.slice(0, number)) guest.call(earlier);
      guest.ledger.allowance = guest.units + budget;
      const ending = guest.call(call);
      guest.recover();
      return { guest, ending };
    });
    const [first, ...others] = results;
    if (first === undefined || results.some(({ guest }) => guest.undefined)) return undefined;
    this.tally.stopped += first.guest.stopped ? 1 : 0;
    for (const { guest, ending } of others) {
      this.#agree(what, first.guest, first.ending, guest, ending);
      const meters = (run: GuestRun) => [run.stopped, run.used, run.stackUsed, ...run.hosts.meters];
      this.#equal("meters", `${what}, ${guest.label}`, meters(guest), meters(first.guest));
    }
    return first.guest;
  }

  /** Compares the stack counter with who is on the stack, in the first `count` calls. */
  watchStack(count: number): void {
    const watch = new StackWatch(this.program.bytes, this.prepared.origin);
    const guest = new GuestRun(this.program, this.prepared, {
      slice: 1000n,
      entered: (used) => watch.entered(used),
    });
    for (const call of this.program.calls.slice(0, count)) {
      guest.call(call);
      if (watch.fault !== undefined) throw new Mismatch("stack", `${call.name}: ${watch.fault}`);
    }
    this.tally.stacks += watch.compared;
  }

  #agree(what: string, first: Run, expected: Ending, other: Run, actual: Ending): void {
    const interpreted = other instanceof GuestRun && other.interpreted;
    const known = actual.kind === "trapped" ? actual.frames.length : 0;
    const most = interpreted && known >= LEAST_KNOWN ? known : Infinity;
    const comparable = (ending: Ending) => this.#comparable(ending, other, most);
    this.#equal("ending", `${what}, ${other.label}`, comparable(actual), comparable(expected));
    this.#equal("host calls", `${what}, ${other.label}`, other.hosts.log, first.hosts.log);
    this.tally.comparisons++;
    const view = first instanceof GuestRun && interpreted ? this.#guestView : this.#view;
    const found = difference(first.exports, other.exports, view);
    if (found !== undefined) {
      throw new Mismatch("state", `${what}: ${first.label} and ${other.label} differ, ${found}`);
    }
  }

  /** An ending with as much of its frames as can be relied on. */
  #comparable(ending: Ending, other: Run, most: number): unknown {
    if (ending.kind !== "trapped") return ending;
    // The oracle's code is longer, and there is nothing to find the original offsets by.
    const known = this.options.traces === true && other.origin !== undefined;
    return { ...ending, frames: known ? ending.frames.slice(0, most) : [] };
  }

  #equal(aspect: Aspect, what: string, actual: unknown, expected: unknown): void {
    this.tally.comparisons++;
    const [left, right] = [text(actual), text(expected)];
    if (left !== right) throw new Mismatch(aspect, `${what}: ${aspect} ${left} instead of ${right}`);
  }
}

const text = (value: unknown): string =>
  JSON.stringify(value, (_, part) => typeof part === "bigint" ? String(part) : part) ?? "undefined";
