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
import { CANCEL_GRACE, type LiveCall, MCP_IMPORTS, mcpImports } from "./live_call.ts";
import { PROGRAM } from "./tool.ts";

/** Milliseconds in which brokers tell what they have denied. */
const TELLING = 30;

/** Calls of one pool that may wait for a guest. */
const MOST_WAITING = 256;

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

/** Guests that sessions keep: of each session those that it has used, until it ends. */
export class KeptGuests {
  readonly #leases = new Map<Guests, Lease>();
  #ended = false;

  /** The one that the session has, or a new one. */
  async of(guests: Guests, start: () => Promise<Lease>): Promise<Lease> {
    const kept = this.#leases.get(guests);
    if (kept !== undefined) return kept;
    const lease = await start();
    if (this.#ended) lease.release();
    else this.#leases.set(guests, lease);
    return lease;
  }

  /** The next call gets a new one. */
  drop(guests: Guests): void {
    this.#leases.get(guests)?.release();
    this.#leases.delete(guests);
  }

  end(): void {
    this.#ended = true;
    for (const lease of this.#leases.values()) lease.release();
    this.#leases.clear();
  }
}

export class Guests {
  readonly #plan: GuestsPlan;
  readonly #live = new Map<string, LiveCall>();
  /** Calls of a session that keeps its guest follow one another. */
  readonly #turns = new WeakMap<KeptGuests, Promise<unknown>>();
  /** Milliseconds that a guest has once it is cancelled. */
  readonly grace: number;
  #pool: Pool | undefined;

  constructor(plan: GuestsPlan) {
    this.#plan = plan;
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
  async call(call: FunctionCall, live: LiveCall, kept: KeptGuests | undefined): Promise<GuestEnd> {
    if (kept !== undefined) return await this.#callKept(call, live, kept);
    const lease = await this.#guests().acquire({ signal: live.signal });
    try {
      const end = await this.#callIn(lease, call, live);
      end.allDenials.finally(() => lease.release());
      return end;
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  async #callKept(call: FunctionCall, live: LiveCall, kept: KeptGuests): Promise<GuestEnd> {
    const before = this.#turns.get(kept), turn = Promise.withResolvers<void>();
    this.#turns.set(kept, turn.promise);
    try {
      await before;
      const lease = await kept.of(this, () => this.#guests().acquire({ signal: live.signal }));
      try {
        const end = await this.#callIn(lease, call, live);
        if (end.outcome.kind !== "value") kept.drop(this); // amid whatever it was
        return end;
      } catch (error) {
        kept.drop(this);
        throw error;
      }
    } finally {
      turn.resolve();
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
          : pause(TELLING).then(denials).catch(() => []),
      };
    } finally {
      this.#live.delete(sandbox.id);
    }
  }

  /** Runs the program. @throws {AegisError} for want of a guest, and for a module that cannot be linked */
  async run(words: readonly string[], stdin: string, live: LiveCall): Promise<ProgramEnd> {
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
      waiting: MOST_WAITING,
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
