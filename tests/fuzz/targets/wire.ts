/**
 * What comes from child processes, and everything else that decodes bytes of the other side: packets, whatever pieces
 * they come in; relays of guests and brokers; data; requests and answers of every operation; outcomes; states; what was
 * watched. It ends in a value or in one of their errors, and nothing is allocated for what is merely declared.
 */
import { AegisError } from "../../../src/core/errors.ts";
import { resolveLimits } from "../../../src/core/limits.ts";
import { KINDS } from "../../../src/core/signature.ts";
import { HostEnd } from "../../../src/protocol/channel.ts";
import { DataError, decodeData, encodeData } from "../../../src/protocol/data.ts";
import { createSharedBuffer, FrameArea, FrameError, FrameReader } from "../../../src/protocol/frame.ts";
import { FRAME_START, FRAMES, TURNS } from "../../../src/protocol/layout.ts";
import { readAnswer, readRequest } from "../../../src/protocol/operation_frames.ts";
import { type OperationName, OPERATIONS } from "../../../src/protocol/operations.ts";
import { METER_COUNT } from "../../../src/protocol/relay_end.ts";
import { brokerPacketLimits, BrokerRelay } from "../../../src/relay/broker_relay.ts";
import { guestPacketLimits, GuestRelay } from "../../../src/relay/guest_relay.ts";
import {
  decodeControl,
  decodeFrame,
  encodeReadings,
  encodeTurnedHead,
} from "../../../src/relay/packet_contents.ts";
import { packet, PacketParser, PACKETS, WireError } from "../../../src/relay/wire.ts";
import { readOutcome } from "../../../src/sandbox/result.ts";
import { StateReceiver } from "../../../src/sandbox/state_receiver.ts";
import { Choices } from "../choices.ts";
import type { Input, Target } from "../target.ts";

const FRAME_SIZE = 8192;

const OPERATION_NAMES = Object.keys(OPERATIONS) as OperationName[]; // its own keys

/** Errors that a decoder may end in. */
function isDocumented(error: unknown): boolean {
  return error instanceof WireError || error instanceof FrameError || error instanceof DataError ||
    error instanceof AegisError;
}

/**
 * One channel for all inputs: each new one is a mapping of memory that only the collector ends, and a process has 65,530
 * of them.
 */
class Buffers {
  readonly #frame = createSharedBuffer(FRAME_SIZE * 2);
  readonly #channel = createSharedBuffer(FRAME_SIZE);

