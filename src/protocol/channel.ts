/**
 * Both ends of the channel (`layout.ts` has the map). Who waits for whom:
 *
 *     host   awaits the turn with Atomics.waitAsync on its bell; in a call that blocks looks for it, then parks in
 *            Atomics.wait, always with a time after which it gives the guest up
 *     guest  between requests: awaits the turn with Atomics.waitAsync, in its event loop, so that messages get in
 *            in a host call: parks in Atomics.wait on its bell; only the host ends that wait, by giving the turn
 *            when paused: parks in Atomics.wait on its bell until CONTROL changes
 *     broker parks on a bell of its own, which is none of the channel's (`broker/messages.ts`)
 */
import { type BrokerLink, ringBroker } from "./broker_link.ts";
import { FrameArea, FrameReader, FrameWriter } from "./frame.ts";
import { Patience } from "./patience.ts";
import { BEFORE, CONTROLS, FRAME_START, FRAMES, METERS, STATES, TURNS, WORDS } from "./layout.ts";
import { ERRNO } from "./errno.ts";
import { type BrokerPerformer, OPERATION_OVERHEAD } from "./operations.ts";
import { ABORT_REASONS, type AbortReason } from "../core/outcome.ts";

const WORD_COUNT = FRAME_START / 4, METER_COUNT = FRAME_START / 8;

/** What each side waits on, and what says that it does. */
const WAITS = {
  [TURNS.host]: { bell: WORDS.hostBell, parked: WORDS.hostParked },
  [TURNS.guest]: { bell: WORDS.guestBell, parked: WORDS.guestParked },
} as const;

/** What every end of a channel can do. */
export abstract class ChannelEnd {
  protected readonly words: Int32Array;
  protected readonly integers: BigInt64Array;
  protected readonly numbers: Float64Array;
  readonly #area: FrameArea;
  readonly #writer: FrameWriter;

  constructor(readonly buffer: SharedArrayBuffer) {
    if (buffer.byteLength < FRAME_START) throw new RangeError("A channel's buffer is too small");
    this.words = new Int32Array(buffer, 0, WORD_COUNT);
    this.integers = new BigInt64Array(buffer, 0, METER_COUNT);
    this.numbers = new Float64Array(buffer, 0, METER_COUNT);
    this.#area = new FrameArea(buffer);
    this.#writer = new FrameWriter(this.#area);
  }

  /** The kind of the frame that came with the turn. */
  get frameKind(): number {
    return this.words[WORDS.frameKind] ?? FRAMES.none;
  }

  /** A reader of that frame. */
  reader(): FrameReader {
    return new FrameReader(this.#area, this.words[WORDS.frameLength] ?? 0);
  }

  /** A writer for the frame that goes with the next turn. Only for the side that has it. */
  writer(): FrameWriter {
    this.#writer.rewind();
    return this.#writer;
  }

  /** What is said of the frame. No atomic stores: whoever sees the turn, which is given after this, sees them. */
  protected setFrame(kind: number, length: number = this.#writer.length): void {
    this.words[WORDS.frameKind] = kind;
    this.words[WORDS.frameLength] = length;
  }

  /** Gives the turn away; rings if the other side may be parked, since that costs more than all the rest. */
  protected giveTurn(to: typeof TURNS.host | typeof TURNS.guest): void {
    const { words } = this, { bell, parked } = WAITS[to];
    Atomics.store(words, WORDS.turn, to);
    if (Atomics.load(words, parked) !== 0) this.ring(bell);
  }

  protected ring(bell: number): void {
    Atomics.add(this.words, bell, 1);
    Atomics.notify(this.words, bell);
  }

  /** Looks for a turn so many times; whether it came. */
  spinForTurn(turn: number, times: number): boolean {
    const { words } = this;
    for (let left = times; left > 0; left--) {
      if (Atomics.load(words, WORDS.turn) === turn) return true;
    }
    return false;
  }

  protected async turn(mine: typeof TURNS.host | typeof TURNS.guest, ended: () => boolean): Promise<boolean> {
    const { words } = this, { bell, parked } = WAITS[mine];
    // Before the turn is looked at: either who gives it sees this, or it is seen here.
    Atomics.add(words, parked, 1);
    try {
      for (;;) {
        const seen = Atomics.load(words, bell);
        if (ended()) return false;
        if (Atomics.load(words, WORDS.turn) === mine) return true;
        const wait = Atomics.waitAsync(words, bell, seen);
        if (wait.async) await wait.value;
      }
    } finally {
      Atomics.sub(words, parked, 1);
    }
  }
}

/** What the meters say: amounts, whatever a guest wrote there. */
export interface MeterReading {
  readonly fuelUsed: bigint;
  readonly memory: number;
  readonly hostCalls: number;
  readonly parkedTime: number;
  readonly refusedGrowths: number;
  readonly beats: number;
}

/** The host's end. */
export class HostEnd extends ChannelEnd {
  #ended = false;
  readonly #spin: boolean;
  readonly #patience = new Patience();

  /** @param spin whether there is a core to spare for it */
  constructor(buffer: SharedArrayBuffer, spin = false) {
    super(buffer);
    this.#spin = spin;
  }

