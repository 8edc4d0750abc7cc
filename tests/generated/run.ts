/** Instances that can be called and looked at: on bare V8, as they are or counting, and instrumented. */
import { FuelLedger } from "../../src/guest/fuel.ts";
import type { OriginMap } from "../../src/instrument/origin_map.ts";
import { GuestInstance } from "../../src/guest/instance.ts";
import { InterpreterEngine } from "../../src/guest/interpreter_engine.ts";
import type { EngineCode } from "../../src/guest/engine.ts";
import type { Prepared } from "../../src/guest/prepare.ts";
import { UNITS } from "../analysis/oracle.ts";
import { callExport } from "../instrument/instrumented.ts";
import { attempt, type Ending, isGlobal, show } from "./observe.ts";
import type { Call, Program } from "./program.ts";
import type { Signature } from "./generator/value_type.ts";

/** No budget: what no program consumes. */
export const UNLIMITED = 2n ** 60n;
/** So that V8's own stack never overflows first. */
const DEEPEST = 20;
/** So that the interpreter's does not, either: it is taken four times. */
const INTERPRETER_STACK = 2 ** 20;

/** Functions of a host that count, remember what they were given, and now and then call back. */
class Hosts {
  readonly log: string[] = [];
  /** Counters at each call of a host. */
  readonly meters: string[] = [];
  #calls = 0;
  #depth = 0;
  /** Whether the instance is there and may be called. */
  ready = false;

  constructor(readonly program: Program, readonly run: Run) {}

  function(index: number, signature: Signature): (...args: unknown[]) => unknown {
    return (...args) => {
      const number = this.#calls++;
      this.log.push(`host ${index}(${args.map(show)})`);
      this.meters.push(this.run.meters());
      const depth = Number(args[0] ?? 0);
      if (this.ready && number % 3 === 0 && depth > 1 && this.#depth < DEEPEST) this.#callBack(number, depth);
      const values = signature.results.map((type) => made(type, number));
      return values.length > 1 ? values : values[0];
    };
  }

  #callBack(number: number, depth: number): void {
    const { calls } = this.program, call = calls[number % calls.length];
    if (call === undefined) return;
    this.#depth++;
    const [first, ...rest] = call.args;
    const ending = this.run.callBack({
      ...call,
      args: typeof first === "number" ? [depth - 2, ...rest] : call.args,
    });
    this.#depth--;
    // Offsets are compared where a call of ours traps.
    this.log.push(`back ${call.name}: ${JSON.stringify({ ...ending, frames: [] })}`);
  }
}

function made(type: string, number: number): unknown {
  switch (type) {
    case "i32":
      return Math.imul(number, 2654435761);
    case "i64":
      return BigInt(number) * 0x9e3779b97f4a7c15n;
    case "f32":
    case "f64":
      return number % 5 === 0 ? NaN : number / 3;
    default:
      return number % 2 === 0 ? null : `host value ${number}`;
  }
}

/** One instance of a program, called again and again. */
export abstract class Run {
  readonly hosts: Hosts;
  /** What trapped since the last call began, be it in a call back that the host survived. */
  readonly traps: string[] = [];
  /** Whether anything ended in what is not defined, once and for all. */
  undefined = false;

  constructor(readonly label: string, readonly program: Program) {
    this.hosts = new Hosts(program, this);
  }

  abstract readonly exports: WebAssembly.Exports;
  abstract readonly origin: OriginMap | undefined;
  /** How the start function ended, if there is an instance after all. */
  abstract readonly started: Ending;
  /** Units consumed since the instance was made. */
  abstract readonly units: bigint;
  /** What a host may see of the counters during a call. */
  meters(): string {
    return "";
  }

  /** Units that the last call consumed. */
  used = 0n;

  /** Calls an export, with as many steps as the program gives. */
  call(call: Call): Ending {
    this.traps.length = 0;
    const before = this.units;
    const { steps } = this.exports;
    if (isGlobal(steps)) steps.value = this.program.steps;
    const ending = this.attempt(() => callExport(this.exports, call.name, call.args));
    this.used = this.units - before;
    return ending;
  }

  /** Calls an export out of a call. */
  callBack(call: Call): Ending {
    return this.attempt(() => callExport(this.exports, call.name, call.args));
  }

  protected attempt(call: () => unknown): Ending {
    const ending = attempt(this, call);
    if (ending.kind === "trapped") this.traps.push(ending.trap);
    if (ending.kind === "undefined") this.undefined = true;
    return ending;
  }
}

