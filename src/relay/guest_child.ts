/**
 * Stands in for the host inside a guest's child process: the guest runs in a Worker, on a channel of this process, and
 * whatever it gives the turn for goes to the host. The guest may have broken out of WebAssembly and write anything
 * into the channel; then nonsense is relayed, and the host's side kills the process.
 */
import type { SendPacket } from "./child_link.ts";
import { decodeControl, decodeFrame, encodeReadings, encodeTurnedHead } from "./packet_contents.ts";
import { type PacketKind, PACKETS } from "./wire.ts";
import { decodeData } from "../protocol/data.ts";
import { createSharedBuffer } from "../protocol/frame.ts";
import { FRAMES, TURNS, WORDS } from "../protocol/layout.ts";
import { RelayEnd } from "../protocol/relay_end.ts";

/** The first message to a guest, as far as it is read here. */
interface StartData {
  readonly kind: "start";
  readonly limits: { readonly frameSize: number };
  /** Names of the brokers that the guest can turn to. */
  readonly links: readonly string[];
}

/** A message that carries code: what V8 compiles as bytes, what the interpreter runs as it is. */
interface LoadData {
  readonly kind: "load";
  readonly module: object;
  readonly support: object;
}

type PostData = StartData | LoadData | { readonly kind: "reset" };

/** Milliseconds between two readings of a guest that is working. */
const READINGS_PAUSE = 10;

/** Index of a control word that nobody uses: where the ready bit of a broker goes, which stands elsewhere. */
const SPARE_WORD = 11;

/** What a guest's child is made with. */
export interface GuestChildPorts {
  readonly worker: Pick<Worker, "postMessage">;
  readonly send: SendPacket;
  readonly fail: (why: string) => void;
}

export class GuestChild {
  readonly #ports: GuestChildPorts;
  #end: RelayEnd | undefined;
  /** Messages go one after the other, each when its code is compiled. */
  #posts: Promise<void> = Promise.resolve();
  #guestHasTurn = false;
  #readings: ReturnType<typeof setInterval> | undefined;
  #lastBeat: bigint | undefined;

  constructor(ports: GuestChildPorts) {
    this.#ports = ports;
    clearInterval(setInterval(() => {}, READINGS_PAUSE)); // Deno loads its timers when they are first used, for 9 ms
  }

  /** Takes a packet from the host. */
  packet(kind: PacketKind, content: Uint8Array<ArrayBuffer>): void {
    switch (kind) {
      case PACKETS.post:
        return this.#post(decodeData(content) as PostData); // `as`: only our relay writes to this process
      case PACKETS.control:
        return this.#end?.setControl(decodeControl(content));
      case PACKETS.frame:
        return this.#frame(content);
    }
  }

  #frame(content: Uint8Array): void {
    const { control, frame } = decodeFrame(content), end = this.#end;
    if (end === undefined) return;
    end.setControl(control);
    end.putFrame(frame);
    this.#guestHasTurn = true;
    this.#watchReadings();
    // A turn without a frame belongs to a message, which wakes the guest by itself.
    end.pass(TURNS.guest, frame.kind === FRAMES.none ? undefined : WORDS.guestBell);
  }

  #post(message: PostData): void {
    if (message.kind === "start") return this.#start(message);
    const { worker, fail } = this.#ports;
    this.#posts = this.#posts
      .then(async () => worker.postMessage(message.kind === "load" ? await compiled(message) : message))
      .catch((error) => fail(error instanceof Error ? error.message : String(error)));
  }

  #start({ links, ...message }: StartData): void {
    const end = new RelayEnd(createSharedBuffer(message.limits.frameSize), "host");
    this.#end = end;
    end.pass(TURNS.guest);
    this.#guestHasTurn = true;
    const words = new Int32Array(end.buffer, 0, SPARE_WORD + 1);
    // For the guest each broker is behind the bell that the relay waits on.
    const link = { words, bell: WORDS.hostBell, readyWord: SPARE_WORD, readyBit: 1 };
    this.#ports.worker.postMessage({
      ...message,
      buffer: end.buffer,
      brokers: Object.fromEntries(links.map((name) => [name, link])),
      // What other guests change cannot be told at once to this one: it reads nothing ahead.
      changes: new SharedArrayBuffer(0),
      spin: false,
    });
    void this.#run(end);
  }

  async #run(end: RelayEnd): Promise<void> {
    for (;;) {
      const seen = end.bellCount(WORDS.hostBell), turn = end.turnWord;
      if (this.#guestHasTurn && turn !== TURNS.guest) this.#sendTurn(end, turn);
      await end.rung(WORDS.hostBell, seen);
    }
  }

  #sendTurn(end: RelayEnd, turn: number): void {
    this.#guestHasTurn = false;
    clearInterval(this.#readings);
    try {
      const frame = end.takeFrame();
      this.#ports.send(
        PACKETS.turned,
        encodeTurnedHead({ slot: 0, turn, readings: end.readings, frame }),
        frame.bytes,
      );
    } catch (error) {
      this.#ports.fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** While the guest works, the host hears of it. */
  #watchReadings(): void {
    clearInterval(this.#readings);
    this.#readings = setInterval(() => {
      const readings = this.#end?.readings, beat = readings?.meters.at(-1);
      if (readings === undefined || beat === this.#lastBeat) return;
      this.#lastBeat = beat;
      this.#ports.send(PACKETS.readings, encodeReadings({ slot: 0, readings }));
    }, READINGS_PAUSE);
  }
}

/**
 * The message with its code compiled. A sandbox loads a module once, and its resets use what was compiled, so nothing
 * would be gained by keeping it here.
 */
async function compiled(message: LoadData): Promise<object> {
  const [module, support] = await Promise.all([
    compiledCode(message.module),
    compiledCode(message.support),
  ]);
  return { ...message, module, support };
}

async function compiledCode(code: object): Promise<object> {
  if (!(code instanceof Uint8Array)) return code;
  return await WebAssembly.compile(code as Uint8Array<ArrayBuffer>); // `as`: data is decoded into bytes of its own
}