  /** Gives the turn to the guest. @param length bytes of the frame; @default what was written last */
  give(kind: number, length?: number): void {
    this.setFrame(kind, length);
    this.giveTurn(TURNS.guest);
  }

  /** Gives the turn without a frame: the request comes by message. */
  giveSilently(): void {
    this.setFrame(FRAMES.none, 0);
    Atomics.store(this.words, WORDS.turn, TURNS.guest);
  }

  /** Waits until the host has the turn; false when the guest's thread was given up. */
  nextTurn(): Promise<boolean> {
    return this.turn(TURNS.host, () => this.#ended);
  }

  /**
   * Blocks this thread until the host has the turn: looks for it a while, then parks.
   *
   * @param milliseconds at most @returns whether it came
   */
  waitForTurn(milliseconds: number): boolean {
    return this.soonHasTurn() || this.parkForTurn(milliseconds);
  }

  /** Looks for the turn a while; whether it came. */
  soonHasTurn(): boolean {
    return this.#spin && this.#patience.tryFor(TURNS.host, this.words);
  }

  /** Parks this thread until the host has the turn. @param milliseconds at most @returns whether it came */
  parkForTurn(milliseconds: number): boolean {
    const began = performance.now(), until = began + milliseconds, { words } = this;
    Atomics.add(words, WORDS.hostParked, 1); // as in turn()
    try {
      for (;;) {
        const seen = Atomics.load(words, WORDS.hostBell), now = performance.now(), left = until - now;
        if (Atomics.load(words, WORDS.turn) === TURNS.host) {
          this.#patience.parked(now - began);
          return true;
        }
        if (this.#ended || !(left > 0)) return false;
        Atomics.wait(words, WORDS.hostBell, seen, left);
      }
    } finally {
      Atomics.sub(words, WORDS.hostParked, 1);
    }
  }

  /** Says whether the host blocks while it waits, so that it pays for the guest to look for its turn a while, too. */
  setBlocking(blocking: boolean): void {
    const wanted = blocking && this.#spin ? 1 : 0;
    if (Atomics.load(this.words, WORDS.hostBlocks) !== wanted) {
      Atomics.store(this.words, WORDS.hostBlocks, wanted);
    }
  }

  /** Ends the host's wait for the turn, and stops the guest: it will not be listened to any more. */
  end(): void {
    this.#ended = true;
    Atomics.notify(this.words, WORDS.hostBell);
    this.abort("closed");
  }

  /** Tells the guest to stop what it does, and why. */
  abort(reason: AbortReason): void {
    Atomics.store(this.words, WORDS.abortReason, ABORT_REASONS[reason]);
    Atomics.store(this.words, WORDS.control, CONTROLS.abort);
    this.ring(WORDS.guestBell);
  }

  /** Answers an operation whose performer is gone; nothing when the turn is not its. */
  answerInPlaceOf(broker: BrokerPerformer): void {
    if (Atomics.load(this.words, WORDS.turn) !== TURNS[broker]) return;
    this.writer().u32(ERRNO.io);
    this.give(FRAMES.answer);
  }

  /** The guest's time has stood still for so many milliseconds; before it is let go on. */
  addPausedTime(milliseconds: number): void {
    this.numbers[METERS.pausedTime] = (this.numbers[METERS.pausedTime] ?? 0) + milliseconds;
  }

  /** Takes an earlier abort or pause back. */
  run(): void {
    if (Atomics.load(this.words, WORDS.control) === CONTROLS.run) return;
    Atomics.store(this.words, WORDS.control, CONTROLS.run);
    this.ring(WORDS.guestBell);
  }

  pause(): void {
    Atomics.store(this.words, WORDS.control, CONTROLS.pause);
    this.ring(WORDS.guestBell); // a guest in another process hears of it by a relay, which waits on the bell
  }

  /** Asks the guest for its state, in the midst of what it does. */
  requestSave(): void {
    Atomics.add(this.words, WORDS.saveRequests, 1);
    this.ring(WORDS.guestBell); // as above; and a guest that is paused
  }

  setFuelBudget(budget: bigint): void {
    Atomics.store(this.integers, METERS.fuelBudget, budget);
    this.ring(WORDS.guestBell); // as above
  }

  /** The meters as the guest published them last. */
  meters(): MeterReading {
    return this.#read(0);
  }

  /** What they were when the last call began. */
  metersBefore(): MeterReading {
    return this.#read(BEFORE);
  }

  #read(shift: number): MeterReading {
    const { numbers } = this, fuelUsed = Atomics.load(this.integers, METERS.fuelUsed + shift);
    return {
      fuelUsed: fuelUsed < 0n ? 0n : fuelUsed,
      memory: wholeAmount(numbers[METERS.memory + shift]),
      hostCalls: wholeAmount(numbers[METERS.hostCalls + shift]),
      parkedTime: amount(numbers[METERS.parkedTime + shift]),
      refusedGrowths: wholeAmount(numbers[METERS.refusedGrowths + shift]),
      beats: wholeAmount(numbers[METERS.beats + shift]),
    };
  }
}

/** What a guest has written as an amount, or 0: sums are made of it, and columns of a database filled with it. */
function amount(value = 0): number {
  return value > 0 && value < Infinity ? value : 0;
}

function wholeAmount(value = 0): number {
  return Number.isSafeInteger(value) ? amount(value) : 0;
}

/** The guest's end. */
export class GuestEnd extends ChannelEnd {
  readonly #patience = new Patience();

