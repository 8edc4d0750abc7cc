import type { GuestInstance } from "./instance.ts";

/**
 * The call stack that the instances of a sandbox share. Each counts its own frames against a cap of its own; the
 * caps are moved so that together they never allow more than the limit. Handlers set an instance's counter back by
 * themselves, so caps are absolute and counters are never written here but at the start of a call.
 */
export class StackLedger {
  readonly #instances: GuestInstance[] = [];

  constructor(readonly limit: number) {}

  add(instance: GuestInstance): void {
    this.#instances.push(instance);
  }

  clear(): void {
    this.#instances.length = 0;
  }

  /** Nothing is on the stack: the instance that is called may use all of it. */
  begin(instance: GuestInstance): void {
    for (const other of this.#instances) {
      other.stackUsed.value = 0;
      other.stackCap.value = other === instance ? this.limit : 0;
    }
  }

  /** Called when an instance has counted past its cap: gives it what the others do not use; false when that is too little. */
  extend(instance: GuestInstance): boolean {
    let usedByOthers = 0;
    for (const other of this.#instances) {
      if (other === instance) continue;
      usedByOthers += other.stackUsed.value;
      other.stackCap.value = other.stackUsed.value;
    }
    const cap = this.limit - usedByOthers;
    if (instance.stackUsed.value > cap) return false;
    instance.stackCap.value = cap;
    return true;
  }
}
