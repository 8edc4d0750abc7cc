/** Programs of children that fell into wrong hands, for {@linkcode withForgedChildren}. */
import { FRAME_HEAD } from "../../src/relay/packet_contents.ts";

/** Makes what is random, by a seed in `state`. */
const RANDOM = `
  let state = 1;
  const random = (most) => {
    state = state + 0x6d2b79f5 | 0;
    let t = Math.imul(state ^ state >>> 15, 1 | state);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) % most;
  };
  const pick = (list) => list[random(list.length)];
  const EDGES = [0, 1, 2, 3, 7, 8, 255, 4095, 65536, 0x7fffffff, 0x80000000, 0xffffffff];
  const FLOATS = [0, 1, 2, -1, 3.5, NaN, Infinity, 2 ** 31, 2 ** 53];
  let sent = 0;
  /** Random readings; one of them is how many packets were sent. */
  const meter = (index) => index === 2 ? bits(sent) : pick([0n, 1n, 5n, 0x7ff0000000000000n, 0x7fffffffffffffffn, 0xffffffffffffffffn, BigInt(state >>> 0)]);
  const bits = (number) => new BigUint64Array(new Float64Array([number]).buffer)[0];
  /** Fields of random types and values, behind one another, as frames have them. */
  const fields = (most) => {
    const bytes = [];
    const put = (array) => bytes.push(...new Uint8Array(array.buffer));
    for (let left = random(most); left > 0; left--) {
      switch (random(5)) {
        case 0: bytes.push(random(random(3) === 0 ? 256 : 9)); break;
        case 1: put(new Uint32Array([random(2) === 0 ? random(12) : pick(EDGES)])); break;
        case 2: put(new Float64Array([pick(FLOATS)])); break;
        case 3: put(new BigUint64Array([meter()])); break;
        case 4: {
          const length = random(40);
          put(new Uint32Array([length]));
          for (let at = 0; at < length; at++) bytes.push(random(256));
        }
      }
    }
    return bytes;
  };
  const u32 = (value) => [...new Uint8Array(new Uint32Array([value]).buffer)];
  const f64 = (value) => [...new Uint8Array(new Float64Array([value]).buffer)];
  const values = () => {
    const count = random(4), bytes = u32(random(10) === 0 ? pick(EDGES) : count);
    for (let index = 0; index < count; index++) {
      const kind = random(9);
      bytes.push(kind, ...(kind < 4 ? f64(pick(FLOATS)) : [...u32(3), 34, 65, 34]));
    }
    return bytes;
  };
`;

/** Answers each frame with one random packet or two, by a seed that comes as the argument of a call. */
export const RANDOM_PACKETS: string = `${RANDOM}
  const frame = () => {
    const kinds = [
      () => [FRAMES.result, [pick(Object.values(RESULTS)), ...fields(8)]],
      () => [FRAMES.result, [RESULTS.value, ...values()]],
      () => [FRAMES.result, [RESULTS.value, ...u32(1), 0, ...f64(pick(FLOATS))]],
      () => [FRAMES.hostCall, [...u32(random(5)), ...values()]],
      () => [FRAMES.operation, [...u32(pick(OPERATIONS)), ...fields(6)]],
      () => [FRAMES.batchRows, [...new Uint8Array(new Float64Array(Array.from({ length: random(12) }, () => pick(FLOATS))).buffer)]],
      () => [random(20), fields(8)],
      () => [pick([FRAMES.result, FRAMES.hostCall, FRAMES.operation]), new Uint8Array(pick([0, 1, 4096, 1 << 20])).fill(random(256))],
    ];
    const [kind, bytes] = pick(kinds)();
    return [kind, Uint8Array.from(bytes)];
  };
  const turn = () => { const [kind, bytes] = frame(); turned(kind, TURNS.host, bytes, meter); };
  /** Sends one random packet; whether it gave the turn away. */
  const one = () => {
    const what = random(100);
    sent++;
    if (what < 55) { turn(); return true; }
    if (what < 90) { send(PACKETS.readings, readings(meter)); return false; }
    if (what < 93) { turned(FRAMES.result, random(6), new Uint8Array(8)); return true; }
    if (what < 95) { send(PACKETS.failed, new TextEncoder().encode("\\u001b[31m failed " + what)); return true; }
    if (what < 98) { send(pick(Object.values(PACKETS)), Uint8Array.from(fields(10))); return true; }
    send(pick([PACKETS.turned, PACKETS.readings, 77]), new Uint8Array(3), pick(EDGES));
    return true;
  };
  /** It has been told to stop. It does, but for some times, since tests would wait for the grace each time. */
  const stop = () => { sent++; turned(FRAMES.result, TURNS.host, Uint8Array.of(RESULTS.aborted, 0), meter); };
  for (let mine = true;;) {
    const packet = take();
    if (packet.kind === PACKETS.frame && packet.content.length >= ${FRAME_HEAD}) {
      const view = new DataView(packet.content.buffer), kind = view.getUint32(4, true);
      if (kind === FRAMES.none) continue; // what is asked for comes as a message
      // Behind the head of the packet; the sixth word of a batch is its first argument.
      if (kind === FRAMES.batch) state = view.getFloat64(${FRAME_HEAD + 40}, true) | 0;
      if (view.getInt32(8, true) === 2 && random(64) > 0) { stop(); continue; }
      // Nobody tells it to stop while it is asked how a row ended; the grace is short for that as well.
      if (kind === FRAMES.batchEnd && random(16) > 0) { turn(); continue; }
      mine = !one();
      if (!mine && random(16) > 0) continue; // else it answers once more, out of turn
      if (one()) mine = false;
    } else if (packet.kind === PACKETS.control) {
      if (mine && packet.content[0] === 2) { mine = false; stop(); }
    } else if (packet.kind === PACKETS.post) {
      honest(packet, meter);
      mine = false;
    }
  }`;

