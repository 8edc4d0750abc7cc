/** Writes what a guest does: each call, or each instruction. */
import { CallStack, type FrameEnd, type StackFrame, type StackListener } from "./call_stack.ts";
import type { NameFilter } from "./name_filter.ts";
import type { TraceLines } from "./trace_lines.ts";
import type { WatchedModule } from "./watched_module.ts";
import { readValue } from "./watched_value.ts";
import type { WatchLevel } from "../compile/watch_code.ts";
import { widthOf } from "../owned_layout.ts";
import type { Instance } from "../run/instance.ts";
import type { Store } from "../run/store.ts";
import type { LeavingCall, WatchedPlace, Watcher } from "../run/watcher.ts";
import type { ValueType } from "../../wasm/types.ts";

/** Steps where none is looked at. */
export const NO_STEPS = 0x7fffffff;

/** Deeper calls stand no further in. */
const MOST_INDENT = 60;

/** Values of one call or return that are written. */
const MOST_VALUES = 16;

const ENDS: Readonly<Record<FrameEnd, string>> = {
  returned: "",
  replaced: "tail call, ",
  unwound: "exception, ",
  stopped: "stopped, ",
};

export interface TraceOptions {
  readonly level: WatchLevel;
  readonly filter: NameFilter;
  readonly lines: TraceLines;
  readonly store: Store;
  /** Fuel that the sandbox has consumed. */
  readonly consumed: () => bigint;
  readonly moduleOf: (instance: Instance) => WatchedModule | undefined;
}

export class Trace implements Watcher {
  readonly #options: TraceOptions;
  readonly #stack: CallStack;
  /** By instance: indices of the imported functions, by their numbers in the store. */
  readonly #imports = new WeakMap<Instance, ReadonlyMap<number, number>>();
  /** Calls that were written and have not ended. */
  #depth = 0;

  constructor(options: TraceOptions) {
    const { consumed, moduleOf, store } = options;
    const listener: StackListener = {
      charged: () => {},
      entered: (frame) => this.#began(frame),
      left: (frame, end, units) => this.#ended(frame, end, units),
    };
    this.#options = options;
    this.#stack = new CallStack({
      listener,
      consumed,
      moduleOf,
      word: (address) => store.machine.word(address),
    });
  }

  get steps(): number {
    return this.#options.level === "instructions" && !this.#options.lines.cut ? 1 : NO_STEPS;
  }

  entered(place: WatchedPlace): void {
    this.#stack.enter(place);
  }

  left(place: WatchedPlace): void {
    this.#stack.leave(place);
  }

  unwound(fp: number): void {
    this.#stack.unwind(fp);
  }

  failed(fp: number): void {
    this.#stack.fail(fp);
  }

  /** The call has ended. */
  end(): void {
    this.#options.lines.flush();
  }

  stepped({ instance, pc, fp }: WatchedPlace): void {
    const { filter, lines, moduleOf, store } = this.#options, module = moduleOf(instance);
    if (module === undefined || lines.cut) return;
    const position = pc - instance.code >> 2, stop = module.stopAt(position), body = module.bodyAt(position);
    const index = module.functionOf(body);
    if (!filter.has(module, index)) return;
    const offset = module.data.stopOffsets[stop] ?? 0, text = module.textAt(offset);
    const operands = module.topOperands(body, stop).reverse()
      .map(({ type, at }) => valueText(store, type, fp + at)).join(", ");
    const where = `0x${offset.toString(16).padStart(5, "0")}  ${module.nameOf(index)}`;
    lines.write(`${where}  ${operands === "" ? text : `${text.padEnd(20)}  [${operands}]`}`);
  }

  calling({ instance }: WatchedPlace, { target, base }: LeavingCall): void {
    const { module, index } = this.#imported(instance, target) ?? {};
    if (module === undefined || index === undefined || !this.#shows(module, index)) return;
    const args = this.#values(target.type.params, base);
    this.#line(this.#depth++, `-> ${module.nameOf(index)}(${args})`);
  }

  returned({ instance }: WatchedPlace, { target, base }: LeavingCall): void {
    const { module, index } = this.#imported(instance, target) ?? {};
    if (module === undefined || index === undefined || !this.#shows(module, index)) return;
    const results = this.#values(target.type.results, base);
    this.#line(--this.#depth, `<- ${module.nameOf(index)}${results === "" ? "" : ` = ${results}`}`);
  }

  /** The function as the module that calls it knows it; undefined for what is no import of its own. */
  #imported(instance: Instance, target: LeavingCall["target"]) {
    const module = this.#options.moduleOf(instance);
    if (module === undefined) return undefined;
    let imports = this.#imports.get(instance);
    if (imports === undefined) {
      const own = instance.functions.slice(0, module.original.imported.function);
      imports = new Map(own.map(({ number }, index) => [number, index]));
      this.#imports.set(instance, imports);
    }
    const index = imports.get(target.number);
    return index === undefined ? undefined : { module, index };
  }

  #shows(module: WatchedModule, index: number): boolean {
    const { level, filter, lines } = this.#options;
    return level === "functions" && !lines.cut && filter.has(module, index);
  }

  #began({ module, body, fp }: StackFrame): void {
    const index = module.functionOf(body);
    if (!this.#shows(module, index)) return;
    const args = this.#values(module.typeOf(index).params, fp);
    this.#line(this.#depth++, `-> ${module.nameOf(index)}(${args})`);
  }

  #ended({ module, body, fp }: StackFrame, end: FrameEnd, units: bigint): void {
    const index = module.functionOf(body);
    if (!this.#shows(module, index)) return;
    const results = end === "returned" ? this.#values(module.typeOf(index).results, fp) : "";
    this.#line(
      --this.#depth,
      `<- ${module.nameOf(index)}${results === "" ? "" : ` = ${results}`}  (${ENDS[end]}fuel ${units})`,
    );
  }

  #line(depth: number, text: string): void {
    this.#options.lines.write(`${"  ".repeat(Math.max(0, Math.min(depth, MOST_INDENT)))}${text}`);
  }

  #values(types: readonly ValueType[], address: number): string {
    const shown: string[] = [];
    let at = address;
    for (const type of types.slice(0, MOST_VALUES)) {
      shown.push(valueText(this.#options.store, type, at));
      at += widthOf(type);
    }
    if (types.length > MOST_VALUES) shown.push("…");
    return shown.join(", ");
  }
}

function valueText(store: Store, type: ValueType, address: number): string {
  const value = readValue(store, type, address);
  return `${value.type} ${value.text}`;
}
