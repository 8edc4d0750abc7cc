/** Calls and memory accesses as the drivers need them, on top of {@linkcode Instance}. */
import type { GuestValue, Instance } from "./instance.ts";

/** Calls a function that has one i32 result; addresses come back unsigned. */
export async function callUnsigned(instance: Instance, name: string, ...args: GuestValue[]): Promise<number> {
  const [result] = await instance.call(name, args);
  if (typeof result !== "number") throw new TypeError(`"${name}" returned ${typeof result}, not a number`);
  return result >>> 0;
}

/** Writes text as UTF-8 and returns its length in bytes; no zero byte is added. */
export async function writeText(instance: Instance, offset: number, text: string): Promise<number> {
  const bytes = new TextEncoder().encode(text);
  await instance.writeMemory(offset, bytes);
  return bytes.length;
}

/** Writes text as little-endian UTF-16 code units. */
export async function writeUtf16(instance: Instance, offset: number, text: string): Promise<void> {
  const view = new DataView(new ArrayBuffer(text.length * 2));
  for (let i = 0; i < text.length; i++) view.setUint16(i * 2, text.charCodeAt(i), true);
  await instance.writeMemory(offset, new Uint8Array(view.buffer));
}

/** Reads UTF-8 text of a known length. */
export async function readText(instance: Instance, offset: number, length: number): Promise<string> {
  return new TextDecoder().decode(await instance.readMemory(offset, length));
}

/** Reads UTF-8 text up to a zero byte, in small steps so that it never reads far past the end. */
export async function readZeroTerminated(instance: Instance, offset: number): Promise<string> {
  const bytes: number[] = [];
  for (;;) {
    for (const byte of await instance.readMemory(offset + bytes.length, 16)) {
      if (byte === 0) return new TextDecoder().decode(Uint8Array.from(bytes));
      bytes.push(byte);
    }
  }
}

/** Reads consecutive little-endian unsigned 32-bit words. */
export async function readWords(instance: Instance, offset: number, count: number): Promise<number[]> {
  const bytes = await instance.readMemory(offset, count * 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: count }, (_, i) => view.getUint32(i * 4, true));
}
