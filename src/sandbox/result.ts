import { type AegisModule, originalFrame } from "./module.ts";
import { AegisError, CapabilityDeniedError } from "../core/errors.ts";
import type { Limits } from "../core/limits.ts";
import { ABORT_REASONS, type Outcome } from "../core/outcome.ts";
import { type TrapCode, type TrapFrame, TRAPS } from "../core/trap.ts";
import { plainText } from "../core/plain_text.ts";
import type { FrameReader } from "../protocol/frame.ts";
import { readMissing } from "../protocol/operation_frames.ts";
import { RESULTS } from "../protocol/layout.ts";

/** What the host knows of a request that a result does not carry. */
export interface ResultContext {
  readonly limits: Limits;
  /** Milliseconds, the timeout of this call. */
  readonly timeout: number;
  /** The loaded modules, and the one that is being loaded: whose frames a trap has. */
  readonly modules: readonly AegisModule[];
  /** What a host function threw, if one has: it may be `undefined`. */
  readonly hostError: HostError | undefined;
}

/** What a host function threw. */
export interface HostError {
  readonly error: unknown;
}

/** UTF-16 units of what a guest's side says that are believed. */
const MOST_WORDS = 4096;

/** Frames of a stack that are believed, whatever the guest's side says. */
const MOST_FRAMES = 64;

const TRAP_BY_CODE: ReadonlyMap<number, TrapCode> = new Map(
  Object.entries(TRAPS).map(([name, row]) => [row.code, name as TrapCode]),
);

/** Reads a `result` frame up to its values; what follows for `value` is the caller's to read. A `last` one has ended the guest. */
export function readOutcome(
  reader: FrameReader,
  context: ResultContext,
): Outcome | "value" | { readonly linkError: string } | { readonly last: Outcome } {
  const result = reader.u8();
  switch (result) {
    case RESULTS.value:
      return "value";
    case RESULTS.trap:
      return readTrap(reader, context.modules);
    case RESULTS.outOfFuel:
      return { kind: "limit", limit: "fuel", consumed: reader.i64(), allowed: reader.i64() };
    case RESULTS.timeout:
      return { kind: "limit", limit: "time", elapsed: reader.f64(), allowed: context.timeout };
    case RESULTS.cpuTime:
      return { kind: "limit", limit: "cpuTime", elapsed: reader.f64(), allowed: context.limits.cpuTime };
    case RESULTS.exit:
      return { kind: "exit", status: reader.u32() };
    case RESULTS.memory:
      return { kind: "limit", limit: "memory", used: reader.f64(), allowed: reader.f64() };
    case RESULTS.heapFull:
      return {
        last: { kind: "limit", limit: "memory", used: reader.f64(), allowed: reader.f64(), heap: true },
      };
    case RESULTS.stack:
      return { kind: "limit", limit: "stack", allowed: context.limits.stackLimit };
    case RESULTS.hostCalls:
      return { kind: "limit", limit: "hostCalls", allowed: context.limits.hostCallLimit };
    case RESULTS.aborted:
      return { kind: "aborted", reason: reader.u8() === ABORT_REASONS.closed ? "closed" : "cancelled" };
    case RESULTS.hostError:
      return context.hostError === undefined
        ? { kind: "fault", message: "it ended as if a host function had thrown, and none has" }
        : { kind: "hostError", ...context.hostError };
    case RESULTS.denied:
      return { kind: "hostError", error: deniedError(reader) };
    case RESULTS.inlineError:
      return { kind: "hostError", error: inlineError(readWords(reader)) };
    case RESULTS.abi:
      return { kind: "abi", message: readWords(reader) };
    case RESULTS.missingImport:
      return { linkError: readWords(reader) };
    case RESULTS.fault:
      return { kind: "fault", message: readWords(reader) };
    default:
      return { kind: "fault", message: `unknown result ${result}` };
  }
}

/** What the guest's side says in words: it may have fallen into wrong hands, and messages reach logs and terminals. */
function readWords(reader: FrameReader): string {
  return plainText(reader.string(), MOST_WORDS);
}

function deniedError(reader: FrameReader): CapabilityDeniedError {
  const { capability = "", action = "", reason = "", hint = "" } = readMissing(reader) ?? {};
  const [kind, what, why, remedy] = [capability, action, reason, hint].map((text) =>
    plainText(text, MOST_WORDS)
  );
  return new CapabilityDeniedError(kind ?? "", what ?? "", why ?? "", remedy || undefined);
}

function inlineError(message: string): AegisError {
  return new AegisError("HostFunctionFailed", `An inline function failed: ${message}`, {
    suggestion: "It has its parameters and what JavaScript has, and nothing that surrounds it.",
  });
}

function readTrap(reader: FrameReader, modules: readonly AegisModule[]): Outcome {
  const trap = TRAP_BY_CODE.get(reader.u8()) ?? "unknown",
    message = readWords(reader),
    frames: TrapFrame[] = [];
  for (let left = Math.min(reader.u32(), MOST_FRAMES); left > 0; left--) {
    const module = modules[reader.u32()], offset = reader.u32();
    const frame = module === undefined ? undefined : originalFrame(module, offset);
    if (frame !== undefined) frames.push(frame);
  }
  return { kind: "trap", trap, message, frames };
}
