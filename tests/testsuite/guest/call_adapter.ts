/**
 * Calls exports bit by bit. JavaScript cannot pass v128 or exception references, and does not keep the bits of a NaN.
 * So each module gets an adapter, a generated module with one function for each exported function and global:
 *
 *     (func (param the references among the parameters) (result the references among the results)
 *       load the numbers among the parameters from memory, call, store the numbers among the results)
 *
 * Exception references come back as a stored `ref.is_null`, and go in as null. Its type section begins with the
 * module's own, byte for byte, so that its imports have the very types of the exports.
 *
 * It runs in the engine that runs the module, beside the module's instance and as it is: it consumes nothing.
 */
import type { Argument, NumericType, Observed } from "./program.ts";
import type { HostObjects } from "./host_objects.ts";
import type { GuestEngine, HookFunctions, ImportValue } from "../../../src/guest/engine.ts";
import { HOOKS } from "../../../src/instrument/layout.ts";
import { sectionEntries } from "../../../src/instrument/section_entries.ts";
import { type CompiledModule, compileModule } from "../../../src/interp/compile/compile_module.ts";
import { ByteWriter, writeHeapType, writeValueType } from "../../../src/wasm/encoder.ts";
import { EXTERNAL_KINDS, type FunctionType, type Module } from "../../../src/wasm/module.ts";
import {
  F32,
  F64,
  HEAP,
  heapOf,
  I32,
  I64,
  isAbstract,
  isExceptionRef,
  isRef,
  V128,
  type ValueType,
} from "../../../src/wasm/types.ts";

/** Bytes of a place for one value; results begin behind the most parameters that a function can have. */
const SLOT = 16, RESULTS_START = 32768, MEMORY_PAGES = 1;

/** Numbers and vectors: opcodes that load and store them. */
const NUMERIC: ReadonlyMap<ValueType, { name: NumericType; load: number[]; store: number[]; size: number }> =
  new Map([
    [I32, { name: "i32", load: [0x28], store: [0x36], size: 4 }],
    [I64, { name: "i64", load: [0x29], store: [0x37], size: 8 }],
    [F32, { name: "f32", load: [0x2a], store: [0x38], size: 4 }],
    [F64, { name: "f64", load: [0x2b], store: [0x39], size: 8 }],
    [V128, { name: "v128", load: [0xfd, 0x00], store: [0xfd, 0x0b], size: 16 }],
  ]);

const CODE = {
    end: 0x0b,
    call: 0x10,
    localGet: 0x20,
    localSet: 0x21,
    globalGet: 0x23,
    i32Const: 0x41,
  } as const,
  REF_NULL = 0xd0,
  REF_IS_NULL = 0xd1;

/** What an adapter's function stands for. */
interface Target {
  readonly field: string;
  readonly kind: "function" | "global";
  readonly index: number;
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
}

function functionType(module: Module, typeIndex: number): FunctionType {
  const type = module.types[typeIndex]?.composite;
  if (type?.kind !== "func") throw new TypeError(`Type ${typeIndex} is no function type`);
  return type;
}

function targetsOf(module: Module): Target[] {
  return module.exports.flatMap(({ name: field, kind, index }): Target[] => {
    if (kind === "function") {
      const { params, results } = functionType(module, module.functions[index] ?? -1);
      return [{ field, kind, index, params, results }];
    }
    const global = kind === "global" ? module.globals[index] : undefined;
    return global === undefined ? [] : [{ field, kind: "global", index, params: [], results: [global.type] }];
  });
}

/** References that JavaScript can hold. */
function isPassed(type: ValueType): boolean {
  return isRef(type) && !isExceptionRef(type);
}

function writeTypes(writer: ByteWriter, types: readonly ValueType[]): void {
  writer.u32(types.length);
  for (const type of types) writeValueType(writer, type);
}

function access(writer: ByteWriter, opcode: readonly number[], offset: number): void {
  for (const byte of opcode) writer.u8(byte);
  writer.u32(0); // alignment
  writer.u32(offset);
}