/** Operations that the next program asks for in one call. */
export const OPERATIONS_A_CALL = 20;

/** Asks the files broker for random operations, each when the one before was answered, and then returns the last errno. */
export const RANDOM_OPERATIONS: string = `${RANDOM}
  let left = 0;
  const ask = () => {
    const operation = [...u32(random(4) > 0 ? pick(OPERATIONS) : pick(EDGES)), ...fields(9)];
    const kind = random(8) > 0 ? FRAMES.operation : random(20);
    left--;
    turned(kind, TURNS.files, Uint8Array.from(operation), meter);
  };
  for (;;) {
    const packet = take();
    if (packet.kind === PACKETS.post) honest(packet, meter);
    if (packet.kind !== PACKETS.frame) continue;
    const view = new DataView(packet.content.buffer), kind = view.getUint32(4, true);
    if (kind === FRAMES.batch) {
      state = view.getFloat64(${FRAME_HEAD + 40}, true) | 0;
      left = ${OPERATIONS_A_CALL};
    }
    if (kind !== FRAMES.batch && kind !== FRAMES.answer) continue;
    if (left > 0) ask();
    else turned(FRAMES.result, TURNS.host, Uint8Array.of(RESULTS.value, ...u32(1), 0, ...f64(view.getUint32(${FRAME_HEAD}, true))), meter);
  }`;

/** Answers a call with a packet that declares so many bytes, and sends them. @param kind its number */
export function longPacket(kind: number, length: number): string {
  return `
  const part = new Uint8Array(1 << 20);
  for (;;) {
    const packet = take();
    if (packet.kind === PACKETS.post) honest(packet);
    if (packet.kind !== PACKETS.frame || packet.content[4] === FRAMES.none) continue;
    send(${kind}, part, ${length});
    for (;;) write(part);
  }`;
}

/** Answers a call with a frame of 16 MiB that has as many values of zero bytes as go into it. */
const EMPTY_VALUES = `
  const values = (head) => {
    const bytes = new Uint8Array((16 << 20) - 64), view = new DataView(bytes.buffer);
    bytes.set(head);
    let at = head.length + 4, count = 0;
    for (; at + 16 < bytes.length; count++) { bytes[at] = 5; at += 5; at += -at & 7; }
    view.setUint32(head.length, count, true);
    return bytes.subarray(0, at);
  };
  for (;;) {
    const packet = take(), kind = packet.content[4];
    if (packet.kind === PACKETS.post) honest(packet);
    if (packet.kind !== PACKETS.frame || kind === FRAMES.none) continue;
    if (kind === FRAMES.hostThrow) turned(FRAMES.result, TURNS.host, Uint8Array.of(RESULTS.hostError));
    else turned(...ANSWER);
  }`;

/** The same. @param answer its frame: kind, turn and bytes, with `values(head)` behind the head */
export function emptyValues(answer: string): string {
  return EMPTY_VALUES.replace("...ANSWER", `...${answer}`);
}
