/**
 * Places for guests, of which there are only so many. Who waits gets one in turn with the other sessions, however many
 * calls one of them has waiting; nobody waits for ever; and one of several sessions never has all of them.
 */
import { AegisError } from "../../core/errors.ts";

/** Whose calls wait: a session. */
export interface PlaceUser {
  /** Whether no other session can come: it may have every place then. */
  readonly alone: boolean;
}

/** Gives a place back; a second time does nothing. */
export type Leave = () => void;

interface Waiter {
  readonly enter: (leave: Leave) => void;
}

/** How long places are waited for. */
export interface PlacesOptions {
  /** Milliseconds that a call waits for one at most; undefined for as long as it takes. */
  readonly wait: number | undefined;
}

export class Places {
  readonly #maximum: number;
  readonly #options: PlacesOptions;
  readonly #held = new Map<PlaceUser, number>();
  /** Those who wait, by session; the session that got a place last comes last. */
  readonly #waiting = new Map<PlaceUser, Waiter[]>();
  #free: number;

  constructor(maximum: number, options: PlacesOptions) {
    this.#maximum = maximum;
    this.#free = maximum;
    this.#options = options;
  }

  /** Takes a place, as soon as there is one. @throws {AegisError} `Cancelled`, `PoolBusy` */
  async take(user: PlaceUser, signal: AbortSignal): Promise<Leave> {
    if (signal.aborted) throw neverBegan();
    const { promise, resolve, reject } = Promise.withResolvers<Leave>(), waiter: Waiter = { enter: resolve };
    this.#waiting.set(user, [...this.#waiting.get(user) ?? [], waiter]);
    this.#serve();
    const give = (error: AegisError) => {
      this.#forget(user, waiter);
      reject(error);
    };
    const cancelled = () => give(neverBegan());
    signal.addEventListener("abort", cancelled);
    const { wait } = this.#options;
    const timer = wait === undefined ? undefined : setTimeout(() => give(busy(wait)), wait);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", cancelled);
    }
  }

  #forget(user: PlaceUser, waiter: Waiter): void {
    const left = (this.#waiting.get(user) ?? []).filter((one) => one !== waiter);
    if (left.length === 0) this.#waiting.delete(user);
    else this.#waiting.set(user, left);
  }

  #serve(): void {
    while (this.#free > 0) {
      const next = [...this.#waiting].find(([user]) => (this.#held.get(user) ?? 0) < this.#share(user));
      if (next === undefined) return;
      const [user, [waiter, ...others]] = next;
      this.#waiting.delete(user); // and behind all others, if it waits on
      if (others.length > 0) this.#waiting.set(user, others);
      waiter?.enter(this.#enter(user));
    }
  }

  #share({ alone }: PlaceUser): number {
    return alone ? this.#maximum : Math.max(1, this.#maximum - 1);
  }

  #enter(user: PlaceUser): Leave {
    this.#free--;
    this.#held.set(user, (this.#held.get(user) ?? 0) + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#free++;
      const held = (this.#held.get(user) ?? 1) - 1;
      if (held === 0) this.#held.delete(user);
      else this.#held.set(user, held);
      this.#serve();
    };
  }
}

/** For a call that was cancelled before its guest saw anything of it. */
export function neverBegan(): AegisError {
  return new AegisError("Cancelled", "The call was cancelled before it began");
}

function busy(wait: number): AegisError {
  return new AegisError(
    "PoolBusy",
    `Cannot call now: all guests were busy for ${Math.round(wait / 1000)} s`,
    {
      suggestion: "Ask again later, or in fewer calls at once.",
    },
  );
}
