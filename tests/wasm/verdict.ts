/** Compares what we say of a module with what V8 says. */
import { AegisError, ModuleInvalidError } from "../../src/core/errors.ts";
import { ENGINE_LIMITS } from "../../src/wasm/implementation_limits.ts";
import { BLOCK_KIND, type InstructionReader } from "../../src/wasm/instructions.ts";
import type { Module } from "../../src/wasm/module.ts";
import { op } from "../../src/wasm/opcodes.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import type { ValueType } from "../../src/wasm/types.ts";
import type { FunctionObserver } from "../../src/wasm/validate/function_observer.ts";
import { validateModule } from "../../src/wasm/validate_module.ts";

/** Why we refuse a module, or `undefined` if it is valid. Anything thrown that is no error of ours goes through. */
export function refusal(bytes: Uint8Array): AegisError | undefined {
  try {
    validateModule(readModule(bytes, ENGINE_LIMITS));
    return undefined;
  } catch (error) {
    if (error instanceof AegisError) return error;
    throw error;
  }
}

/** Where we mean to be stricter than V8. */
const STRICTER: Readonly<Record<string, (error: AegisError, bytes: Uint8Array) => boolean>> = {
  "a limit of ours, on a module that is valid": (error) => error.code === "ModuleRefused",
  // V8 looks no further when the lower operand comes out of dead code, and takes even a number above it. The
  // specification (appendix, validation algorithm) pops two operands of type eqref.
  "ref.eq over an operand out of dead code": (error) =>
    error.message.includes(": ref.eq expects eqref, found "),
  // The specification demands a label whose last type is a reference; V8 lets one without types pass.
  "br_on_non_null to a label that takes nothing": (error) =>
    error.message.includes(": br_on_non_null expects a label whose last type is a reference"),
  // Where the cast cannot fail V8 goes on with the operand's own type; by the specification it is that of the cast.
  "br_on_cast_fail of an operand below its declared type": (_, bytes) => hasPreciseCast(bytes),
  // V8 looks at functions on several threads, which now and then miss what the others found: of one module with both,
  // it took 11 of 3000 times.
  "old and new exceptions in functions that V8 looks at side by side": (error) =>
    error.message.includes(" mixes old and new exceptions in one module"),
  // V8 takes i32 … v128 where the type of a passive or declared element segment stands; by the specification it is one
  // of references.
  "an element segment of numbers": (error, bytes) =>
    error instanceof ModuleInvalidError && error.message.includes("must be a reference type") &&
    NUMBER_TYPES.has(bytes[error.offset] ?? 0) && sectionAt(bytes, error.offset) === ELEMENT_SECTION,
  // V8 leaves what a loop gives on the stack, with its own type; by the specification it is that of the loop.
  "a loop whose results are below their declared types": (error, bytes) =>
    error.message.includes(", found ") && hasPreciseLoop(bytes),
};

/** Codes of i32, i64, f32, f64, v128. */
const NUMBER_TYPES: ReadonlySet<number> = new Set([0x7f, 0x7e, 0x7d, 0x7c, 0x7b]);

const ELEMENT_SECTION = 9, HEADER_SIZE = 8;

/** The id of the section that an offset lies in. */
function sectionAt(bytes: Uint8Array, offset: number): number | undefined {
  for (let at = HEADER_SIZE; at < bytes.length;) {
    const id = bytes[at++];
    let size = 0, shift = 0;
    do size += ((bytes[at] ?? 0) & 0x7f) * 2 ** shift; while (
      ((bytes[at++] ?? 0) & 0x80) !== 0 && (shift += 7) < 35
    );
    if (offset < at + size) return id;
    at += size;
  }
  return undefined;
}

const BR_ON_CAST_FAIL = op("br_on_cast_fail");

/** Whether code that we look at, before what we refuse, has a `br_on_cast_fail` over an operand of another type. */
function hasPreciseCast(bytes: Uint8Array): boolean {
  return finds(bytes, () => ({
    instruction: (reader, _height, _reachable, operands) =>
      reader.key === BR_ON_CAST_FAIL && operands.typeAt(0) !== reader.heapType,
  }));
}

