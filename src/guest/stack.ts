import type { GuestInstance } from "./instance.ts";

/** The part of an instance that counts its stack. */
type Counted = Pick<GuestInstance, "stackUsed" | "stackCap" | "stackShared">;

/** An instance was given more of the stack: it was called, directly or not, by frames of others. */
interface Extension {
  readonly instance: Counted;
  /** What it used before its new frames. */
  readonly before: number;
  /** What each instance used at that moment. */
  readonly used: ReadonlyMap<Counted, number>;
}

/** The same as plain data; instances by the order in which they were added. */
export interface StackLedgerState {
  /** Whose stack was begun last; -1 for nobody's. */
  readonly last: number;
  readonly extensions: readonly {
    readonly instance: number;
    readonly before: number;
    readonly used: readonly (readonly [instance: number, bytes: number])[];
  }[];
}

/**
 * The call stack that the instances of a sandbox share. Each counts its own frames against a cap of its own; the
 * caps are moved so that together they never allow more than the limit. Only the instance that was extended last has
 * room: the caps of the others are what they use, so the first frame that one of them adds comes here.
 *
 * An exception may unwind frames of an instance that does not catch it, and whose counter then stays too high. So
 * extensions are kept, and a handler that says what its own instance uses ends those above it.
 */
export class StackLedger {
  readonly #instances: Counted[] = [];
  readonly #extensions: Extension[] = [];
  /** Whose stack was begun last. */
  #last: Counted | undefined;

  constructor(readonly limit: number) {}

  add(instance: Counted): void {
    this.#last = undefined;
    this.#instances.push(instance);
    if (this.#instances.length > 1) { for (const each of this.#instances) each.stackShared.value = 1; }
  }

  clear(): void {
    this.#last = undefined;
    this.#instances.length = 0;
    this.#extensions.length = 0;
  }

  /** Nothing is on the stack: the instance that is called may use all of it. */
  begin(instance: Counted): void {
    // It was the last to be called, and has returned: all is as it was then.
    if (this.#last === instance && this.#extensions.length === 0 && instance.stackUsed.value === 0) return;
    this.#last = instance;
    this.#extensions.length = 0;
    for (const other of this.#instances) {
      other.stackUsed.value = 0;
      other.stackCap.value = other === instance ? this.limit : 0;
    }
  }

  /** Called when an instance has counted past its cap: gives it what the others do not use; false when that is too little. */
  extend(instance: Counted): boolean {
    const before = instance.stackCap.value, used = new Map<Counted, number>();
    let usedByOthers = 0;
    for (const other of this.#instances) {
      if (other === instance) continue;
      used.set(other, other.stackUsed.value);
      usedByOthers += other.stackUsed.value;
      other.stackCap.value = other.stackUsed.value;
    }
    const cap = this.limit - usedByOthers;
    if (instance.stackUsed.value > cap) return false;
    this.#dropReturned(instance, before);
    this.#extensions.push({ instance, before, used });
    instance.stackCap.value = cap;
    return true;
  }

  /** Called by a handler of an instance, whose counter is right again: frames above it are gone, whoever's they were. */
  unwound(instance: Counted): void {
    const now = instance.stackUsed.value;
    for (let last = this.#extensions.at(-1); last !== undefined; last = this.#extensions.at(-1)) {
      const own = last.instance === instance;
      if ((own ? last.before : last.used.get(instance) ?? 0) < now) return;
      if (!own) last.instance.stackUsed.value = last.instance.stackCap.value = last.before;
      this.#extensions.pop();
    }
  }

  /** Forgets extensions whose frames have all returned. */
  #dropReturned(instance: Counted, before: number): void {
    for (let last = this.#extensions.at(-1); last !== undefined; last = this.#extensions.at(-1)) {
      const used = last.instance === instance ? before : last.instance.stackUsed.value;
      if (used > last.before) return;
      this.#extensions.pop();
    }
  }

  save(): StackLedgerState {
    const number = (instance: Counted) => this.#instances.indexOf(instance);
    return {
      last: this.#last === undefined ? -1 : number(this.#last),
      extensions: this.#extensions.map(({ instance, before, used }) => ({
        instance: number(instance),
        before,
        used: [...used].map(([other, bytes]) => [number(other), bytes] as const),
      })),
    };
  }

  /** Puts a state in place, when the counters of the instances are those of the state. Caps are worked out anew. */
  restore({ last, extensions }: StackLedgerState): void {
    this.#last = this.#instances[last];
    this.#extensions.length = 0;
    for (const { instance, before, used } of extensions) {
      const extended = this.#instances[instance];
      if (extended === undefined) continue;
      const known = used.flatMap(([other, bytes]): [Counted, number][] => {
        const found = this.#instances[other];
        return found === undefined ? [] : [[found, bytes]];
      });
      this.#extensions.push({ instance: extended, before, used: new Map(known) });
    }
    const running = this.#extensions.at(-1)?.instance ?? this.#last;
    let others = 0;
    for (const instance of this.#instances) {
      if (instance === running) continue;
      instance.stackCap.value = instance.stackUsed.value;
      others += Math.max(0, instance.stackUsed.value);
    }
    if (running !== undefined) running.stackCap.value = Math.max(0, this.limit - others);
  }
}