  /** Gives the turn to the host. @param length bytes of the frame; @default what was written last */
  give(kind: number, length?: number): void {
    this.setFrame(kind, length);
    this.giveTurn(TURNS.host);
  }

  /** Waits in the event loop until the guest has the turn. */
  async nextTurn(): Promise<void> {
    const began = performance.now();
    await this.turn(TURNS.guest, () => false);
    this.#patience.parked(performance.now() - began);
  }

  /** Whether the guest has the turn. */
  get hasTurn(): boolean {
    return Atomics.load(this.words, WORDS.turn) === TURNS.guest;
  }

  /** Looks for the turn a while where the host blocks; whether it came. */
  soonHasTurn(): boolean {
    return this.#hostBlocks && this.#patience.tryFor(TURNS.guest, this.words);
  }

  get #hostBlocks(): boolean {
    return Atomics.load(this.words, WORDS.hostBlocks) === 1;
  }

  /** Parks the thread until the guest has the turn. */
  waitForTurn(): void {
    if (this.soonHasTurn()) return;
    const { words } = this, began = performance.now();
    // As in turn(), which may wait beside: a message can be served while the event loop waits for the turn.
    Atomics.add(words, WORDS.guestParked, 1);
    for (;;) {
      const seen = Atomics.load(words, WORDS.guestBell);
      if (Atomics.load(words, WORDS.turn) === TURNS.guest) break;
      Atomics.wait(words, WORDS.guestBell, seen);
    }
    Atomics.sub(words, WORDS.guestParked, 1);
    this.#patience.parked(performance.now() - began);
  }

  /** Bytes that a frame can carry beside the fields of an operation. */
  get room(): number {
    return this.buffer.maxByteLength - FRAME_START - OPERATION_OVERHEAD;
  }

  /** Gives the turn to a broker, with the operation that was written last, and rings for it. */
  giveBroker(broker: BrokerPerformer, link: BrokerLink): void {
    this.setFrame(FRAMES.operation);
    Atomics.store(this.words, WORDS.turn, TURNS[broker]);
    ringBroker(link);
  }

  /** Parks the thread for so many milliseconds, or until the control word is no longer `run`. */
  waitForControl(milliseconds: number): void {
    const until = performance.now() + milliseconds;
    for (;;) {
      const seen = Atomics.load(this.words, WORDS.guestBell), left = until - performance.now();
      if (this.control !== CONTROLS.run || !(left > 0)) return;
      Atomics.wait(this.words, WORDS.guestBell, seen, left);
    }
  }

  /** What the host wants, a value of CONTROLS. */
  get control(): number {
    return Atomics.load(this.words, WORDS.control);
  }

  /** How often the host has asked for the guest's state in mid-call. */
  get saveRequests(): number {
    return Atomics.load(this.words, WORDS.saveRequests);
  }

  /** Parks the thread while the host wants it paused, or until it asks for the state: then {@linkcode saveRequests} is not `saved`. */
  waitWhilePaused(saved: number): void {
    for (;;) {
      const seen = Atomics.load(this.words, WORDS.guestBell);
      if (this.control !== CONTROLS.pause || this.saveRequests !== saved) return;
      Atomics.wait(this.words, WORDS.guestBell, seen);
    }
  }

  get abortReason(): number {
    return Atomics.load(this.words, WORDS.abortReason);
  }

  /** Milliseconds for which it was to stand still, all pauses together that are over. */
  get pausedTime(): number {
    return this.numbers[METERS.pausedTime] ?? 0;
  }

  get fuelBudget(): bigint {
    return Atomics.load(this.integers, METERS.fuelBudget);
  }

  setState(state: keyof typeof STATES): void {
    this.words[WORDS.state] = STATES[state];
  }

  setFuelUsed(used: bigint): void {
    Atomics.store(this.integers, METERS.fuelUsed, used);
  }

  /** A call begins: the meters are what they were before it. */
  markMeters(): void {
    const { integers, numbers } = this;
    integers[METERS.fuelUsed + BEFORE] = integers[METERS.fuelUsed] ?? 0n;
    numbers[METERS.hostCalls + BEFORE] = numbers[METERS.hostCalls] ?? 0;
    numbers[METERS.parkedTime + BEFORE] = numbers[METERS.parkedTime] ?? 0;
    numbers[METERS.refusedGrowths + BEFORE] = numbers[METERS.refusedGrowths] ?? 0;
  }

  setMeter(
    meter: Exclude<keyof typeof METERS, "fuelUsed" | "fuelBudget" | "pausedTime">,
    value: number,
  ): void {
    this.numbers[METERS[meter]] = value;
  }
}