const OPENERS: ReadonlySet<number> = new Set(["block", "loop", "if", "try", "try_table"].map(op));
const CLOSERS: ReadonlySet<number> = new Set(["end", "delegate"].map(op));
const LOOP = op("loop");

/** Whether code that we look at, before what we refuse, has a loop that ends with operands of other types than its own. */
function hasPreciseLoop(bytes: Uint8Array): boolean {
  return finds(bytes, (module) => {
    /** Results of the loops, by nesting; nothing for the other blocks. */
    const open: (readonly ValueType[])[] = [];
    return {
      begin: () => open.splice(0),
      instruction(reader, _height, reachable, operands) {
        if (OPENERS.has(reader.key)) open.push(reader.key === LOOP ? blockResults(module, reader) : []);
        if (!CLOSERS.has(reader.key)) return false;
        const results = open.pop()?.toReversed() ?? [];
        return reachable && results.some((type, depth) => operands.typeAt(depth) !== type);
      },
    };
  });
}

function blockResults(module: Module, { blockKind, blockType }: InstructionReader): readonly ValueType[] {
  if (blockKind === BLOCK_KIND.value) return [blockType];
  const type = blockKind === BLOCK_KIND.index ? module.types[blockType]?.composite : undefined;
  return type?.kind === "func" ? type.results : [];
}

/** Looks for an instruction. */
interface Search {
  readonly begin?: () => void;
  readonly instruction: (...seen: Parameters<FunctionObserver["instruction"]>) => boolean;
}

/** Whether a search finds an instruction in code that we look at, before what we refuse. */
function finds(bytes: Uint8Array, searchIn: (module: Module) => Search): boolean {
  let found = false;
  try {
    const module = readModule(bytes, ENGINE_LIMITS), { begin = () => {}, instruction } = searchIn(module);
    validateModule(module, {
      observe: { begin, instruction: (...seen) => void (found = instruction(...seen) || found) },
    });
  } catch {
    // As expected of a module that we refuse.
  }
  return found;
}

/** Counts verdicts; collects those that differ for no reason that has a name. */
export class Comparison {
  compared = 0;
  valid = 0;
  readonly stricter = new Map<string, number>();
  readonly differences: string[] = [];
  readonly #hexBytes: number;

  /** `hexBytes`: modules of no more bytes are written out where verdicts differ. */
  constructor({ hexBytes = 2000 }: { readonly hexBytes?: number } = {}) {
    this.#hexBytes = hexBytes;
  }

  /** `source` says where the bytes come from. */
  add(bytes: Uint8Array<ArrayBuffer>, source: string): void {
    const error = refusal(bytes);
    const isValid = WebAssembly.validate(bytes);
    this.compared++;
    if (isValid) this.valid++;
    if (isValid === (error === undefined)) return;
    const reason = error && Object.keys(STRICTER).find((name) => STRICTER[name]?.(error, bytes));
    if (reason !== undefined) this.stricter.set(reason, (this.stricter.get(reason) ?? 0) + 1);
    else {
      const hex = bytes.length > this.#hexBytes ? "" : `, bytes ${bytes.toHex()}`;
      this.differences.push(`${source}: ${explain(bytes, error)}${hex}`);
    }
  }

  toString(): string {
    const stricter = [...this.stricter].map(([name, count]) => `, ${count} × ${name}`).join("");
    return `${this.compared} modules compared, ${this.valid} of them valid, ${this.differences.length} differ${stricter}`;
  }
}

function explain(bytes: Uint8Array<ArrayBuffer>, error: AegisError | undefined): string {
  if (error !== undefined) return `valid for V8, for us ${error.message}`;
  try {
    new WebAssembly.Module(bytes);
    return `valid for us, invalid for V8 without a reason`;
  } catch (reason) {
    return `valid for us, for V8 ${String(reason)}`;
  }
}

/** The seed of random tests: a fixed one, so that the gate is the same each time, or that of `AEGIS_SEED`. */
export function seed(): number {
  return Number(Deno.env.get("AEGIS_SEED") ?? 1);
}

/** How many random modules a test compares: `AEGIS_MUTATIONS`, for long runs, or as many as take a few seconds. */
export function repetitions(standard: number): number {
  return Number(Deno.env.get("AEGIS_MUTATIONS") ?? standard);
}