function body(target: Target, calleeIndex: number): Uint8Array {
  const writer = new ByteWriter(), passedIn = target.params.filter(isPassed).length;
  writer.u32(target.results.length);
  for (const type of target.results) {
    writer.u32(1);
    writeValueType(writer, type);
  }
  const indexed = (opcode: number, index: number) => {
    writer.u8(opcode);
    writer.u32(index);
  };
  const zero = () => indexed(CODE.i32Const, 0);
  let nextPassed = 0;
  for (const [position, type] of target.params.entries()) {
    const numeric = NUMERIC.get(type);
    if (numeric !== undefined) {
      zero();
      access(writer, numeric.load, position * SLOT);
    } else if (isPassed(type)) indexed(CODE.localGet, nextPassed++);
    else {
      writer.u8(REF_NULL);
      writeHeapType(writer, type);
    }
  }
  indexed(target.kind === "function" ? CODE.call : CODE.globalGet, calleeIndex);
  for (const position of [...target.results.keys()].reverse()) indexed(CODE.localSet, passedIn + position);
  for (const [position, type] of target.results.entries()) {
    const offset = RESULTS_START + position * SLOT, numeric = NUMERIC.get(type);
    if (!isPassed(type)) zero();
    indexed(CODE.localGet, passedIn + position);
    if (numeric !== undefined) access(writer, numeric.store, offset);
    else if (isExceptionRef(type)) {
      writer.u8(REF_IS_NULL);
      access(writer, [0x36], offset);
    }
  }
  writer.u8(CODE.end);
  return writer.written();
}

/** The bytes of a module's adapter. */
function buildAdapter(module: Module, targets: readonly Target[]): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  const { count, entries } = sectionEntries(module, module.sections.find((section) => section.id === 1));
  writer.header();
  writer.section("type", () => {
    writer.u32(count + targets.length);
    writer.bytes(entries);
    for (const { params, results } of targets) {
      writer.u8(0x60);
      writeTypes(writer, params.filter(isPassed));
      writeTypes(writer, results.filter(isPassed));
    }
  });
  writer.section("import", () => {
    writer.u32(targets.length);
    for (const [position, { kind, index }] of targets.entries()) {
      writer.name("");
      writer.name(String(position));
      writer.u8(EXTERNAL_KINDS[kind]);
      if (kind === "function") writer.u32(module.functions[index] ?? 0);
      else {
        const global = module.globals[index];
        writeValueType(writer, global?.type ?? I32);
        writer.u8(global?.mutable ? 1 : 0);
      }
    }
  });
  writer.section("function", () => {
    writer.u32(targets.length);
    for (const position of targets.keys()) writer.u32(module.types.length + position);
  });
  writer.section("memory", () => {
    writer.u32(1);
    writer.u8(0);
    writer.u32(MEMORY_PAGES);
  });
  const functions = targets.filter(({ kind }) => kind === "function").length;
  writer.section("export", () => {
    writer.u32(targets.length + 1);
    for (const position of targets.keys()) {
      writer.name(String(position));
      writer.u8(EXTERNAL_KINDS.function);
      writer.u32(functions + position);
    }
    writer.name("memory");
    writer.u8(EXTERNAL_KINDS.memory);
    writer.u32(0);
  });
  writer.section("code", () => {
    writer.u32(targets.length);
    let nextFunction = 0, nextGlobal = 0;
    for (const target of targets) {
      const code = body(target, target.kind === "function" ? nextFunction++ : nextGlobal++);
      writer.u32(code.length);
      writer.bytes(code);
    }
  });
  return Uint8Array.from(writer.written());
}

/** The memories of an adapter, for which the interpreter has a core. */
export const ADAPTER_MEMORIES = ["i32"] as const;

/** What an engine wants for each instance, and nothing calls in code that is not instrumented. */
const NO_HOOKS = Object.fromEntries(Object.keys(HOOKS).map((name) => [name, () => 0])) as HookFunctions; // all of them

/** Where an adapter runs: in bare V8, or in the store of a guest. */
export type AdapterEngine = "v8" | {
  readonly interpreter: GuestEngine;
  /** The interpreter's core for {@linkcode ADAPTER_MEMORIES}. */
  readonly core: WebAssembly.Module;
};

/** A module's adapter; it serves any number of instances. */
export class AdapterModule {
  readonly targets: readonly Target[];
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #forV8: WebAssembly.Module | undefined;
  #forInterpreter: CompiledModule | undefined;

  constructor(readonly module: Module) {
    this.targets = targetsOf(module);
    this.#bytes = buildAdapter(module, this.targets);
  }

