/** Modules with sections, for tests. */
import { compileWat } from "../../../src/sandbox/wat.ts";

/** A number as LEB128. */
function leb(number: number): number[] {
  const bytes: number[] = [];
  for (let left = number; bytes.length === 0 || left > 0; left = Math.floor(left / 128)) {
    bytes.push(left % 128 + (left >= 128 ? 128 : 0));
  }
  return bytes;
}

/** The module with a custom section behind it. */
export function withSection(module: Uint8Array, name: string, payload: Uint8Array | string): Uint8Array {
  const text = new TextEncoder(), title = text.encode(name);
  const content = typeof payload === "string" ? text.encode(payload) : payload;
  const head = [...leb(title.length), ...title];
  const section = [0, ...leb(head.length + content.length), ...head];
  const whole = new Uint8Array(module.length + section.length + content.length);
  whole.set(module);
  whole.set(section, module.length);
  whole.set(content, module.length + section.length);
  return whole;
}

/** A module of text, with what it says of its functions and of its tools. */
export async function moduleOf(
  wat: string,
  { signatures, mcp }: { readonly signatures?: string; readonly mcp?: unknown } = {},
): Promise<Uint8Array> {
  let bytes: Uint8Array = await compileWat(wat);
  if (signatures !== undefined) bytes = withSection(bytes, "aegis:signatures", signatures);
  if (mcp === undefined) return bytes;
  return withSection(bytes, "aegis:mcp", typeof mcp === "string" ? mcp : JSON.stringify(mcp));
}

/** A memory with an allocator, and functions behind it. */
export function guest(functions: string, imports = ""): string {
  return `(module ${imports}
    (memory (export "memory") 1)
    (global $top (mut i32) (i32.const 4096))
    (func (export "aegis_alloc") (param i32) (result i32)
      global.get $top
      (global.set $top (i32.add (global.get $top) (local.get 0))))
    ${functions})`;
}

/** A function that returns a text of the memory's. */
export function returns(name: string, text: string, at = 64): string {
  const bytes = new TextEncoder().encode(text);
  const escaped = [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
  return `(data (i32.const ${at}) "${escaped}")
    (func (export "${name}") (result i64) (i64.const ${(BigInt(at) << 32n) + BigInt(bytes.length)}))`;
}
