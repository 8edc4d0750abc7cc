/**
 * The guests of one module under one set of limits and grants. Each call has one of its own, as new; a session that keeps
 * its state has one as long as it lasts. A program gets one of which nothing is left.
 */
import type { AuditEvent } from "../../core/audit.ts";
import { UNLIMITED_FUEL } from "../../core/limits.ts";
import { type Outcome, outcomeError } from "../../core/outcome.ts";
import { AegisError, ExitError } from "../../core/errors.ts";
import type { Signature } from "../../core/signature.ts";
import type { CallValue } from "../../core/value.ts";
import type { Aegis } from "../../sandbox/aegis.ts";
import type { SandboxOptions } from "../../sandbox/aegis_options.ts";
import type { Lease } from "../../sandbox/lease.ts";
import type { AegisModule } from "../../sandbox/module.ts";
import type { Pool } from "../../sandbox/pool.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import { type Leave, neverBegan, Places, type PlaceUser } from "./places.ts";
import { CANCEL_GRACE, type LiveCall, MCP_IMPORTS, mcpImports } from "./live_call.ts";
import { PROGRAM } from "./tool.ts";

/** Milliseconds in which brokers tell what they have denied. */
const TELLING = 30;

/** Milliseconds that a call waits for a guest. */
const LONGEST_WAIT = 30_000;

/** How a call of a guest ended. */
export interface GuestEnd {
  readonly outcome: Outcome;
  readonly fuel: bigint;
  /** Milliseconds. */
  readonly duration: number;
  /** What it was denied, as far as it is known yet. */
  readonly denials: readonly AuditEvent[];
  /** All of that: brokers tell it a little later. */
  readonly allDenials: Promise<readonly AuditEvent[]>;
}

/** How a program ended. */
export interface ProgramEnd extends GuestEnd {
  readonly stdout: string;
  readonly stderr: string;
  readonly truncated: boolean;
}

/** A call of a function. */
export interface FunctionCall {
  readonly name: string;
  readonly type: Signature;
  readonly values: readonly CallValue[];
}

/** What guests are made of. */
export interface GuestsPlan {
  readonly runtime: Aegis;
  readonly module: AegisModule;
  readonly sandbox: SandboxOptions;
  /** Guests at once. */
  readonly maximum: number;
  /** Whether one is kept warm. */
  readonly warm: boolean;
}

/** Who a guest is asked for by: a session. */
export interface GuestUser extends PlaceUser {
  /** Undefined where nothing is kept between two calls. */
  readonly kept: KeptGuests | undefined;
}

/** A guest that somebody has, and gives back. */
interface TakenGuest {
  readonly lease: Lease;
  readonly leave: Leave;
}

function giveBack({ lease, leave }: TakenGuest): void {
  lease.release();
  leave();
}

/** Guests that sessions keep: of each session those that it has used, until it ends. */
export class KeptGuests {
  readonly #taken = new Map<Guests, TakenGuest>();
  /** Calls of one guest follow one another. */
  readonly #turns = new Map<Guests, Places>();
  #ended = false;

  /** Waits for the turn of a call. @returns what ends it */
  async turn(guests: Guests, user: PlaceUser, signal: AbortSignal): Promise<Leave> {
    let turns = this.#turns.get(guests);
    if (turns === undefined) this.#turns.set(guests, turns = new Places(1, { wait: undefined }));
    return await turns.take(user, signal);
  }

