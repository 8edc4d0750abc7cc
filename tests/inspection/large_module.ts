/** Modules of megabytes, as a stranger could make them in a moment. */
import { funcType, HEADER, I32, leb, name, SECTION, sleb } from "../wasm/module_builder.ts";

type Part = Uint8Array | readonly number[];

function joined(parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function section(id: number, parts: readonly Part[]): Uint8Array {
  const payload = joined(parts);
  return joined([[id], leb(payload.length), payload]);
}

export interface LargeModuleParts {
  readonly functions: number;
  /** Each function takes so many numbers. @default 0 */
  readonly params?: number;
  /** Times that each function makes a number and drops it, 3 bytes each. @default 0 */
  readonly drops?: number;
  /** Every function is exported. @default false */
  readonly exported?: boolean;
  /** Bytes of a custom section behind all. @default 0 */
  readonly padding?: number;
}

/** A valid module that is large in the ways that are asked for. */
export function largeModule(
  { functions, params = 0, drops = 0, exported = false, padding = 0 }: LargeModuleParts,
): Uint8Array<ArrayBuffer> {
  const code = new Uint8Array(3 * drops + 2);
  for (let at = 1; at < code.length - 1; at += 3) code.set([0x41, 0x2a, 0x1a], at);
  code.set([0x0b], code.length - 1);
  const body = joined([leb(code.length), code]);
  const exports = Array.from(
    { length: exported ? functions : 0 },
    (_, index) => [...name(`exported ${index}`), 0, ...leb(index)],
  );
  return joined([
    HEADER,
    section(SECTION.type, [[1], funcType(new Array(params).fill(I32), [])]),
    section(SECTION.function, [leb(functions), new Uint8Array(functions)]),
    ...(exported ? [section(SECTION.export, [leb(functions), ...exports])] : []),
    section(SECTION.code, [leb(functions), ...new Array<Uint8Array>(functions).fill(body)]),
    section(SECTION.custom, [name("padding"), new Uint8Array(padding)]),
  ]);
}

/** So many functions, of which each calls the next so many times, and the last one the first. */
export function functionChain(
  { functions, calls }: { readonly functions: number; readonly calls: number },
): Uint8Array<ArrayBuffer> {
  const bodies = Array.from({ length: functions }, (_, index) => {
    const call = [0x10, ...leb((index + 1) % functions)], code = new Uint8Array(calls * call.length + 2);
    for (let at = 0; at < calls; at++) code.set(call, 1 + at * call.length);
    code.set([0x0b], code.length - 1);
    return joined([leb(code.length), code]);
  });
  return joined([
    HEADER,
    section(SECTION.type, [[1], funcType([], [])]),
    section(SECTION.function, [leb(functions), new Uint8Array(functions)]),
    section(SECTION.export, [leb(1), name("first"), [0, 0]]),
    section(SECTION.code, [leb(functions), ...bodies]),
  ]);
}

/** So many data segments of one byte, side by side. */
export function manySegments(segments: number): Uint8Array<ArrayBuffer> {
  const data = Array.from({ length: segments }, (_, at) => [0, 0x41, ...sleb(at), 0x0b, 1, 0x41]);
  return joined([
    HEADER,
    section(SECTION.memory, [[1, 0], leb(32)]),
    section(SECTION.data, [leb(segments), ...data]),
  ]);
}
