/** A pool of guests that are not there, under a clock that a test moves. */
import type { AegisError, CallValue, PoolOptions } from "../../mod.ts";
import type { PoolPorts } from "../../src/sandbox/guest_pool.ts";
import type { Lease } from "../../src/sandbox/lease.ts";
import { Pool } from "../../src/sandbox/pool.ts";
import { readPoolOptions } from "../../src/sandbox/pool_options.ts";
import type { WarmSandbox } from "../../src/sandbox/pooled_sandbox.ts";
import type { Timers } from "../../src/sandbox/timers.ts";
import { resolveLimits } from "../../src/core/limits.ts";

export class FakeTimers implements Timers {
  #now = 0;
  readonly #timers: Set<{ at: number; run: () => void }> = new Set();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.#now + milliseconds, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get pending(): number {
    return this.#timers.size;
  }

  /** Lets time pass, and everything happen that it brings. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      this.#timers.delete(next);
      next.run();
      await settled();
    }
    this.#now = end;
  }
}

/** Ends when everything has happened that waits for nothing else. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await null;
}

/** A guest whose one function counts its calls, as long as its memory lives. */
class FakeSandbox implements WarmSandbox {
  readonly limits = resolveLimits();
  calls = 0;
  /** Those of the last call. */
  args: readonly CallValue[] = [];
  resets = 0;
  closed = false;
  /** What closing waits for. */
  closing: Promise<void> = Promise.resolve();
  /** What the next reset fails with. */
  failReset: Error | undefined;
  /** How the next call ends, if not with a value. */
  fail: "trap" | undefined;

  constructor(readonly id: string) {}

  tryCall(_name: string, args: readonly CallValue[] = []): ReturnType<WarmSandbox["tryCall"]> {
    this.args = args;
    if (this.fail !== undefined) {
      this.fail = undefined;
      return Promise.resolve({ kind: "trap", trap: "unreachable", message: "unreachable", frames: [] });
    }
    return Promise.resolve({ kind: "value", values: [++this.calls] });
  }

  tryCallSync(_name: string, args: readonly CallValue[] = []): ReturnType<WarmSandbox["tryCallSync"]> {
    this.args = args;
    return { kind: "value", values: [++this.calls] };
  }

  callMany = () => Promise.reject(new Error("not there"));

  reset(): Promise<void> {
    this.resets++;
    this.calls = 0;
    return this.failReset === undefined ? Promise.resolve() : Promise.reject(this.failReset);
  }

  close(): Promise<void> {
    this.closed = true;
    return this.closing;
  }

  readMemory = () => Promise.resolve(new Uint8Array());
  writeMemory = () => Promise.resolve();
  getFuncType = () => undefined;
  channel = () => {
    throw new Error("not there");
  };
  remainingFuel = () => 0n;
  addFuel = () => {};
  metrics = () => {
    throw new Error("not there");
  };
  output = () => ({ stdout: new Uint8Array(), stderr: new Uint8Array(), truncated: false });
  logs = () => [];
  alerts = () => [];
  denials = () => [];
}

export interface Rig {
  readonly pool: Pool;
  readonly timers: FakeTimers;
  /** Every guest that was started. */
  readonly guests: FakeSandbox[];
  /** Starts that were asked for, whether or not they have ended. */
  readonly starts: number;
  /** What the start with that number fails with, from 1. */
  readonly failures: Map<number, Error>;
  /** Ends starts one by one, when they do not end by themselves; the oldest first. */
  readonly open: (() => void)[];
  /** Sandboxes that the runtime has room for beside those of the pool. */
  room: number;
}

/** @param held whether starts wait until a test ends them */
export function rig(options: PoolOptions = {}, held = false): Rig {
  const timers = new FakeTimers(), guests: FakeSandbox[] = [], failures = new Map<number, Error>();
  const open: (() => void)[] = [];
  const state = { room: 100, starts: 0 };
  const ports: PoolPorts = {
    timers,
    async start() {
      const number = ++state.starts;
      if (held) await new Promise<void>((resolve) => open.push(resolve));
      else await null;
      const failure = failures.get(number);
      if (failure !== undefined) throw failure;
      const guest = new FakeSandbox(`guest ${number}`);
      guests.push(guest);
      return guest;
    },
    room: () => state.room - guests.filter(({ closed }) => !closed).length,
    isOpen: (sandbox) => guests.some((guest) => guest === sandbox && !guest.closed),
    onClose: () => {},
  };
  const pool = new Pool(readPoolOptions(options, 100), ports);
  return Object.defineProperties({ pool, timers, guests, failures, open, room: 100, starts: 0 }, {
    room: { get: () => state.room, set: (room: number) => void (state.room = room) },
    starts: { get: () => state.starts },
  });
}

/** What a promise came to by now: its value, its error's code, or nothing. */
export async function soFar(promise: Promise<Lease>): Promise<string> {
  let found = "waiting";
  promise.then(
    ({ sandbox }) => found = sandbox.id,
    (error: AegisError) => found = error.code ?? error.message,
  );
  await settled();
  return found;
}
