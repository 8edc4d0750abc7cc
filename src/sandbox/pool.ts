import { copyArguments } from "./arguments.ts";
import { CALL_OPTIONS, type CallOptions } from "./call_options.ts";
import { CallStream } from "./call_stream.ts";
import { GuestPool, type GuestWish, type PoolPorts, type PoolStats } from "./guest_pool.ts";
import { dropInput } from "./input_reader.ts";
import type { Lease } from "./lease.ts";
import type { PoolPlan } from "./pool_options.ts";
import type { PooledSandbox } from "./pooled_sandbox.ts";
import { type CallResult, resultOf } from "./sandbox.ts";
import type { CallInputs } from "./stream_inputs.ts";
import { type PoolStreamOptions, readStreamOptions } from "./stream_options.ts";
import { AegisError } from "../core/errors.ts";
import { checkOptionNames, type OptionNames } from "../core/option_names.ts";
import { type Outcome } from "../core/outcome.ts";
import { quote } from "../core/quote.ts";
import type { CallValue } from "../core/value.ts";

/** For whom a guest is asked for, and how long. */
export interface AcquireOptions {
  /** Who the guest will serve: what it keeps of one tenant no other one gets. @default nobody in particular */
  readonly tenant?: string;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

/** Bounds for one call of a pool, and for whom it is; the signal ends the wait for a guest, too. */
export interface PoolCallOptions extends CallOptions {
  /** Who the guest will serve. @default nobody in particular */
  readonly tenant?: string;
}

/** A call as a caller makes it. */
interface PoolCall {
  readonly name: string;
  readonly args: readonly CallValue[];
  readonly options: PoolCallOptions;
}

/** How a pool is closed. */
export interface PoolCloseOptions {
  /** `"end"` takes guests that are lent away at once, `"wait"` waits until they are released. @default "end" */
  readonly leases?: "end" | "wait";
}

const ACQUIRE: OptionNames<AcquireOptions> = {
  place: "to acquire a guest",
  names: { tenant: true, signal: true },
};

const CALL: OptionNames<PoolCallOptions> = {
  place: CALL_OPTIONS.place,
  names: { ...CALL_OPTIONS.names, tenant: true },
};

const CLOSE: OptionNames<PoolCloseOptions> = { place: "to close a pool", names: { leases: true } };

/**
 * Warm guests with the same modules, lent for one use at a time. Callers get them first in, first out; between two uses
 * a guest is made as new, so that nothing of one use is seen by another.
 *
 * @example
 * ```ts
 * import { Aegis } from "jsr:@aegis/core";
 *
 * await using runtime = await Aegis.create({ memoryLimit: "16MiB", timeout: "1s" });
 * const module = await runtime.loadWat(`(module (global $n (mut i32) (i32.const 0))
 *   (func (export "next") (result i32)
 *     (global.set $n (i32.add (global.get $n) (i32.const 1))) global.get $n))`);
 * await using pool = runtime.pool(module, { minimum: 2, maximum: 4 });
 * console.log(await pool.call("next"), await pool.call("next")); // 1 1
 * await pool.use(async (sandbox) => {
 *   console.log(await sandbox.call("next"), await sandbox.call("next")); // 1 2
 * }, { tenant: "alice" });
 * ```
 */
export class Pool implements AsyncDisposable {
  readonly #guests: GuestPool;
  readonly #maximum: number;

  /** Made by a runtime; see `Aegis.pool`. */
  constructor(plan: PoolPlan, ports: PoolPorts) {
    this.#maximum = plan.maximum;
    this.#guests = new GuestPool(plan, ports);
  }

  /**
   * Ends when the minimum of guests is warm. Nobody needs to wait for that; it tells early that guests cannot be started.
   *
   * @throws what starting a guest failed with, for instance {@linkcode MissingImportError}
   */
  ready(): Promise<void> {
    return this.#guests.ready();
  }

  /**
   * Lends a guest until it is released. Prefer {@linkcode use}, which cannot forget that.
   *
   * @throws {AegisError} `PoolBusy` when too many wait already, or it took too long; `Cancelled`, `Closed`,
   * `InvalidOption`; and what starting a guest for this caller failed with
   */
  async acquire(options: AcquireOptions = {}): Promise<Lease> {
    checkOptionNames(options, ACQUIRE);
    const { tenant, signal } = options;
    return await this.#acquire({ tenant, signal, bounded: true });
  }