  /** A frame of these bytes. */
  frame(bytes: Uint8Array): FrameReader {
    const area = new FrameArea(this.#frame);
    area.grow(FRAME_START + bytes.length);
    new Uint8Array(this.#frame).set(bytes, FRAME_START);
    return new FrameReader(area, bytes.length);
  }

  /** A channel on which nothing has happened. */
  channel(): SharedArrayBuffer {
    new Uint8Array(this.#channel).fill(0);
    return this.#channel;
  }
}

const BUFFERS = new Buffers();

/** Feeds a stream of bytes in pieces. */
function push(parser: PacketParser, choices: Choices): void {
  const size = 1 + choices.byte(), bytes = choices.rest();
  for (let at = 0; at < bytes.length; at += size) parser.push(bytes.subarray(at, at + size));
}

function relayGuest(choices: Choices): void {
  const buffer = BUFFERS.channel(), host = new HostEnd(buffer);
  host.giveSilently();
  const child = { send: () => ({ written: choices.below(8) > 0 }), tell: () => {}, kill: () => {} };
  const words = new Int32Array(new SharedArrayBuffer(16));
  const relay = new GuestRelay(child, {
    buffer,
    links: { net: { words, bell: 0, readyWord: 2, readyBit: 8 } },
    start: { kind: "start" },
    heapSize: 1000,
    onLost: () => {},
  });
  try {
    push(
      new PacketParser(guestPacketLimits(FRAME_SIZE), (kind, content) => {
        relay.packet(kind, content);
        if (host.frameKind === FRAMES.operation) host.give(FRAMES.answer, 4);
      }),
      choices,
    );
  } finally {
    relay.close();
  }
}

function relayBroker(choices: Choices): void {
  const shared = (bytes: number) => new SharedArrayBuffer(bytes);
  const child = { send: () => ({ written: true }), tell: () => {}, kill: () => {} };
  const relay = new BrokerRelay(child, { performer: "files", onReport: () => {}, onLost: () => {} });
  relay.post({ kind: "start", words: shared(8), mail: shared(4), lock: shared(4), changes: shared(12) });
  relay.post({ kind: "attach", slot: 0, channel: BUFFERS.channel() });
  try {
    push(
      new PacketParser(brokerPacketLimits(FRAME_SIZE), (kind, content) => relay.packet(kind, content)),
      choices,
    );
  } finally {
    relay.close();
  }
}

/** What is decoded, and whether what comes out of it comes out of its own encoding again. */
function data(choices: Choices): void {
  const bytes = choices.rest(), value = decodeData(bytes), again = encodeData(value);
  decodeData(again);
  if (again.length > 2 * bytes.length + 64) throw new Error(`${bytes.length} bytes became ${again.length}`);
}

const LIMITS = resolveLimits({});

/** All that decodes, by the first byte of the input. */
const DECODERS: readonly ((choices: Choices) => unknown)[] = [
  relayGuest,
  relayBroker,
  data,
  data,
  (choices) => {
    const name = choices.pick(OPERATION_NAMES);
    readRequest(BUFFERS.frame(choices.rest()), name);
  },
  (choices) => {
    const name = choices.pick(OPERATION_NAMES);
    readAnswer(BUFFERS.frame(choices.rest()), name);
  },
  (choices) => {
    const kinds = Array.from({ length: choices.below(6) }, () => choices.pick(KINDS));
    BUFFERS.frame(choices.rest()).values(kinds);
  },
  (choices) =>
    readOutcome(BUFFERS.frame(choices.rest()), {
      limits: LIMITS,
      timeout: 1,
      modules: [],
      hostError: undefined,
    }),
  (choices) => {
    const receiver = new StateReceiver(65_536);
    for (let piece = 0; piece < 8 && !choices.ended; piece++) {
      receiver.take(BUFFERS.frame(choices.bytes(choices.byte())));
    }
    receiver.end();
  },
  (choices) => decodeControl(choices.rest()),
  (choices) => decodeFrame(choices.rest()),
];

function attempt(input: Input): void {
  const choices = new Choices(input);
  try {
    choices.pick(DECODERS)(choices);
  } catch (error) {
    if (!isDocumented(error)) throw error;
  }
}

function seeds(): Input[] {
  const readings = { state: 1, meters: Array.from({ length: METER_COUNT }, () => 5n) },
    bytes = Uint8Array.of(10, 0, 0, 0);
  const turned = (turn: number) => {
    const head = encodeTurnedHead({ slot: 0, turn, readings, frame: { kind: FRAMES.result, bytes } });
    return packet(PACKETS.turned, head, bytes);
  };
  const streams = [
    turned(TURNS.host),
    turned(TURNS.net),
    packet(PACKETS.readings, encodeReadings({ slot: 0, readings })),
    packet(PACKETS.failed, new TextEncoder().encode("it failed")),
    packet(PACKETS.report, encodeData({ kind: "audit", events: [] })),
  ];
  const value = {
    a: [1, null, true, undefined, 5n, 2n ** 63n],
    b: new Map([["x", new Uint32Array(2)]]),
    c: "text",
    d: bytes,
  };
  const values = [value, new Float64Array(3), [[[]]], "", 0].map(encodeData);
  const plain = DECODERS.map((_, index) => Uint8Array.of(index, ...new Uint8Array(40)));
  const operations = OPERATION_NAMES.flatMap((_, index) =>
    [4, 5].map((decoder) => Uint8Array.of(decoder, index, ...new Uint8Array(48)))
  );
  return [
    ...plain,
    ...operations,
    ...streams.flatMap((stream) => [0, 1].map((decoder) => Uint8Array.from([decoder, 255, ...stream]))),
    Uint8Array.from([0, 7, ...streams.flatMap((stream) => [...stream])]),
    ...values.map((each) => Uint8Array.from([2, ...each])),
  ];
}

export const target: Target = {
  doc: "packets, relays, data, operations, outcomes and states: decoded or refused",
  seeds,
  words: [
    Uint8Array.of(0xff, 0xff, 0xff, 0xff),
    Uint8Array.of(0, 0, 0, 0x80),
    Uint8Array.of(0xff, 0xff, 0xff, 0x7f),
  ],
  patience: { base: 300, perKiB: 60 },
  open: () => ({ attempt }),
};
