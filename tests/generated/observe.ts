/** What can be seen of a call and of an instance, in a form that can be compared between runs. */
import { Buffer } from "node:buffer";
import { originalFrames, withAllFrames } from "./frames.ts";
import type { OriginMap } from "../../src/instrument/origin_map.ts";
import { InterpreterGlobal, InterpreterTable } from "../../src/interp/run/externals.ts";
import { interpreterFrames, thrownBy, type UncaughtException } from "../../src/interp/run/traps.ts";
import { type TrapCode, trapFromV8Message } from "../../src/core/trap.ts";

/** How a call ended. */
export type Ending =
  | { readonly kind: "returned"; readonly values: readonly string[] }
  | { readonly kind: "threw"; readonly tag: string; readonly payload: readonly string[] }
  /** `frames` are offsets in the original module, innermost first. */
  | { readonly kind: "trapped"; readonly trap: TrapCode; readonly frames: readonly number[] }
  /** V8's own stack overflow, or no memory: depends on the weather. */
  | { readonly kind: "undefined"; readonly message: string };

/** Values as text: bits but for those of a NaN. Of functions no more than that they are: an imported one has another number here and there. */
export function show(value: unknown): string {
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "function";
  if (Array.isArray(value)) return value.map(show).join();
  return typeof value === "string" ? `"${value}"` : String(value);
}

const asList = (value: unknown): unknown[] => Array.isArray(value) ? value : [value];

/** An instance, as far as the ending of a call depends on it. */
export interface Callee {
  readonly exports: WebAssembly.Exports;
  /** Of an instrumented module. */
  readonly origin: OriginMap | undefined;
}

/** Calls, and tells how it ended. */
export function attempt(callee: Callee, call: () => unknown): Ending {
  try {
    return { kind: "returned", values: asList(withAllFrames(call)).map(show) };
  } catch (error) {
    return endingOf(error, callee);
  }
}

function endingOf(error: unknown, { exports, origin }: Callee): Ending {
  if (error instanceof WebAssembly.RuntimeError) {
    const frames = originalFrames(interpreterFrames(error) ?? error.stack, origin);
    return { kind: "trapped", trap: trapFromV8Message(error.message), frames };
  }
  if (error instanceof RangeError) return { kind: "undefined", message: error.message };
  const interpreted = thrownBy(error);
  if (interpreted !== undefined) {
    const [name = "?"] = Object.entries(exports).find(([, value]) => value === interpreted.tag) ?? [];
    return { kind: "threw", tag: name, payload: name === "?" ? [] : shownPayload(interpreted) };
  }
  if (isException(error)) {
    for (const [name, tag] of Object.entries(exports)) {
      if (isTag(tag) && error.is(tag)) return { kind: "threw", tag: name, payload: payload(error, tag) };
    }
    return { kind: "threw", tag: "?", payload: [] };
  }
  throw error;
}

interface Tag {
  readonly isTag?: never;
}

interface Exception {
  is(tag: Tag): boolean;
  getArg(tag: Tag, index: number): unknown;
}

/** `as`: the types that Deno ships do not know these two classes, which V8 has. */
const { Tag: TagClass, Exception: ExceptionClass } = WebAssembly as unknown as {
  Tag: new () => Tag;
  Exception: new () => Exception;
};

const isTag = (value: unknown): value is Tag => value instanceof TagClass;
const isException = (value: unknown): value is Exception => value instanceof ExceptionClass;

/** As much as V8 gives of one: what comes before a value that JavaScript does not have. */
function shownPayload({ payload }: UncaughtException): string[] {
  const end = payload.indexOf(undefined);
  return payload.slice(0, end < 0 ? payload.length : end).map(show);
}

function payload(error: Exception, tag: Tag): string[] {
  const values: string[] = [];
  for (let index = 0;; index++) {
    try {
      values.push(show(error.getArg(tag, index)));
    } catch {
      return values; // past its end
    }
  }
}

type AnyGlobal = WebAssembly.Global | InterpreterGlobal;
type AnyTable = WebAssembly.Table | InterpreterTable;

/** Whether it is a global, of V8 or of the interpreter. */
export function isGlobal(value: unknown): value is AnyGlobal {
  return value instanceof WebAssembly.Global || value instanceof InterpreterGlobal;
}

function isTable(value: unknown): value is AnyTable {
  return value instanceof WebAssembly.Table || value instanceof InterpreterTable;
}

/** What is looked at, and how. */
export interface View {
  /** Exports of the original module. */
  readonly names: readonly string[];
  /** Whether these numbers of two functions may be those of one that is imported. */
  readonly mayBeImport: (one: string, other: string) => boolean;
}

/** Why two instances do not look the same from outside; undefined if they do. */
export function difference(
  first: WebAssembly.Exports,
  second: WebAssembly.Exports,
  seen: View,
): string | undefined {
  for (const name of seen.names) {
    const one = first[name], other = second[name];
    const found = one instanceof WebAssembly.Memory && other instanceof WebAssembly.Memory
      ? memoryDifference(one, other)
      : isGlobal(one) && isGlobal(other)
      ? valueDifference(one.value, other.value, seen)
      : isTable(one) && isTable(other)
      ? tableDifference(one, other, seen)
      : typeof one === "function" && name.startsWith("see") && typeof other === "function"
      ? valueDifference(look(() => one()), look(() => other()), seen)
      : undefined;
    if (found !== undefined) return `${name}: ${found}`;
  }
  return undefined;
}

/** A function by which a program shows something was changed so that it traps: nothing can be compared. */
export class Unseen extends Error {
  override readonly name = "Unseen";
}

function look(show: () => unknown): unknown {
  try {
    return show();
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) throw new Unseen(error.message);
    throw error;
  }
}

function memoryDifference(one: WebAssembly.Memory, other: WebAssembly.Memory): string | undefined {
  const left = Buffer.from(one.buffer), right = Buffer.from(other.buffer);
  if (left.length !== right.length) return `${left.length} bytes, ${right.length} bytes`;
  if (left.equals(right)) return undefined;
  const at = left.findIndex((byte, index) => byte !== right[index]);
  return `byte ${left[at]} at ${at}, ${right[at]}`;
}

function valueDifference(
  one: unknown,
  other: unknown,
  seen: View,
): string | undefined {
  const left = show(one), right = show(other);
  if (left !== right) return `${left}, ${right}`;
  if (typeof one !== "function" || typeof other !== "function") return undefined;
  // An imported function comes out of another module here and there, so its number tells nothing.
  return one.name === other.name || seen.mayBeImport(one.name, other.name)
    ? undefined
    : `function ${one.name}, ${other.name}`;
}

function tableDifference(
  one: AnyTable,
  other: AnyTable,
  seen: View,
): string | undefined {
  if (Number(one.length) !== Number(other.length)) return `${one.length} elements, ${other.length}`;
  for (const at of positions(Number(one.length))) {
    const found = valueDifference(element(one, at), element(other, at), seen);
    if (found !== undefined) return `element ${at}: ${found}`;
  }
  return undefined;
}

/** All positions of a small table; of a large one its ends and some between. */
function positions(length: number): number[] {
  if (length <= 200) return Array.from({ length }, (_, at) => at);
  return Array.from({ length: 200 }, (_, at) => at < 100 ? at : length - 1 - (at - 100) * 7).filter((at) =>
    at >= 0
  );
}

/** `as`: a table whose indices are wide takes them as bigint, which Deno's types do not know. */
function element(table: AnyTable, at: number): unknown {
  return typeof (table.length as unknown) === "bigint"
    ? (table.get as (index: unknown) => unknown).call(table, BigInt(at))
    : table.get(at);
}