  /** The one that the session has, or a new one. */
  async of(guests: Guests, take: () => Promise<TakenGuest>): Promise<TakenGuest> {
    const kept = this.#taken.get(guests);
    if (kept !== undefined) return kept;
    const taken = await take();
    if (this.#ended) giveBack(taken);
    else this.#taken.set(guests, taken);
    return taken;
  }

  /** The next call gets a new one. */
  drop(guests: Guests): void {
    const taken = this.#taken.get(guests);
    this.#taken.delete(guests);
    if (taken !== undefined) giveBack(taken);
  }

  end(): void {
    this.#ended = true;
    for (const taken of this.#taken.values()) giveBack(taken);
    this.#taken.clear();
  }
}

export class Guests {
  readonly #plan: GuestsPlan;
  readonly #live = new Map<string, LiveCall>();
  readonly #places: Places;
  /** Milliseconds that a guest has once it is cancelled. */
  readonly grace: number;
  #pool: Pool | undefined;

  constructor(plan: GuestsPlan) {
    this.#plan = plan;
    this.#places = new Places(plan.maximum, { wait: LONGEST_WAIT });
    const asks = plan.module.imports.some(({ module, name }) =>
      module === MCP_IMPORTS && name === "cancelled"
    );
    this.grace = asks ? CANCEL_GRACE : 0;
  }

  /** Ends when a guest could be started. @throws what that failed with */
  async ready(): Promise<void> {
    if (this.#plan.warm) await this.#guests().ready();
  }

  /** Calls a function. @throws {AegisError} for want of a guest, and for arguments that are none */
  async call(call: FunctionCall, live: LiveCall, user: GuestUser): Promise<GuestEnd> {
    const { kept } = user;
    if (kept !== undefined) return await this.#callKept(call, live, { user, kept });
    const taken = await this.#take(user, live);
    try {
      const end = await this.#callIn(taken.lease, call, live);
      const release = () => giveBack(taken);
      end.allDenials.then(release, release);
      return end;
    } catch (error) {
      giveBack(taken);
      throw error;
    }
  }

  async #callKept(
    call: FunctionCall,
    live: LiveCall,
    { user, kept }: { readonly user: PlaceUser; readonly kept: KeptGuests },
  ): Promise<GuestEnd> {
    const leave = await kept.turn(this, user, live.signal);
    try {
      const { lease } = await kept.of(this, () => this.#take(user, live));
      if (live.cancelled) throw neverBegan(); // what the guest keeps is untouched
      try {
        const end = await this.#callIn(lease, call, live);
        if (end.outcome.kind !== "value") kept.drop(this); // amid whatever it was
        return end;
      } catch (error) {
        kept.drop(this);
        throw error;
      }
    } finally {
      leave();
    }
  }

  /** @throws {AegisError} `Cancelled`, `PoolBusy`, and what the start of a guest failed with */
  async #take(user: PlaceUser, live: LiveCall): Promise<TakenGuest> {
    const leave = await this.#places.take(user, live.signal);
    try {
      const lease = await this.#guests().acquire({ signal: live.signal });
      return { lease, leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  async #callIn({ sandbox }: Lease, { name, type, values }: FunctionCall, live: LiveCall): Promise<GuestEnd> {
    const { fuelLimit } = sandbox.limits, left = sandbox.remainingFuel(), before = sandbox.metrics();
    // A guest that is kept has its budget for each call.
    if (before.calls > 0 && fuelLimit !== UNLIMITED_FUEL && left < fuelLimit) {
      sandbox.addFuel(fuelLimit - left);
    }
    const started = Date.now(), denials = () => sandbox.denials().filter(({ time }) => time >= started);
    this.#live.set(sandbox.id, live);
    try {
      const outcome = await sandbox.tryCall(name, values, { signal: live.signal, type });
      const { fuelConsumed, lastCall, hostCalls } = sandbox.metrics(), told = hostCalls === 0;
      // An answer does not wait for what is only told of it; a failure may be explained by it.
      if (outcome.kind !== "value" && !told) await pause(TELLING);
      return {
        outcome,
        fuel: before.calls > 0 ? lastCall?.fuelConsumed ?? 0n : fuelConsumed, // with its start, for the first
        duration: lastCall?.duration ?? 0,
        denials: denials(),
        allDenials: told || outcome.kind !== "value"
          ? Promise.resolve(denials())
          : pause(TELLING).then(denials).catch(() => []), // it is gone
      };
    } finally {
      this.#live.delete(sandbox.id);
    }
  }

  /** Runs the program. @throws {AegisError} for want of a place, and for a module that cannot be linked */
  async run(
    words: readonly string[],
    stdin: string,
    { live, asker }: { readonly live: LiveCall; readonly asker: PlaceUser },
  ): Promise<ProgramEnd> {
    const leave = await this.#places.take(asker, live.signal);
    try {
      return await this.#runNow(words, stdin, live);
    } finally {
      leave();
    }
  }

  async #runNow(words: readonly string[], stdin: string, live: LiveCall): Promise<ProgramEnd> {
    const { runtime, module, sandbox: options } = this.#plan;
    const args = [module.name ?? "program", ...words];
    const sandbox = await runtime.sandbox({ ...options, args, stdin }).build();
    try {
      this.#live.set(sandbox.id, live);
      const outcome = await this.#runIn(sandbox, live);
      await sandbox.close(); // what the brokers have denied is complete then
      const { stdout, stderr, truncated } = sandbox.output(), decoder = new TextDecoder();
      const { fuelConsumed, duration } = sandbox.metrics();
      return {
        outcome,
        fuel: fuelConsumed,
        duration,
        denials: sandbox.denials(),
        allDenials: Promise.resolve(sandbox.denials()),
        stdout: decoder.decode(stdout),
        stderr: decoder.decode(stderr),
        truncated,
      };
    } finally {
      this.#live.delete(sandbox.id);
      await sandbox.close();
    }
  }

  async #runIn(sandbox: Sandbox, live: LiveCall): Promise<Outcome> {
    const { module } = this.#plan;
    this.#register(sandbox);
    await sandbox.loadModule(module, { signal: live.signal });
    return await sandbox.tryCall(PROGRAM, [], { signal: live.signal });
  }

  #guests(): Pool {
    const { runtime, module, sandbox, maximum, warm } = this.#plan;
    return this.#pool ??= runtime.pool(module, {
      minimum: warm ? 1 : 0,
      maximum,
      sandbox,
      setup: (started) => this.#register(started),
    });
  }

  #register(sandbox: Sandbox): void {
    if (!this.#plan.module.imports.some(({ module }) => module === MCP_IMPORTS)) return;
    sandbox.registerFuncs(MCP_IMPORTS, mcpImports((id) => this.#live.get(id)));
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    await this.#pool?.close();
  }
}

/** The status of a program that ended by itself; undefined where something ended it. */
export function statusOf(outcome: Outcome): number | undefined {
  if (outcome.kind === "value") return 0;
  return outcome.kind === "exit" ? outcome.status : undefined;
}

/** The code of what ended a call; undefined where it returned. */
export function codeOf(outcome: Outcome): string | undefined {
  if (outcome.kind === "value") return undefined;
  const error = outcomeError(outcome);
  if (error instanceof ExitError && error.status === 0) return undefined;
  return error instanceof AegisError ? error.code : "HostFunctionFailed";
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
