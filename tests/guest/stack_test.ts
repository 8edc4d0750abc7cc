import fc from "../fast_check.ts";
import type { GuestInstance } from "../../src/guest/instance.ts";
import { StackLedger } from "../../src/guest/stack.ts";
import { assert, assertEquals } from "../assert.ts";
import { fakeInstance } from "./fake_instance.ts";
import { seed } from "../wasm/verdict.ts";

interface Frame {
  readonly instance: GuestInstance;
  readonly bytes: number;
}

/** Does what instrumented code does to the counters, and keeps the true stack beside. */
class Guest {
  readonly instances: readonly GuestInstance[];
  readonly ledger: StackLedger;
  readonly frames: Frame[] = [];

  constructor(count: number, readonly limit: number) {
    this.instances = Array.from({ length: count }, () => fakeInstance());
    this.ledger = new StackLedger(limit);
    for (const instance of this.instances) this.ledger.add(instance);
  }

  instance(index: number): GuestInstance {
    const found = this.instances[index];
    assert(found !== undefined);
    return found;
  }

  get depth(): number {
    return this.frames.reduce((sum, frame) => sum + frame.bytes, 0);
  }

  usedBy(instance: GuestInstance): number {
    return this.frames.reduce((sum, frame) => sum + (frame.instance === instance ? frame.bytes : 0), 0);
  }

  /** False when the guest would be stopped. */
  enter(index: number, bytes: number): boolean {
    const instance = this.instance(index);
    if (this.frames.length === 0) this.ledger.begin(instance);
    instance.stackUsed.value += bytes;
    this.frames.push({ instance, bytes });
    return instance.stackUsed.value <= instance.stackCap.value || this.ledger.extend(instance);
  }

  leave(): void {
    const frame = this.frames.pop();
    if (frame !== undefined) frame.instance.stackUsed.value -= frame.bytes;
  }

  /** An exception unwinds all frames above the one at `depth`, whose handler sets its own counter right. */
  throwTo(depth: number): void {
    const handler = this.frames[depth];
    assert(handler !== undefined);
    this.frames.length = depth + 1;
    handler.instance.stackUsed.value = this.usedBy(handler.instance);
    if (handler.instance.stackShared.value !== 0) this.ledger.unwound(handler.instance);
  }
}

Deno.test("StackLedger gives a single instance the whole limit, and nothing past it", () => {
  const guest = new Guest(1, 1000);
  assert(guest.enter(0, 600));
  assert(guest.enter(0, 400));
  assertEquals(guest.enter(0, 1), false);
});

Deno.test("StackLedger shares the limit between instances that call each other", () => {
  const guest = new Guest(2, 1000);
  assert(guest.enter(0, 300));
  assert(guest.enter(1, 300));
  assert(guest.enter(0, 300));
  assert(guest.enter(1, 100));
  assertEquals(guest.enter(0, 1), false);
});

Deno.test("StackLedger gives back what returned", () => {
  const guest = new Guest(2, 1000);
  assert(guest.enter(0, 100));
  for (let turn = 0; turn < 1000; turn++) {
    assert(guest.enter(1, 900));
    guest.leave();
    assert(guest.enter(0, 900));
    guest.leave();
  }
});

Deno.test("StackLedger keeps no record of what returned", () => {
  const guest = new Guest(2, 1000), before = Deno.memoryUsage().heapUsed;
  assert(guest.enter(0, 100));
  for (let turn = 0; turn < 300_000; turn++) {
    for (const instance of [1, 0]) {
      assert(guest.enter(instance, 100));
      guest.leave();
    }
  }
  const grown = Deno.memoryUsage().heapUsed - before;
  assert(grown < 48 * 1024 * 1024, `${grown} bytes`);
});

Deno.test("StackLedger forgets frames of an instance that an exception unwound into another", () => {
  const guest = new Guest(2, 1000);
  assert(guest.enter(0, 100));
  for (let turn = 0; turn < 1000; turn++) {
    assert(guest.enter(1, 200));
    assert(guest.enter(1, 200), `turn ${turn}`);
    guest.throwTo(0);
    assertEquals(guest.instance(1).stackUsed.value, 0);
  }
});

Deno.test("StackLedger.begin() starts from an empty stack, whatever a trap has left", () => {
  const guest = new Guest(2, 1000);
  assert(guest.enter(0, 500) && guest.enter(1, 400));
  guest.frames.length = 0;
  assert(guest.enter(1, 1000));
  assertEquals(guest.instance(0).stackUsed.value, 0);
});

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("enter" as const), instance: fc.nat(2), bytes: fc.nat(150) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("leave" as const), instance: fc.nat(2), bytes: fc.nat(5) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("throw" as const), instance: fc.nat(2), bytes: fc.nat(9) }),
  },
);

Deno.test("StackLedger stops exactly what exceeds the limit, however instances call and throw", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const guest = new Guest(3, 2000);
      for (const { do: action, instance, bytes } of steps) {
        if (action === "leave") guest.leave();
        else if (action === "throw" && guest.frames.length > 0) {
          // A handler's frame is one that the handler may look back to: any that is on the stack.
          guest.throwTo(Math.max(0, guest.frames.length - 1 - bytes));
        } else if (action === "enter") {
          const goesOn = guest.enter(instance, 32 + bytes);
          assertEquals(goesOn, guest.depth <= guest.limit, `${guest.depth} bytes deep`);
          if (!goesOn) return;
        }
        for (const each of guest.instances) assertEquals(each.stackUsed.value, guest.usedBy(each));
      }
    }),
    { numRuns: 1000, seed: seed() },
  );
});
