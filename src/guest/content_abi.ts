/**
 * Values that lie in a guest's memory, on the guest's side. The guest gives the room: it exports
 * `aegis_alloc(size) -> address`, and `aegis_free(address, size)` where it wants room back. Both are code of the guest,
 * and believed in nothing: every address is checked against the memory as it is after they ran.
 */
import type { GuestInstance } from "./instance.ts";
import { formatFuncType, type Value } from "../core/value.ts";
import { isContentKind, type Kind } from "../core/signature.ts";
import type { FrameValue } from "../protocol/frame.ts";

/** The names of the exports that a guest gives and takes room with. */
export const ALLOC_EXPORT = "aegis_alloc", FREE_EXPORT = "aegis_free";

/** Their types. */
const TYPES = {
  [ALLOC_EXPORT]: formatFuncType({ params: ["i32"], results: ["i32"] }),
  [FREE_EXPORT]: formatFuncType({ params: ["i32", "i32"], results: [] }),
} as const;

/** The guest does not keep to the ABI: it is stopped. */
export class AbiError extends Error {
  override readonly name = "AbiError";
}

/** Bytes in the memory of a guest. */
interface Room {
  readonly address: number;
  readonly size: number;
}

/** Address and length of content, in one i64. */
function packed({ address, size }: Room): bigint {
  return BigInt.asIntN(64, BigInt(address) << 32n | BigInt(size));
}

function unpacked(value: bigint): Room {
  return { address: Number(BigInt.asUintN(32, value >> 32n)), size: Number(BigInt.asUintN(32, value)) };
}

/** What one instance does for content. */
export class ContentAbi {
  readonly #instance: GuestInstance;
  /** Runs `aegis_alloc` and `aegis_free`, which may call nobody. */
  readonly #alone: <Result>(work: () => Result) => Result;

  constructor(instance: GuestInstance, alone: <Result>(work: () => Result) => Result) {
    this.#instance = instance;
    this.#alone = alone;
  }

  /**
   * The arguments of a call as WebAssembly takes them; for content two, its address and its length.
   *
   * @param args content may lie in the frame still: nobody writes another one while room is given
   */
  lower(args: readonly FrameValue[]): { readonly args: Value[]; readonly rooms: readonly Room[] } {
    const lowered: Value[] = [], rooms: Room[] = [];
    for (const value of args) {
      if (typeof value !== "object") {
        lowered.push(value);
        continue;
      }
      const room = this.#put(value);
      rooms.push(room);
      lowered.push(room.address, room.size);
    }
    return { args: lowered, rooms };
  }

  /**
   * Hands over what a call returned; then the room of the arguments and of the result is given back.
   *
   * @param take gets the bytes where they lie, and keeps nothing of them
   */
  lift(returned: unknown, rooms: readonly Room[], take: (bytes: Uint8Array) => void): void {
    const room = unpacked(returned as bigint); // the type of the function says so
    take(this.view(room.address, room.size));
    if (!rooms.some(({ address }) => address === room.address)) this.free([room]);
    this.free(rooms);
  }

  free(rooms: readonly Room[]): void {
    const free = this.#function(FREE_EXPORT);
    if (free === undefined) return;
    for (const { address, size } of rooms) if (size > 0) this.#alone(() => free(address, size));
  }

  /** What a guest passes to an import, in terms of its kinds. */
  liftArguments(args: readonly unknown[], kinds: readonly Kind[]): FrameValue[] {
    const values: FrameValue[] = [];
    let at = 0;
    for (const kind of kinds) {
      const first = args[at++] as Value; // V8 made it from the declared type, which is numeric
      if (!isContentKind(kind)) values.push(first);
      else values.push(this.view(Number(first) >>> 0, Number(args[at++]) >>> 0));
    }
    return values;
  }

  /** Content that an import returns: it is the guest's from now on. */
  give(bytes: Uint8Array): bigint {
    return packed(this.#put(bytes));
  }

  /** @throws {AbiError} for what lies outside of the memory */
  view(address: number, size: number): Uint8Array {
    const memory = this.#instance.memoryBuffer;
    if (memory === undefined) throw new AbiError("it has no memory of its own for text and bytes");
    if (size > memory.byteLength - address) {
      throw new AbiError(`${size} bytes at ${address} lie outside its memory of ${memory.byteLength} bytes`);
    }
    return new Uint8Array(memory, address, size);
  }

  #put(bytes: Uint8Array): Room {
    const size = bytes.length;
    if (size === 0) return { address: 0, size };
    const alloc = this.#function(ALLOC_EXPORT);
    if (alloc === undefined) throw new AbiError(`it exports no function ${ALLOC_EXPORT}`);
    const address = Number(this.#alone(() => alloc(size))) >>> 0;
    if (address === 0) throw new AbiError(`${ALLOC_EXPORT} has no room for ${size} bytes`);
    this.view(address, size).set(bytes);
    return { address, size };
  }

  /** @throws {AbiError} for a function of another type */
  #function(name: keyof typeof TYPES): ((...args: number[]) => unknown) | undefined {
    const type = this.#instance.typeOf(name);
    if (type?.kind !== "function") return undefined;
    const actual = formatFuncType(type);
    if (actual !== TYPES[name]) throw new AbiError(`${name} has type ${actual} instead of ${TYPES[name]}`);
    return this.#instance.exports[name] as (...args: number[]) => unknown; // its type was tested
  }
}
