/**
 * What is in the packets that carry turns. All integers are little-endian:
 *
 *     control    i32 control · i32 abort reason · i64 fuel budget · f64 paused time · i32 save requests · i32 0
 *     frame      u32 slot · u32 kind · control · the frame's bytes
 *     readings   u32 slot · u32 state · 64 bits a meter
 *     turned     u32 kind · u32 turn · readings · the frame's bytes
 *
 * A slot tells channels of one child apart: a guest has one, a broker one for each sandbox.
 */
import { WireError } from "./wire.ts";
import {
  type ControlWords,
  type LooseFrame,
  METER_COUNT,
  type Readings,
  type Turn,
  turnOf,
} from "../protocol/relay_end.ts";

/** Bytes of control words. */
const CONTROL_SIZE = 32;

/** Bytes before a frame's own, on the way to a child. */
export const FRAME_HEAD = 8 + CONTROL_SIZE;

/** Bytes of readings. */
export const READINGS_SIZE = 8 + 8 * METER_COUNT;

/** Bytes before a frame's own, on the way from a child. */
export const TURNED_HEAD = 8 + READINGS_SIZE;

/** A frame that goes to a child. */
export interface FrameContent {
  readonly slot: number;
  readonly control: ControlWords;
  readonly frame: LooseFrame;
}

/** A frame that comes from a child. */
export interface TurnedContent {
  readonly slot: number;
  readonly turn: Turn;
  readonly readings: Readings;
  readonly frame: LooseFrame;
}

function viewOf(bytes: Uint8Array, least: number): DataView {
  if (bytes.length < least) {
    throw new WireError(`Cannot read a packet of ${bytes.length} bytes: it has ${least}`);
  }
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function writeControl(view: DataView, at: number, words: ControlWords): void {
  view.setInt32(at, words.control, true);
  view.setInt32(at + 4, words.abortReason, true);
  view.setBigInt64(at + 8, words.fuelBudget, true);
  view.setFloat64(at + 16, words.pausedTime, true);
  view.setInt32(at + 24, words.saveRequests, true);
}

function readControl(view: DataView, at: number): ControlWords {
  return {
    control: view.getInt32(at, true),
    abortReason: view.getInt32(at + 4, true),
    fuelBudget: view.getBigInt64(at + 8, true),
    pausedTime: view.getFloat64(at + 16, true),
    saveRequests: view.getInt32(at + 24, true),
  };
}

export function encodeControl(words: ControlWords): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(CONTROL_SIZE);
  writeControl(new DataView(bytes.buffer), 0, words);
  return bytes;
}

/** @throws {WireError} */
export function decodeControl(bytes: Uint8Array): ControlWords {
  return readControl(viewOf(bytes, CONTROL_SIZE), 0);
}

/** What goes before the bytes of a frame to a child. */
export function encodeFrameHead(content: FrameContent): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FRAME_HEAD), view = new DataView(bytes.buffer);
  view.setUint32(0, content.slot, true);
  view.setUint32(4, content.frame.kind, true);
  writeControl(view, 8, content.control);
  return bytes;
}

/** @throws {WireError} */
export function decodeFrame(bytes: Uint8Array): FrameContent {
  const view = viewOf(bytes, FRAME_HEAD);
  return {
    slot: view.getUint32(0, true),
    control: readControl(view, 8),
    frame: { kind: view.getUint32(4, true), bytes: bytes.subarray(FRAME_HEAD) },
  };
}

function writeReadings(
  view: DataView,
  at: number,
  { slot, readings }: Omit<TurnedContent, "turn" | "frame">,
): void {
  view.setUint32(at, slot, true);
  view.setUint32(at + 4, readings.state, true);
  for (const [index, meter] of readings.meters.entries()) view.setBigInt64(at + 8 + 8 * index, meter, true);
}

function readReadings(view: DataView, at: number): Omit<TurnedContent, "turn" | "frame"> {
  const meters = Array.from(
    { length: METER_COUNT },
    (_, index) => view.getBigInt64(at + 8 + 8 * index, true),
  );
  return { slot: view.getUint32(at, true), readings: { state: view.getUint32(at + 4, true), meters } };
}

export function encodeReadings(content: Omit<TurnedContent, "turn" | "frame">): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(READINGS_SIZE);
  writeReadings(new DataView(bytes.buffer), 0, content);
  return bytes;
}

/** @throws {WireError} */
export function decodeReadings(bytes: Uint8Array): Omit<TurnedContent, "turn" | "frame"> {
  return readReadings(viewOf(bytes, READINGS_SIZE), 0);
}

/** What goes before the bytes of a frame from a child. @param turn what stands in the word, whatever that is */
export function encodeTurnedHead(
  content: Omit<TurnedContent, "turn"> & { readonly turn: number },
): Uint8Array {
  const bytes = new Uint8Array(TURNED_HEAD), view = new DataView(bytes.buffer);
  view.setUint32(0, content.frame.kind, true);
  view.setUint32(4, content.turn, true);
  writeReadings(view, 8, content);
  return bytes;
}

/** @throws {WireError} */
export function decodeTurned(bytes: Uint8Array): TurnedContent {
  const view = viewOf(bytes, TURNED_HEAD), word = view.getUint32(4, true), turn = turnOf(word);
  if (turn === undefined) throw new WireError(`Cannot give the turn to ${word}`);
  return {
    ...readReadings(view, 8),
    turn,
    frame: { kind: view.getUint32(0, true), bytes: bytes.subarray(TURNED_HEAD) },
  };
}
