/**
 * Stands in for a guest's child process that fell into wrong hands altogether: it writes packets of its own to the pipe.
 * While one is in force, the relays that the library starts give it to their children as their program.
 */
import { FRAMES, RESULTS, TURNS } from "../../src/protocol/layout.ts";
import { OPERATIONS } from "../../src/protocol/operations.ts";
import { METER_COUNT } from "../../src/protocol/relay_end.ts";
import type { RelaySettings } from "../../src/relay/relay_messages.ts";
import { HEADER_SIZE, PACKETS } from "../../src/relay/wire.ts";

/** What forged children begin with: packets come and go, one after the other; whoever reads blocks. */
const PRELUDE = `
  const PACKETS = ${JSON.stringify(PACKETS)}, FRAMES = ${JSON.stringify(FRAMES)}, TURNS = ${
  JSON.stringify(TURNS)
},
    RESULTS = ${JSON.stringify(RESULTS)}, METERS = ${METER_COUNT},
    OPERATIONS = ${JSON.stringify(Object.values(OPERATIONS).map(({ code }) => code))};
  const fill = (to) => {
    for (let at = 0; at < to.length;) {
      const count = Deno.stdin.readSync(to.subarray(at));
      if (count === null) Deno.exit(0);
      at += count;
    }
    return to;
  };
  const take = () => {
    const [kind, length] = new Uint32Array(fill(new Uint8Array(${HEADER_SIZE})).buffer);
    return { kind, content: fill(new Uint8Array(length)) };
  };
  const write = (bytes) => { for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at)); };
  const send = (kind, content, length = content.length) => {
    const bytes = new Uint8Array(${HEADER_SIZE} + content.length), view = new DataView(bytes.buffer);
    view.setUint32(0, kind, true);
    view.setUint32(4, length, true);
    bytes.set(content, ${HEADER_SIZE});
    write(bytes);
  };
  const readings = (meter) => {
    const view = new DataView(new ArrayBuffer(8 + 8 * METERS));
    for (let at = 0; at < METERS; at++) view.setBigUint64(8 + 8 * at, meter(at), true);
    return new Uint8Array(view.buffer);
  };
  const turned = (kind, turn, frame, meter = () => 0n) => {
    const head = new Uint32Array([kind, turn]), published = readings(meter);
    const content = new Uint8Array(8 + published.length + frame.length);
    content.set(new Uint8Array(head.buffer));
    content.set(published, 8);
    content.set(frame, 8 + published.length);
    send(PACKETS.turned, content);
  };
  /** Serves as a guest does until it gets a frame: it starts, and is well with what it is sent. */
  const honest = ({ kind }, meter) => {
    if (kind === PACKETS.post) turned(FRAMES.result, TURNS.host, new Uint8Array(5), meter);
  };
`;

/**
 * The program of a child: a broker's is what it would be, with its first packet still to be read, and a guest's the
 * forged one.
 */
function childProgram(forged: string, real: string): string {
  return `${PRELUDE}
  const first = take();
  if (new TextDecoder().decode(first.content.subarray(0, 64)).includes("broker")) {
    const unread = [...new Uint8Array(new Uint32Array([first.kind, first.content.length]).buffer), ...first.content];
    const read = Deno.stdin.read.bind(Deno.stdin);
    Deno.stdin.read = async (to) => {
      const part = unread.splice(0, to.length);
      to.set(part);
      return part.length > 0 ? part.length : await read(to);
    };
    (0, eval)(${JSON.stringify(real)});
  } else {
    ${forged}
  }`;
}

/** Runs work while guests' children are forged by this program; all that is started meanwhile must be closed by the work. */
export async function withForgedChildren<T>(program: string, work: () => Promise<T>): Promise<T> {
  const Original = globalThis.Worker;
  class Watched extends Original {
    override postMessage(message: unknown, ...rest: unknown[]): void {
      const send = super.postMessage.bind(this) as (...args: unknown[]) => void; // both overloads
      if (!isSettings(message)) return send(message, ...rest);
      send({ ...message, childProgram: childProgram(program, message.childProgram) });
    }
  }
  globalThis.Worker = Watched;
  try {
    return await work();
  } finally {
    globalThis.Worker = Original;
  }
}

/** Whether a message is the first one to a relay. */
function isSettings(message: unknown): message is RelaySettings {
  return typeof message === "object" && message !== null && "kind" in message && message.kind === "settings";
}
