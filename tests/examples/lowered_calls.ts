/**
 * The caller's half of docs/guest_abi.md, written once more for tests, over calls with numbers and accesses to memory
 * alone: what the examples do is told without the library's own half.
 */
import { isContentKind, type Kind, type Signature } from "../../src/core/signature.ts";
import { callUnsigned } from "./guest_memory.ts";
import type { GuestValue, Instance } from "./instance.ts";

/** A block of the guest's memory. */
interface Block {
  readonly address: number;
  readonly length: number;
}

export function encodeContent(kind: Kind, value: unknown): Uint8Array {
  if (kind === "bytes" && value instanceof Uint8Array) return value;
  return new TextEncoder().encode(kind === "json" ? JSON.stringify(value) : String(value));
}

export function decodeContent(kind: Kind, bytes: Uint8Array): unknown {
  if (kind === "bytes") return bytes;
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  return kind === "json" ? JSON.parse(text) : text;
}

/** A content result in its two halves, both unsigned. */
export function unpackContent(packed: GuestValue | undefined): Block {
  if (typeof packed !== "bigint") throw new TypeError(`A content result is ${typeof packed}, no bigint`);
  const bits = BigInt.asUintN(64, packed);
  return { address: Number(bits >> 32n), length: Number(bits & 0xffff_ffffn) };
}

async function writeBlock(instance: Instance, bytes: Uint8Array): Promise<Block> {
  const length = bytes.length;
  if (length === 0) return { address: 0, length };
  const address = await callUnsigned(instance, "aegis_alloc", length);
  if (address === 0) throw new RangeError(`The guest has no room for ${length} bytes`);
  await instance.writeMemory(address, bytes);
  return { address, length };
}

/** Calls a function as its signature says; a content result is copied, and every block is freed. */
export async function callLowered(
  instance: Instance,
  call: { readonly name: string; readonly args: readonly unknown[]; readonly signature: Signature },
): Promise<unknown> {
  const { name, args, signature } = call, blocks: Block[] = [], lowered: GuestValue[] = [];
  for (const [index, kind] of signature.params.entries()) {
    const value = args[index];
    if (isContentKind(kind)) {
      const block = await writeBlock(instance, encodeContent(kind, value));
      blocks.push(block);
      lowered.push(block.address, block.length);
    } else lowered.push(value as GuestValue); // the rows of the tests give numbers for numbers
  }
  const results = await instance.call(name, lowered), [kind] = signature.results;
  let result: unknown = results.length > 1 ? results : results[0];
  if (kind !== undefined && isContentKind(kind)) {
    const block = unpackContent(results[0]);
    result = decodeContent(kind, await instance.readMemory(block.address, block.length));
    if (!blocks.some(({ address, length }) => address === block.address && length > 0)) blocks.push(block);
  }
  for (const { address, length } of blocks) {
    if (length > 0) await instance.call("aegis_free", [address, length]);
  }
  return result;
}