  /** Lends a guest while a function runs. @returns what the function does @throws as {@linkcode acquire}, and what the function throws */
  async use<T>(
    work: (sandbox: PooledSandbox) => T | Promise<T>,
    options: AcquireOptions = {},
  ): Promise<T> {
    const lease = await this.acquire(options);
    try {
      return await work(lease.sandbox);
    } finally {
      lease.release();
    }
  }

  /** Calls an exported function in a guest of its own. @throws as {@linkcode acquire} and `Sandbox.call` */
  async call<R = CallResult>(
    name: string,
    args: readonly CallValue[] = [],
    options: PoolCallOptions = {},
  ): Promise<R> {
    const outcome = await this.tryCall(name, args, options);
    return resultOf(outcome, options.signal) as R; // the caller says what the function returns, as with Sandbox.call
  }

  /**
   * Calls an exported function in a guest of its own; how it ended is the result. A call that is cancelled while it
   * waits for a guest ends as one that is cancelled later.
   *
   * @throws {AegisError} as `Sandbox.tryCall`, and as {@linkcode acquire} for want of a guest
   */
  tryCall(
    name: string,
    args: readonly CallValue[] = [],
    options: PoolCallOptions = {},
  ): Promise<Outcome> {
    return this.#tryCall({ name, args, options }, true);
  }

  /**
   * Calls an exported function once for each input that a source gives, each in a guest of its own, as fast as the results
   * are read; see {@linkcode CallStream}. At most `maximum` calls of the stream want a guest at once, so it never stands
   * in its own way; they wait in the line of all callers, without the bounds `waiting` and `waitTimeout`, and take nobody
   * a place there. A reader who leaves cancels what is under way.
   *
   * @throws {AegisError} `InvalidOption`, `TypeMismatch` for what is no source; the stream throws as {@linkcode tryCall}, but
   * never `PoolBusy`
   */
  callStream(name: string, inputs: CallInputs, options: PoolStreamOptions = {}): CallStream {
    const maximum = this.#maximum, plan = readStreamOptions(options, { concurrency: maximum, of: "pool" });
    return new CallStream(name, inputs, {
      plan,
      caller: {
        call: (args, signal) => this.#tryCall({ name, args, options: { ...plan.call, signal } }, false),
        lanes: Math.min(maximum, plan.concurrency),
        cancels: true,
      },
    });
  }

  /** How the pool is doing at this moment. */
  stats(): PoolStats {
    return this.#guests.stats();
  }

  /**
   * Closes the pool: who waits gets `Closed`, and so does who comes later. Ends when the last guest is gone.
   *
   * @throws {AegisError} `InvalidOption`
   */
  async close(options: PoolCloseOptions = {}): Promise<void> {
    checkOptionNames(options, CLOSE);
    const { leases = "end" } = options;
    if (leases !== "end" && leases !== "wait") {
      throw invalid(
        "leases",
        `Cannot close a pool with leases ${quote(String(leases))}: use "end" or "wait"`,
      );
    }
    await this.#guests.close(leases);
  }

  /** Closes the pool, and ends what is lent. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @param bounded whether the bounds for those who wait hold */
  async #tryCall({ name, args, options }: PoolCall, bounded: boolean): Promise<Outcome> {
    checkOptionNames(options, CALL);
    const given = copyArguments(name, args), { tenant, ...bounds } = options; // as they are now: it may have to wait
    let lease: Lease;
    try {
      lease = await this.#acquire({ tenant, signal: bounds.signal, bounded });
    } catch (error) {
      dropInput(bounds.program?.stdin);
      if (!bounds.signal?.aborted || !(error instanceof AegisError) || error.code !== "Cancelled") {
        throw error;
      }
      return { kind: "aborted", reason: "cancelled" };
    }
    try {
      return await lease.sandbox.tryCall(name, given, bounds);
    } finally {
      lease.release();
    }
  }

  /** Checks what callers without types may give. */
  async #acquire(wish: GuestWish): Promise<Lease> {
    const { tenant, signal } = wish;
    if (tenant !== undefined && (typeof tenant !== "string" || tenant === "")) {
      throw invalid("tenant", `Cannot serve tenant ${quote(String(tenant))}: give a text that is not empty`);
    }
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw invalid("signal", "Cannot use that signal to wait for a guest: it is no AbortSignal");
    }
    return await this.#guests.acquire(wish);
  }
}

function invalid(field: string, message: string): AegisError {
  return new AegisError("InvalidOption", message, { field });
}