  instantiate(exports: WebAssembly.Exports, engine: AdapterEngine): WebAssembly.Exports {
    // `as`: exports of a module are what another may import, and what is not there is refused.
    const values = this.targets.map(({ field }) => exports[field]) as WebAssembly.ExportValue[];
    if (engine === "v8") {
      this.#forV8 ??= new WebAssembly.Module(this.#bytes);
      return new WebAssembly.Instance(this.#forV8, { "": { ...values } } as unknown as WebAssembly.Imports)
        .exports;
    }
    const module = this.#forInterpreter ??= compileModule(this.#bytes), support = engine.core;
    const imports = values.map((value): ImportValue => ({ value }));
    return engine.interpreter.instantiate({ module, support }, { imports, hooks: NO_HOOKS }).exports;
  }
}

/** What an adapter is made for. */
export interface Adapted {
  readonly exports: WebAssembly.Exports;
  readonly engine: AdapterEngine;
  readonly hosts: HostObjects;
}

/** Calls the exports of one instance. */
export class CallAdapter {
  readonly #adapter: AdapterModule;
  readonly #exports: WebAssembly.Exports;
  readonly #view: DataView;
  readonly #hosts: HostObjects;

  constructor(adapter: AdapterModule, { exports, engine, hosts }: Adapted) {
    this.#adapter = adapter;
    this.#hosts = hosts;
    this.#exports = adapter.instantiate(exports, engine);
    this.#view = new DataView((this.#exports.memory as WebAssembly.Memory).buffer); // `as`: see buildAdapter
  }

  /**
   * Stores the arguments, calls within `enter`, and reads the results.
   *
   * @param enter runs the call itself
   */
  call(
    kind: Target["kind"],
    field: string,
    args: readonly Argument[],
    enter: (call: () => unknown) => unknown,
  ): Observed[] {
    const position = this.#adapter.targets.findIndex((item) => item.field === field && item.kind === kind);
    const target = this.#adapter.targets[position], entry = this.#exports[String(position)];
    if (target === undefined || typeof entry !== "function") {
      throw new TypeError(`No ${kind} is exported as "${field}"`);
    }
    if (args.length !== target.params.length) throw new TypeError(`"${field}" takes other arguments`);
    const passed: unknown[] = [];
    for (const [index, type] of target.params.entries()) this.#store(args[index], type, index, passed);
    const returned = enter(() => entry(...passed));
    const references = target.results.filter(isPassed).length === 1
      ? [returned]
      : [...(returned ?? []) as []];
    return target.results.map((type, index) => this.#observe(type, index, references));
  }

  #store(arg: Argument | undefined, type: ValueType, index: number, passed: unknown[]): void {
    const numeric = NUMERIC.get(type);
    if (arg !== undefined && "bits" in arg) {
      if (arg.type !== numeric?.name) throw new TypeError(`Parameter ${index} is no ${arg.type}`);
      this.#view.setBigUint64(index * SLOT, BigInt.asUintN(64, arg.bits), true);
      this.#view.setBigUint64(index * SLOT + 8, arg.bits >> 64n, true);
    } else if (numeric !== undefined) throw new TypeError(`Parameter ${index} is a ${numeric.name}`);
    else if (isPassed(type)) passed.push(arg?.type === "host" ? this.#hosts.object(arg.host) : null);
  }

  #observe(type: ValueType, index: number, references: unknown[]): Observed {
    const offset = RESULTS_START + index * SLOT, numeric = NUMERIC.get(type);
    if (numeric === undefined) {
      if (!isExceptionRef(type)) return this.#classify(type, references.shift());
      return { type: "ref", is: this.#view.getUint32(offset, true) === 1 ? "null" : "exn" };
    }
    const low = numeric.size === 4
      ? BigInt(this.#view.getUint32(offset, true))
      : this.#view.getBigUint64(offset, true);
    const high = numeric.size === 16 ? this.#view.getBigUint64(offset + 8, true) : 0n;
    return { type: numeric.name, bits: high << 64n | low };
  }

  #classify(type: ValueType, value: unknown): Observed {
    if (value === null) return { type: "ref", is: "null" };
    const { types } = this.#adapter.module, heap = heapOf(type);
    if (
      isAbstract(type) ? heap === HEAP.func || heap === HEAP.nofunc : types[heap]?.composite.kind === "func"
    ) {
      return { type: "ref", is: typeof value === "function" ? "func" : "host" };
    }
    const is = isAbstract(type) && (heap === HEAP.extern || heap === HEAP.noextern)
      ? "extern"
      : this.#hosts.kindOf(value);
    const host = this.#hosts.numberOf(value);
    return { type: "ref", is, ...(host === undefined ? {} : { host }) };
  }
}
