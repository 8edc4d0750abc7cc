import { isContentKind, type Kind, loweredType, type Signature } from "../core/signature.ts";
import { formatFuncType, type FuncType, VALUE_KINDS, type ValueKind } from "../core/value.ts";
import type { Engine } from "../core/engine.ts";
import type { Prepared } from "../guest/prepare.ts";
import type { WatchLevel } from "./load_options.ts";
import type { BatchShape } from "../protocol/batch_frames.ts";
import { functionAt, originalOffset } from "../instrument/origin_map.ts";
import type { ExportDescription, ImportDescription } from "../wasm/external_type.ts";
import type { TrapFrame } from "../core/trap.ts";

const PREPARED = Symbol("prepared"), FUNCTION = Symbol("function"), ORIGINAL = Symbol("original");

/** An exported function as calls need it. */
export interface ExportedFunction {
  /** Among the exports. */
  readonly index: number;
  readonly type: FuncType;
  /** How the module says that it is meant. */
  readonly signature: Signature | undefined;
  /** Its type, when it takes and returns numbers. */
  readonly shape: BatchShape | undefined;
  /** The same, unless the module says that some of the numbers are text or the like. */
  readonly numbers: BatchShape | undefined;
}

function isNumeric(kinds: readonly string[]): kinds is readonly ValueKind[] {
  return kinds.every((kind) => (VALUE_KINDS as readonly string[]).includes(kind));
}

/** A module that was checked, instrumented and compiled. Immutable; any number of sandboxes can load it. */
export class AegisModule {
  /** @ignore What the host keeps of it. */
  readonly [PREPARED]: Prepared;
  /** @ignore The bytes it was made from, where a snapshot may need them. */
  readonly [ORIGINAL]: Uint8Array<ArrayBuffer> | undefined;
  #byName: ReadonlyMap<string, ExportDescription> | undefined;
  /** Functions that were called. */
  readonly #functions: Map<string, ExportedFunction> = new Map();
  /** The last of them: it is likely called again. */
  #lastCalled: { readonly name: string; readonly found: ExportedFunction } | undefined;
  /** Name given when it was loaded: a file's name, for instance. */
  readonly name: string | undefined;
  /** SHA-256 of the original bytes, in hexadecimal. */
  readonly hash: string;

  /** Made by a runtime; see `Aegis.loadBytes`. */
  constructor(
    prepared: Prepared,
    identity: {
      readonly hash: string;
      readonly name: string | undefined;
      readonly original?: Uint8Array<ArrayBuffer> | undefined;
    },
  ) {
    this[PREPARED] = prepared;
    this[ORIGINAL] = identity.original;
    this.hash = identity.hash;
    this.name = identity.name;
  }

  /** What runs it; all modules of a sandbox have the same. */
  get engine(): Engine {
    return this[PREPARED].engine;
  }

  /** How closely its code can be watched; undefined for code that is fast. */
  get watch(): WatchLevel | undefined {
    return this[PREPARED].watch;
  }

  /** What the original module exports, in order. */
  get exports(): readonly ExportDescription[] {
    return this[PREPARED].layout.exports;
  }

  /** What the original module imports, in order. */
  get imports(): readonly ImportDescription[] {
    return this[PREPARED].layout.imports;
  }

  /** Bytes of the original module. */
  get size(): number {
    return this[PREPARED].declared.moduleSize;
  }

  /** Bytes after instrumentation. */
  get instrumentedSize(): number {
    return this[PREPARED].instrumentedSize;
  }

  /** The export of that name; undefined when there is none. */
  exportOf(name: string): ExportDescription | undefined {
    // A letter in front: V8 hashes strings of digits by value, so a guest could choose names that all collide.
    this.#byName ??= new Map(this.exports.map((item) => [`n${item.name}`, item]));
    return this.#byName.get(`n${name}`);
  }

  /** The type of an exported function; undefined when there is none of that name. */
  functionType(name: string): FuncType | undefined {
    const type = this.exportOf(name)?.type;
    return type?.kind === "function" ? { params: type.params, results: type.results } : undefined;
  }

  /** @ignore An exported function as calls need it; undefined when there is none of that name. */
  [FUNCTION](name: string): ExportedFunction | undefined {
    if (this.#lastCalled?.name === name) return this.#lastCalled.found;
    const key = `n${name}`, found = this.#functions.get(key) ?? this.#describeFunction(name);
    if (found === undefined) return undefined;
    this.#functions.set(key, found);
    this.#lastCalled = { name, found };
    return found;
  }

  #describeFunction(name: string): ExportedFunction | undefined {
    const type = this.functionType(name), signature = this.signature(name);
    if (type === undefined) return undefined;
    const shape = isNumeric(type.params) && isNumeric(type.results)
      ? { params: type.params, results: type.results }
      : undefined;
    const isContent = signature !== undefined &&
      [...signature.params, ...signature.results].some(isContentKind);
    return {
      index: this.exports.findIndex((item) => item.name === name),
      type,
      signature,
      shape,
      numbers: isContent ? undefined : shape,
    };
  }

  /** Every kind that the module itself speaks of. */
  get signatureKinds(): Kind[] {
    return [...this[PREPARED].signatures.values()].flatMap(({ params, results }) => [...params, ...results]);
  }

  /** How an exported function is meant, where the module says so in its section `aegis:signatures`. */
  signature(name: string): Signature | undefined {
    const signature = this[PREPARED].signatures.get(name), type = this.functionType(name);
    if (signature === undefined || type === undefined) return undefined;
    // A hint that does not fit is none.
    return formatFuncType(loweredType(signature)) === formatFuncType(type) ? signature : undefined;
  }

  /** Names of the exported functions, in order. */
  functionNames(): string[] {
    return this.exports.filter((item) => item.type.kind === "function").map((item) => item.name);
  }
}

/** The inside of a module; not part of the public interface. */
export function preparedOf(module: AegisModule): Prepared {
  return module[PREPARED];
}

/** The bytes a module was made from, where they are kept; not part of the public interface. */
export function originalOf(module: AegisModule): Uint8Array<ArrayBuffer> | undefined {
  return module[ORIGINAL];
}

/** An exported function as calls need it; not part of the public interface. */
export function exportedFunction(module: AegisModule, name: string): ExportedFunction | undefined {
  return module[FUNCTION](name);
}

/** The frame at an offset of the instrumented module, in terms of the original; undefined for code that was added. */
export function originalFrame(module: AegisModule, instrumentedOffset: number): TrapFrame | undefined {
  const prepared = preparedOf(module), { origin, layout } = prepared;
  const offset = originalOffset(origin, instrumentedOffset);
  const functionIndex = offset === undefined ? undefined : functionAt(origin, offset);
  if (offset === undefined || functionIndex === undefined) return undefined;
  const functionName = prepared.functionNames.get(functionIndex) ??
    layout.exports.find((item) => item.type.kind === "function" && item.index === functionIndex)?.name;
  return { functionIndex, offset, ...(functionName === undefined ? {} : { functionName }) };
}
