/**
 * The end of a channel that a relay holds. Where two sides are in different processes, each has a channel of its own,
 * and a relay beside each stands in for the other side: it takes what was written and sends it across, and puts what
 * comes from there. What it takes was written by a guest, what it puts may have been: lengths are checked here.
 */
import { ChannelEnd } from "./channel.ts";
import { BEFORE, METERS, TURNS, WORDS } from "./layout.ts";

/** A value of {@linkcode TURNS}. */
export type Turn = (typeof TURNS)[keyof typeof TURNS];

/** A frame outside of a channel. */
export interface LooseFrame {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

/** What the host wants of a guest. */
export interface ControlWords {
  readonly control: number;
  readonly abortReason: number;
  readonly fuelBudget: bigint;
  /** Milliseconds. */
  readonly pausedTime: number;
  readonly saveRequests: number;
}

/** The meters that guests write, in the order in which they travel: all but the budget. */
const GUEST_METERS = [
  METERS.fuelUsed,
  METERS.memory,
  METERS.hostCalls,
  METERS.parkedTime,
  METERS.refusedGrowths,
  // What some were when the call began.
  METERS.fuelUsed + BEFORE,
  METERS.hostCalls + BEFORE,
  METERS.parkedTime + BEFORE,
  METERS.refusedGrowths + BEFORE,
  METERS.beats,
] as const;

/** What a guest publishes: its state, and its meters as the bits of 64-bit words. */
export interface Readings {
  readonly state: number;
  readonly meters: readonly bigint[];
}

/** How many meters {@linkcode Readings} have. */
export const METER_COUNT = GUEST_METERS.length;

export class RelayEnd extends ChannelEnd {
  /** @param side for whom it stands: it waits for that side's turns, and is always to be woken */
  constructor(buffer: SharedArrayBuffer, side: "host" | "guest" | "broker") {
    super(buffer);
    if (side === "guest") Atomics.add(this.words, WORDS.guestParked, 1);
    if (side === "host") Atomics.add(this.words, WORDS.hostParked, 1);
  }

  /** Whose turn it is; whatever a guest wrote there. */
  get turnWord(): number {
    return Atomics.load(this.words, WORDS.turn);
  }

  /** The bell's count, to be read before looking at what it announces. */
  bellCount(bell: number): number {
    return Atomics.load(this.words, bell);
  }

  /** Waits until a bell has rung since its count was read. */
  async rung(bell: number, seen: number): Promise<void> {
    const wait = Atomics.waitAsync(this.words, bell, seen);
    if (wait.async) await wait.value;
  }

  /** Copies the frame out. @throws {FrameError} for a length that a guest cannot have written honestly */
  takeFrame(): LooseFrame {
    return { kind: this.frameKind, bytes: this.reader().rest() };
  }

  /** Copies a frame in; it goes with the next turn. @throws {FrameError} for more than the channel can hold */
  putFrame({ kind, bytes }: LooseFrame): void {
    this.writer().rest(bytes);
    this.setFrame(kind);
  }

  /** Ends a wait for a bell, of this process, without ringing it. */
  wake(bell: number): void {
    Atomics.notify(this.words, bell);
  }

  /** Gives the turn away with the frame that was written last. */
  passWritten(to: Turn, kind: number, bell: number): void {
    this.setFrame(kind);
    this.pass(to, bell);
  }

  /** Gives the turn away with the frame that was put last; rings a bell if one is named. */
  pass(to: Turn, bell?: number): void {
    Atomics.store(this.words, WORDS.turn, to);
    if (bell !== undefined) this.ring(bell);
  }

  get control(): ControlWords {
    return {
      control: Atomics.load(this.words, WORDS.control),
      abortReason: Atomics.load(this.words, WORDS.abortReason),
      fuelBudget: Atomics.load(this.integers, METERS.fuelBudget),
      pausedTime: this.numbers[METERS.pausedTime] ?? 0,
      saveRequests: Atomics.load(this.words, WORDS.saveRequests),
    };
  }

  /** Writes the control words in the order in which the host does, and rings for the guest. */
  setControl({ control, abortReason, fuelBudget, pausedTime, saveRequests }: ControlWords): void {
    Atomics.store(this.words, WORDS.saveRequests, saveRequests);
    this.numbers[METERS.pausedTime] = pausedTime;
    Atomics.store(this.integers, METERS.fuelBudget, fuelBudget);
    Atomics.store(this.words, WORDS.abortReason, abortReason);
    Atomics.store(this.words, WORDS.control, control);
    this.ring(WORDS.guestBell);
  }

  get readings(): Readings {
    return {
      state: Atomics.load(this.words, WORDS.state),
      meters: GUEST_METERS.map((meter) => Atomics.load(this.integers, meter)),
    };
  }

  setReadings({ state, meters }: Readings): void {
    Atomics.store(this.words, WORDS.state, state);
    for (const [index, meter] of GUEST_METERS.entries()) {
      Atomics.store(this.integers, meter, meters[index] ?? 0n);
    }
  }
}

/** The turn of a number that came from another process; undefined for one that is none. */
export function turnOf(value: number): Turn | undefined {
  return Object.values(TURNS).find((turn) => turn === value);
}
