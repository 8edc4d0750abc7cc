/**
 * Functions of the embedder's that run in the guest's thread, where nothing is permitted and a call costs nanoseconds.
 * They come as text, so what surrounded them is not there.
 */
import type { ContentAbi } from "./content_abi.ts";
import type { HostBinding } from "./host_calls.ts";
import { jsonExcess } from "../core/content_bounds.ts";
import { isContentKind, type Kind } from "../core/signature.ts";
import type { FrameValue } from "../protocol/frame.ts";

/** Makes a function of a body; `Function`, which is taken away from everybody else. */
export type Compile = (body: string) => () => unknown;

/** A function as the embedder wrote it. */
export type InlineFunction = (...args: unknown[]) => unknown;

const ENCODER = new TextEncoder(), DECODER = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws {SyntaxError} for what is no function; the host has tried it before */
export function compileInline(compile: Compile, source: string): InlineFunction {
  return compile(`"use strict"; return (${source});`)() as InlineFunction; // the host has tried it
}

/** Calls it with the guest's arguments. @throws what it throws; {TypeError} for what it may not return */
export function callInline(
  run: InlineFunction,
  { binding, args, abi }: {
    readonly binding: HostBinding;
    readonly args: readonly unknown[];
    readonly abi: () => ContentAbi;
  },
): unknown {
  const { params, results } = binding, numeric = !params.some(isContentKind);
  const returned = run(...(numeric ? args : readArguments(abi().liftArguments(args, params), params)));
  if (results.length !== 1) return results.length === 0 ? undefined : checkedResults(returned, results);
  const [kind = "i32"] = results;
  if (isContentKind(kind)) return abi().give(contentOf(kind, returned));
  return checked(kind, returned);
}

function readArguments(values: readonly FrameValue[], kinds: readonly Kind[]): unknown[] {
  return values.map((value, index) => {
    if (typeof value !== "object") return value;
    if (kinds[index] === "bytes") return value.slice();
    if (kinds[index] !== "json") return DECODER.decode(value);
    // This thread's heap is that of the host's process.
    const excess = jsonExcess(value);
    if (excess !== undefined) throw new TypeError(`it was given ${value.length} bytes ${excess}`);
    return JSON.parse(DECODER.decode(value));
  });
}

function contentOf(kind: Kind, value: unknown): Uint8Array {
  if (kind === "bytes" && value instanceof Uint8Array) return value;
  if (kind === "string" && typeof value === "string") return ENCODER.encode(value);
  const text = kind === "json" ? JSON.stringify(value) : undefined;
  if (text === undefined) throw new TypeError(`it returned a ${typeof value} for ${kind}`);
  return ENCODER.encode(text);
}

function checkedResults(returned: unknown, kinds: readonly Kind[]): unknown[] {
  if (!Array.isArray(returned) || returned.length !== kinds.length) {
    throw new TypeError(`it did not return ${kinds.length} results`);
  }
  return kinds.map((kind, index) => checked(kind, returned[index]));
}

/** V8 would take anything for a number, and nothing but a bigint for i64. */
function checked(kind: Kind, value: unknown): unknown {
  const fits = kind === "i64" ? typeof value === "bigint" : typeof value === "number";
  if (!fits) {
    throw new TypeError(`it returned a ${typeof value} for ${kind}`);
  }
  return value;
}
