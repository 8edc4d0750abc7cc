/** How a guest's state goes to the host and comes from there: as bytes, in pieces that fit into frames. */
import type { GrowthLedger } from "./growth.ts";
import { type GuestState, STATE_FORMAT } from "./guest_state.ts";
import { StateError } from "../interp/run/store_state.ts";
import type { GuestEnd } from "../protocol/channel.ts";
import { decodeData, encodeData } from "../protocol/data.ts";
import { FRAMES, PIECES } from "../protocol/layout.ts";

/** Bytes of a piece at most, and what else stands in its frame. */
const LARGEST_PIECE = 4 * 1024 * 1024, HEAD = 64;

/** Takes the state and sends it piece by piece; or why there is none. Parks until the host has all. */
export function sendState(channel: GuestEnd, take: () => GuestState): void {
  let bytes: Uint8Array;
  try {
    bytes = encodeData(take());
  } catch (error) {
    const writer = channel.writer();
    writer.u8(PIECES.refused);
    writer.string((error instanceof Error ? error.message : String(error)).slice(0, 1000));
    return give(channel);
  }
  const size = Math.min(LARGEST_PIECE, channel.room - HEAD);
  for (let at = 0; at < bytes.length; at += size) {
    const writer = channel.writer();
    writer.u8(at + size < bytes.length ? PIECES.more : PIECES.last);
    writer.bytes(bytes.subarray(at, at + size));
    give(channel);
  }
}

function give(channel: GuestEnd): void {
  channel.give(FRAMES.state);
  channel.waitForTurn();
}

/** Puts pieces together. */
export class StatePieces {
  #pieces: Uint8Array[] = [];
  #bytes = 0;

  constructor(readonly most: number) {}

  /** @returns the state, with the last piece @throws {StateError} for more than is taken, {DataError} for what is none */
  add(piece: Uint8Array, last: boolean): GuestState | undefined {
    this.#pieces.push(piece);
    this.#bytes += piece.length;
    if (this.#bytes > this.most) throw new StateError("it is larger than a guest under these limits can be");
    if (!last) return undefined;
    const whole = new Uint8Array(this.#bytes);
    let at = 0;
    for (const each of this.#pieces) {
      whole.set(each, at);
      at += each.length;
    }
    this.#pieces = [];
    this.#bytes = 0;
    return decodeData(whole) as GuestState; // what is in it is looked at where it is used
  }
}

/** Sees to it that a state fits the limits of this guest. @throws {StateError} */
export function checkState(state: GuestState, growth: GrowthLedger): void {
  if (state.format !== STATE_FORMAT) {
    throw new StateError(`its format is ${state.format}, not ${STATE_FORMAT}`);
  }
  for (const units of [state.consumed, state.consumedBefore, state.callFuel ?? 0n]) {
    if (typeof units !== "bigint" || units < 0n) throw new StateError("its fuel is no whole number from 0");
  }
  for (const count of [state.hostCalls, state.refusals]) {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new StateError("its calls or refusals are no whole number from 0");
    }
  }
  const sizes = state.store.instances.flatMap(({ memories }) => memories.map(({ size }) => size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  if (!(bytes <= growth.limit)) {
    throw new StateError(`its memories have ${bytes} bytes, ${growth.limit} are allowed`);
  }
  const longest = Math.max(0, ...state.store.tables.map(({ elements }) => elements.length));
  if (longest > growth.tableLimit) {
    throw new StateError(`a table has ${longest} elements, ${growth.tableLimit} are allowed`);
  }
}
