/** Modules of megabytes, as a stranger could make them in a moment. */
import { funcType, HEADER, I32, leb, name, SECTION } from "../wasm/module_builder.ts";

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
