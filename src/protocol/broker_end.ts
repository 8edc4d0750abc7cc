import { ChannelEnd } from "./channel.ts";
import { FRAME_START, FRAMES, TURNS, WORDS } from "./layout.ts";
import { type BrokerPerformer, OPERATION_OVERHEAD } from "./operations.ts";

/** Bytes of an answer before its fields: the error number. */
const ANSWER_HEAD = 4;

/** A broker's end: it has the turn for one operation, and gives it back to the guest. */
export class BrokerEnd extends ChannelEnd {
  readonly #turn: number;

  constructor(buffer: SharedArrayBuffer, broker: BrokerPerformer) {
    super(buffer);
    this.#turn = TURNS[broker];
  }

  /** Whether the guest waits for this broker: only then may it touch the frame. */
  get asked(): boolean {
    return Atomics.load(this.words, WORDS.turn) === this.#turn;
  }

  /** Bytes that an answer can carry beside its other fields. */
  get room(): number {
    return this.buffer.maxByteLength - FRAME_START - OPERATION_OVERHEAD;
  }

  /** Where the bytes of an answer will lie that begins with them; see {@linkcode FrameWriter.place}. */
  contentPlace(most: number): Uint8Array<SharedArrayBuffer> {
    return this.writer().place(most, ANSWER_HEAD);
  }

  /** Gives the turn back to the guest, with the answer that was written last; leaves a turn that is not its own. */
  give(): void {
    this.setFrame(FRAMES.answer);
    Atomics.compareExchange(this.words, WORDS.turn, this.#turn, TURNS.guest);
    this.ring(WORDS.guestBell);
  }
}
