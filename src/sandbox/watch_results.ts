/** What a guest that is watched says, read as what whoever watches gets. It is checked: its thread may be forged. */
import { FrameError } from "../protocol/frame.ts";
import { decodeWatch } from "../protocol/watch_messages.ts";

/** A value of a guest's, for a person. */
export interface WatchedValue {
  /** As the text format has it: `i32`, `funcref`. */
  readonly type: string;
  /** In decimal; v128 as `0x` and 32 digits from the lowest byte on; references as `null`, `func 3`, `extern` or `exn`. */
  readonly text: string;
}

/** A function on the stack of a guest that stands still. */
export interface WatchedFrame {
  /** Its index in the module. */
  readonly functionIndex: number;
  /** Its name in the name section, or that of an export, or its index. */
  readonly functionName: string;
  /** In bytes from the start of the module: of the instruction that comes next, in callers of the call. */
  readonly offset: number;
  /** That instruction, as text. */
  readonly text: string;
  /** Parameters and locals; at most 256 are told. */
  readonly locals: readonly WatchedValue[];
  /** How many there are. */
  readonly localCount: number;
  /** Operands, the top last; at most the uppermost 256, and those of the innermost function alone. */
  readonly operands: readonly WatchedValue[];
  /** How many there are. */
  readonly operandCount: number;
}

/** Why a guest stands still: so many instructions were stepped, a breakpoint was met, a function was left. */
export type DebugReason = "step" | "breakpoint" | "left";

/** Where a guest stands still. */
export interface DebugStop {
  /** Why. */
  readonly reason: DebugReason;
  /** Fuel units that the sandbox has consumed, with those that are not yet charged. */
  readonly fuel: bigint;
  /** The index of its function. */
  readonly functionIndex: number;
  /** Its name, as in {@linkcode WatchedFrame.functionName}. */
  readonly functionName: string;
  /** Of the instruction that comes next, in bytes from the start of the module. */
  readonly offset: number;
  /** That instruction, as text. */
  readonly text: string;
}

/** What one function consumed. */
export interface ProfiledFunction {
  /** Its index in the module. */
  readonly index: number;
  /** Its name in the name section, or that of an export, or its index. */
  readonly name: string;
  /** How often it was called. */
  readonly calls: number;
  /** Fuel units that its own code consumed. */
  readonly self: number;
  /** The same with all that it called. */
  readonly total: number;
}

/** What a call consumed, by function. */
export interface ProfileResult {
  /** Fuel units of all functions, and of {@linkcode other}. */
  readonly fuel: number;
  /** Those whose own code consumed most first. */
  readonly functions: readonly ProfiledFunction[];
  /**
   * Collapsed stacks, as flame graphs are drawn from: lines `main;f;g 1234`, each a way to a function and the units that it
   * consumed there by itself.
   */
  readonly stacks: string;
  /** Fuel units that belong to no function. */
  readonly other: number;
  /** Whether there were more functions, or ways, than are told apart: what they consumed is counted to their callers. */
  readonly cut: boolean;
}

const REASONS: readonly DebugReason[] = ["step", "breakpoint", "left"];

/** @throws {FrameError} for what is none */
export function readStop(bytes: Uint8Array): DebugStop {
  const said = record(decode(bytes)), reason = REASONS.find((known) => known === said["reason"]);
  const fuel = text(said["fuel"]);
  if (reason === undefined || !/^\d{1,20}$/.test(fuel)) throw malformed();
  return { reason, fuel: BigInt(fuel), ...place(said) };
}

/** @throws {FrameError} */
export function readFrames(bytes: Uint8Array): WatchedFrame[] {
  return list(decode(bytes)).map((item) => {
    const said = record(item);
    return {
      ...place(said),
      locals: list(said["locals"]).map(value),
      localCount: whole(said["localCount"]),
      operands: list(said["operands"]).map(value),
      operandCount: whole(said["operandCount"]),
    };
  });
}

/** @throws {FrameError} */
export function readProfile(bytes: Uint8Array): ProfileResult {
  const said = record(decode(bytes));
  return {
    fuel: whole(said["fuel"]),
    functions: list(said["functions"]).map((item) => {
      const row = record(item), { name } = row;
      return {
        index: whole(row["index"]),
        name: text(name),
        calls: whole(row["calls"]),
        self: whole(row["self"]),
        total: whole(row["total"]),
      };
    }),
    stacks: text(said["stacks"]),
    other: whole(said["other"]),
    cut: said["cut"] === true,
  };
}

/** @throws {FrameError} */
export function readTraceEnd(bytes: Uint8Array): { readonly lines: number; readonly cut: boolean } {
  const said = record(decode(bytes));
  return { lines: whole(said["lines"]), cut: said["cut"] === true };
}

function place(said: Record<string, unknown>): Omit<DebugStop, "reason" | "fuel"> {
  return {
    functionIndex: whole(said["functionIndex"]),
    functionName: text(said["functionName"]),
    offset: whole(said["offset"]),
    text: text(said["text"]),
  };
}

function value(item: unknown): WatchedValue {
  const said = record(item);
  return { type: text(said["type"]), text: text(said["text"]) };
}

function decode(bytes: Uint8Array): unknown {
  try {
    return decodeWatch(bytes);
  } catch {
    throw malformed();
  }
}

function record(said: unknown): Record<string, unknown> {
  if (typeof said !== "object" || said === null || Array.isArray(said)) throw malformed();
  return said as Record<string, unknown>; // it is an object
}

function list(said: unknown): readonly unknown[] {
  if (!Array.isArray(said)) throw malformed();
  return said;
}

function text(said: unknown): string {
  if (typeof said !== "string") throw malformed();
  return said;
}

function whole(said: unknown): number {
  if (typeof said !== "number" || !Number.isSafeInteger(said)) throw malformed();
  return said;
}

function malformed(): FrameError {
  return new FrameError("Cannot read what a watched guest says: it is malformed");
}
