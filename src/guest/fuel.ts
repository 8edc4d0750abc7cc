import type { GuestInstance } from "./instance.ts";

/**
 * The fuel of a sandbox, in slices. Each instance counts down a global of its own; together they hold what is left
 * of what was granted:
 *
 *     consumed = granted - Σ remaining
 *
 * A refuel may be cut anywhere by a stack overflow, so it raises `granted` before it raises a remainder: a cut costs
 * the guest, never the host. Slices are cut off at the allowance, so a guest stops at the first test at which it has
 * consumed more, whatever the size of a slice.
 */
export class FuelLedger {
  #granted = 0n;
  readonly #instances: GuestInstance[] = [];
  /** What is consumed while nothing of the guest runs: reading a counter costs as much as all else in a short call. */
  #atRest: bigint | undefined;
  /** Most that may be consumed by the end of this call. */
  allowance = 0n;

  /** @param slice units that are granted next */
  constructor(public slice: bigint) {}

  get consumed(): bigint {
    if (this.#atRest !== undefined) return this.#atRest;
    const [only] = this.#instances;
    if (only !== undefined && this.#instances.length === 1) return this.#granted - only.fuel.value;
    let remaining = 0n;
    for (const instance of this.#instances) remaining += instance.fuel.value;
    return this.#granted - remaining;
  }

  /** The guest has come back, and does nothing until a call begins. @returns consumed */
  rest(): bigint {
    return this.#atRest = this.consumed;
  }

  /** Takes an instance in; its counter is zero. */
  add(instance: GuestInstance): void {
    this.#instances.push(instance);
  }

  /** Takes over what another life had consumed; nothing is granted. */
  restore(consumed: bigint): void {
    this.#atRest = undefined;
    this.#granted = consumed;
    for (const instance of this.#instances) instance.fuel.value = 0n;
  }

  /** Charges what was done outside instrumented code. */
  charge(units: bigint): void {
    this.#atRest = undefined;
    this.#granted += units;
  }

  /** Starts over with nothing granted. */
  clear(): void {
    this.#atRest = undefined;
    this.#granted = 0n;
    this.#instances.length = 0;
  }

  /** Whether more was consumed than may be. */
  get exhausted(): boolean {
    return this.consumed > this.allowance;
  }

  /** A call begins: takes back what is left of the last slice, and grants `instance` the first one. @returns consumed */
  open(instance: GuestInstance): bigint {
    const { consumed } = this;
    this.#atRest = undefined;
    const target = consumed + this.slice < this.allowance ? consumed + this.slice : this.allowance;
    if (target < consumed) {
      this.reclaim();
      return consumed;
    }
    this.#granted = target;
    if (this.#instances.length > 1) { for (const other of this.#instances) other.fuel.value = 0n; }
    instance.fuel.value = target - consumed;
    return consumed;
  }

  /** Grants `instance` the next slice, or what other instances hold of the last. Only while not exhausted. */
  grant(instance: GuestInstance): void {
    const consumed = this.consumed;
    this.#atRest = undefined;
    let target = this.#granted;
    if (consumed >= target) {
      target = consumed + this.slice < this.allowance ? consumed + this.slice : this.allowance;
    }
    this.#granted = target;
    for (const other of this.#instances) if (other !== instance) other.fuel.value = 0n;
    instance.fuel.value = target - consumed;
  }

  /** Takes back what is left of the slice: a call must not live on a slice that was granted under another allowance. */
  reclaim(): void {
    const consumed = this.consumed;
    this.#atRest = undefined;
    this.#granted = consumed;
    for (const instance of this.#instances) instance.fuel.value = 0n;
  }
}