/** On V8 alone: what everything is measured against. `bytes` may be those of the counting module. */
export class BareRun extends Run {
  exports: WebAssembly.Exports = {};
  readonly origin = undefined;
  readonly started: Ending;

  constructor(label: string, program: Program, bytes: Uint8Array<ArrayBuffer>) {
    super(label, program);
    const module = new WebAssembly.Module(bytes);
    const functions = program.hosts.map((shape, index) =>
      [String(index), this.hosts.function(index, shape)] as const
    );
    this.started = this.attempt(() => {
      this.exports = new WebAssembly.Instance(module, { host: Object.fromEntries(functions) }).exports;
    });
    this.hosts.ready = true;
  }

  get units(): bigint {
    const counter = this.exports[UNITS];
    return counter instanceof WebAssembly.Global ? BigInt(String(counter.value)) : 0n;
  }
}

export interface GuestOptions {
  readonly slice: bigint;
  /** @default UNLIMITED */
  readonly allowance?: bigint;
  /** Called whenever a frame was counted. */
  readonly entered?: (used: number) => void;
  /** What interprets it. @default an interpreter of its own */
  readonly interpreter?: InterpreterEngine;
}

/** What was instrumented, for either engine. */
export type Runnable = Pick<Prepared, "layout" | "origin"> & EngineCode;

function isInterpreted({ module }: EngineCode): boolean {
  return !(module instanceof WebAssembly.Module);
}

/** Instrumented, under a ledger such as a sandbox has. */
export class GuestRun extends Run {
  readonly exports: WebAssembly.Exports;
  readonly started: Ending;
  readonly origin: OriginMap;
  readonly ledger: FuelLedger;
  readonly #instance: GuestInstance;
  /** Whether the interpreter runs it. */
  readonly interpreted: boolean;
  /** Whether it was stopped, for having consumed more than its allowance. */
  stopped = false;
  refuels = 0;
  /** Those of the last call. */
  refuelsOfCall = 0;

  constructor(program: Program, prepared: Runnable, options: GuestOptions) {
    const { slice, allowance = UNLIMITED, entered } = options, interpreted = isInterpreted(prepared);
    super(`${interpreted ? "interpreted, " : ""}slices of ${slice}`, program);
    this.interpreted = interpreted;
    this.origin = prepared.origin;
    this.ledger = new FuelLedger(slice);
    this.ledger.allowance = allowance;
    const imports = program.hosts.map((shape, index) => ({ ours: this.hosts.function(index, shape) }));
    const runner = interpreted
      ? { runner: options.interpreter ?? new InterpreterEngine(INTERPRETER_STACK) }
      : {};
    this.#instance = new GuestInstance(prepared.layout, { ...prepared, ...runner }, imports, {
      refuel: (instance) => {
        this.refuels++;
        if (this.ledger.exhausted) {
          this.stopped = true;
          instance.kill();
        } else this.ledger.grant(instance);
      },
      stack: (instance) => {
        if (entered === undefined) throw new Error("The stack hook was called");
        entered(instance.stackUsed.value);
      },
      unwound: () => {},
      growMemory: () => 1,
      growTable: () => 1,
    });
    this.ledger.add(this.#instance);
    this.exports = this.#instance.exports;
    this.#instance.stackCap.value = entered === undefined ? 0x7fffffff : 0;
    this.started = this.attempt(() => this.#instance.start?.());
    this.hosts.ready = true;
  }

  get units(): bigint {
    return this.ledger.consumed;
  }

  /** Bytes of stack that the counter still holds. */
  get stackUsed(): number {
    return this.#instance.stackUsed.value;
  }

  override meters(): string {
    return `fuel ${this.units}, stack ${this.stackUsed}`;
  }

  override call(call: Call): Ending {
    this.#instance.stackUsed.value = 0;
    this.ledger.reclaim();
    const before = this.refuels, ending = super.call(call);
    this.refuelsOfCall = this.refuels - before;
    return ending;
  }

  /** Ends a call that had an allowance of its own: whoever looks at the instance now calls it, too. */
  recover(): void {
    this.ledger.allowance = UNLIMITED;
    this.#instance.revive();
  }

  /** What a host that goes on after a trap has to do: give back the frames that never ended. */
  override callBack(call: Call): Ending {
    const before = this.#instance.stackUsed.value, ending = super.callBack(call);
    if (ending.kind !== "returned") this.#instance.stackUsed.value = before;
    else if (this.#instance.stackUsed.value !== before) {
      throw new Error("A call back left the stack counter changed");
    }
    return ending;
  }
}
