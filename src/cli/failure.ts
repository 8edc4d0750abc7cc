/** How an error becomes lines, JSON and an exit status; one place for all commands and both processes. */
import {
  AegisError,
  CapabilityDeniedError,
  ERROR_CODES,
  ExitError,
  ModuleInvalidError,
  ModuleRefusedError,
  OutOfFuelError,
  TrapError,
} from "../core/errors.ts";
import { type Json, jsonNumber } from "../core/json.ts";
import type { TrapFrame } from "../core/trap.ts";
import { formatOffset } from "../core/bytes.ts";
import { flagOfField } from "./flags/setting_flags.ts";
import { groupDigits } from "../core/group_digits.ts";
import { isLimitName } from "../core/limit_bounds.ts";
import { ManifestError } from "../manifest/at.ts";
import { jsonTime } from "./json.ts";
import { printable, printableName } from "./printable.ts";
import type { Style } from "./style.ts";

/** The exit status of a command that ends with this error. */
export function statusOf(error: unknown): number {
  if (error instanceof ExitError) return error.status;
  return error instanceof AegisError ? ERROR_CODES[error.code].status : 1;
}

/** Why a module is refused, without the advice, and without the library's name of the limit: a run has flags. */
function refusalText({ reason, field }: ModuleRefusedError): string {
  return field === undefined || !isLimitName(field)
    ? reason
    : reason.replace(`, ${field} is `, ", the limit is ");
}

/** The message for a person; an error that is none of ours shows no stack, since nobody outside could read it. */
export function messageOf(error: unknown): string {
  if (error instanceof ModuleInvalidError) return `Module is invalid: ${error.message}`;
  if (error instanceof ModuleRefusedError) return refusalText(error);
  return error instanceof Error ? error.message : String(error);
}

/** Who reads of a failure: whoever typed a command that takes flags, or started a tool, whose flags are settled. */
export type Reader = "command" | "tool";

/**
 * The way out, with the flag that leads there; `undefined` when there is none, or the message says it already.
 *
 * @param reader a tool takes no flag: what it says was settled when it was made
 */
function hintOf(error: unknown, reader: Reader = "command"): string | undefined {
  // A run tells of what was denied on a line of its own, in terms of flags.
  if (!(error instanceof AegisError) || error instanceof CapabilityDeniedError) return undefined;
  // Its field is a key, and its message names it.
  if (error instanceof ManifestError) return error.suggestion;
  const flag = flagOfField(error.field);
  if (reader === "tool" && flag !== undefined) {
    return `What ${flag} says was settled when the tool was made, as --aegis-help tells: make it anew to change it.`;
  }
  if (error instanceof ModuleRefusedError) {
    if (error.field === undefined) return error.suggestion; // which its reason does not repeat
    return flag === undefined ? undefined : `Raise it with ${flag}.`;
  }
  const known = error.suggestion === undefined || error.message.includes(error.suggestion);
  if (known) return flag === undefined || error.message.includes(flag) ? undefined : `The flag is ${flag}.`;
  if (flag === undefined) return error.suggestion;
  return `${error.suggestion?.replace(/\.$/, "")} (${flag}).`;
}

function frameLine(frame: TrapFrame): string {
  const name = frame.functionName === undefined ? "" : ` ${printableName(frame.functionName)}`;
  const offset = frame.offset === undefined ? "" : ` at offset ${formatOffset(frame.offset)}`;
  return `  in function ${frame.functionIndex}${name}${offset}\n`;
}

/** Most frames that are printed; JSON has all of them. */
const MOST_FRAMES = 20;

/** The message as a person reads it best; programs get it as it is. */
function readableMessage(error: unknown): string {
  const message = messageOf(error);
  return error instanceof OutOfFuelError ? message.replace(/\d+/g, groupDigits) : message;
}

/** The lines for stderr. */
export function failureLines(error: unknown, style: Style, reader: Reader = "command"): string {
  let text = `${style.bad("error:")} ${printable(readableMessage(error))}\n`;
  if (error instanceof TrapError) {
    for (const frame of error.frames.slice(0, MOST_FRAMES)) text += frameLine(frame);
    if (error.frames.length > MOST_FRAMES) text += `  and ${error.frames.length - MOST_FRAMES} more\n`;
  }
  const hint = hintOf(error, reader);
  return hint === undefined ? text : `${text}${style.hint("hint:")} ${printable(hint)}\n`;
}

/** Fields of an error that are not its own facts. */
const NOT_FACTS: ReadonlySet<string> = new Set(["name", "code", "message", "stack", "cause", "suggestion"]);

function factOf(value: unknown): Json | undefined {
  if (typeof value === "number") return jsonTime(value); // what has a fraction is a time
  if (typeof value === "bigint") return jsonNumber(value);
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => factOf(item) ?? null);
  if (typeof value === "object") return factsOf(value);
  return undefined;
}

function factsOf(record: object): { [key: string]: Json } {
  const facts: { [key: string]: Json } = {};
  for (const [key, value] of Object.entries(record)) {
    if (NOT_FACTS.has(key) && record instanceof Error) continue;
    const fact = factOf(value);
    if (fact !== undefined) facts[key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)] = fact;
  }
  return facts;
}

/**
 * The error as JSON: `code`, `message`, `hint` where there is one, and the fields of its class in snake case: bytes,
 * milliseconds, fuel units.
 */
export function failureJson(error: unknown, reader: Reader = "command"): { [key: string]: Json } {
  const hint = hintOf(error, reader);
  return {
    code: error instanceof AegisError ? error.code : "Error",
    message: messageOf(error),
    ...(hint === undefined ? {} : { hint }),
    ...(error instanceof AegisError ? factsOf(error) : {}),
    ...(error instanceof ModuleRefusedError ? { reason: refusalText(error) } : {}),
  };
}
