/**
 * The guests of a pool: who starts, lends, recycles and closes them. Called by `Pool`, which checks what callers give.
 *
 * Never true: that a guest is lent with a trace of another tenant; that there are more guests than the maximum, those that
 * are being started or closed included; or that a caller is overtaken by one who came later, other than by a tenant whose
 * own guest is idle while another is made ready for the first.
 */
import { Lease } from "./lease.ts";
import { PoolGuest } from "./pool_guest.ts";
import type { CurrentUse, PoolPlan } from "./pool_options.ts";
import { cancelled, PoolQueue, queueFull } from "./pool_queue.ts";
import type { Loan, WarmSandbox } from "./pooled_sandbox.ts";
import type { Timers } from "./timers.ts";
import { AegisError } from "../core/errors.ts";

/** What a pool needs from outside. */
export interface PoolPorts {
  /** Starts a guest with its modules loaded. When that fails, nothing of it is left. */
  start(use: CurrentUse): Promise<WarmSandbox>;
  /** How many sandboxes the runtime can start at this moment. */
  room(): number;
  /** Whether a guest is there: an embedder can close it without asking the pool. */
  isOpen(sandbox: WarmSandbox): boolean;
  /** Called once, when the pool is closed. */
  onClose(): void;
  readonly timers: Timers;
}

/** For whom a guest is asked for. */
export interface GuestWish {
  readonly tenant: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Whether the bounds for those who wait hold; they do not for who never asks for more guests than there may be. */
  readonly bounded: boolean;
}

/** How a pool is doing. */
export interface PoolStats {
  /** Guests that take a place: idle, busy, or being started, recycled or closed. */
  readonly alive: number;
  /** Guests that are ready. */
  readonly idle: number;
  /** Guests that are lent. */
  readonly busy: number;
  /** Callers who wait for a guest. */
  readonly waiting: number;
  /** Guests that were started. */
  readonly created: number;
  /** Guests that could not be started. */
  readonly failed: number;
  /** Resets between two uses. */
  readonly recycled: number;
  /** Guests that were closed: idle for too long, used up, replaced, lost, or with the pool. */
  readonly discarded: number;
  /** Times that a guest was lent. */
  readonly uses: number;
}

export class GuestPool {
  readonly #plan: PoolPlan;
  readonly #ports: PoolPorts;
  readonly #guests: Set<PoolGuest> = new Set();
  /** In the order in which they became idle: the newest is lent first, so that those too many grow old. */
  readonly #idle: PoolGuest[] = [];
  readonly #queue: PoolQueue;
  #stopIdleTimer: (() => void) | undefined;
  #closing: Promise<void> | undefined;
  readonly #empty: PromiseWithResolvers<void> = Promise.withResolvers();
  #busy = 0;
  /** Guests that come to callers by themselves: being started, or recycled. */
  #coming = 0;
  #created = 0;
  #failed = 0;
  #recycled = 0;
  #discarded = 0;
  #uses = 0;

  constructor(plan: PoolPlan, ports: PoolPorts) {
    this.#plan = plan;
    this.#ports = ports;
    this.#queue = new PoolQueue(ports.timers, () => this.#serve());
    this.#replenish();
  }

  stats(): PoolStats {
    return {
      alive: this.#guests.size,
      idle: this.#idle.length,
      busy: this.#busy,
      waiting: this.#queue.size,
      created: this.#created,
      failed: this.#failed,
      recycled: this.#recycled,
      discarded: this.#discarded,
      uses: this.#uses,
    };
  }

  /** Ends when the minimum is warm. @throws what the start of a guest failed with */
  async ready(): Promise<void> {
    this.#checkOpen();
    this.#replenish();
    await Promise.all([...this.#guests].map((guest) => guest.started));
    this.#checkOpen();
  }

  /** @throws {AegisError} `Closed`, `Cancelled`, `PoolBusy`, and what a guest could not be started for */
  async acquire({ tenant, signal, bounded }: GuestWish): Promise<Lease> {
    this.#checkOpen();
    if (signal?.aborted) throw cancelled(signal);
    const guest = this.#queue.size === 0 ? this.#takeIdle(tenant) : undefined;
    if (guest !== undefined) return this.#lend(guest, tenant);
    const { waitTimeout, waiting } = this.#plan;
    const { waiter, lease } = this.#queue.join({
      tenant,
      signal,
      timeout: bounded ? waitTimeout : undefined,
    });
    this.#serve();
    if (bounded && Math.min(this.#queue.bounded, this.#queue.size - this.#coming) > waiting) {
      this.#queue.reject(waiter, queueFull(waiting));
    }
    return await lease;
  }

  /** Callers who wait are refused, and so is everybody from now on; ends when no guest is left. */
  close(leases: "end" | "wait"): Promise<void> {
    this.#closing ??= this.#close();
    if (leases === "end") {
      for (const guest of [...this.#guests]) {
        if (guest.state !== "lent") continue;
        const { lease } = guest;
        this.#discard(guest); // first, so that calls that are under way say `Closed`
        lease?.release();
      }
    }
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopIdleTimer?.();
    this.#queue.rejectAll(closedError);
    for (const guest of [...this.#idle]) this.#discard(guest);
    if (this.#guests.size > 0) await this.#empty.promise;
    this.#ports.onClose();
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw closedError();
  }

  /** Guests go to those who wait, and more are started as far as they are needed and there is room. */
  #serve(): void {
    if (this.#closing !== undefined) return;
    let passed = 0;
    for (const waiter of this.#queue) {
      const guest = this.#takeIdle(waiter.tenant);
      if (guest !== undefined) this.#queue.resolve(waiter, this.#lend(guest, waiter.tenant));
      else if (++passed > this.#coming) break; // an idle guest of somebody else's will be made as new for this caller
    }
    if (this.#queue.size > 0) {
      for (const { state, start } of this.#guests) {
        if (state === "starting" && start.waiter === undefined) this.#queue.assign(start);
      }
    }
    while (this.#queue.size > this.#coming) {
      const [kept] = this.#idle;
      if (this.#mayStart()) this.#start();
      else if (kept !== undefined) this.#recycle(this.#removeIdle(kept)); // of another tenant, or it were lent
      else break;
    }
    this.#watchIdle();
  }

  #replenish(): void {
    while (this.#guests.size < this.#plan.minimum && this.#mayStart()) this.#start();
  }

  /** A full runtime is no reason to fail while a guest of ours will come back; without one, the caller must hear of it. */
  #mayStart(): boolean {
    if (this.#closing !== undefined || this.#guests.size >= this.#plan.maximum) return false;
    return this.#guests.size === 0 || this.#ports.room() > 0;
  }

  #start(): void {
    const guest = new PoolGuest();
    this.#guests.add(guest);
    this.#coming++;
    this.#queue.assign(guest.start);
    guest.started = this.#started(guest);
    guest.started.catch(() => {}); // whom it was for is told, and who waits in `ready`
  }

  async #started(guest: PoolGuest): Promise<void> {
    try {
      guest.sandbox = await this.#ports.start(guest.currentUse);
    } catch (error) {
      this.#coming--;
      this.#failed++;
      this.#guests.delete(guest);
      const { waiter } = guest.start;
      if (waiter !== undefined) this.#queue.reject(waiter, error);
      this.#left(); // and no new one for the minimum, which might fail for ever
      throw error;
    }
    this.#coming--;
    this.#created++;
    if (guest.start.waiter !== undefined) guest.start.waiter.start = undefined;
    this.#makeIdle(guest);
  }

  #lend(guest: PoolGuest, tenant: string | undefined): Lease {
    const { sandbox } = guest;
    if (sandbox === undefined) throw new AegisError("GuestFault", "A guest was lent that never started");
    guest.state = "lent";
    guest.clean = false;
    guest.owner = tenant;
    guest.uses++;
    this.#uses++;
    this.#busy++;
    guest.lease = new Lease(sandbox, { tenant, onRelease: (loan) => this.#released(guest, loan) });
    return guest.lease;
  }

  #released(guest: PoolGuest, loan: Loan): void {
    guest.lease = undefined;
    if (guest.state !== "lent") return;
    const { recycle, uses } = this.#plan;
    if (this.#closing !== undefined || recycle === "replace" || guest.uses >= uses || !this.#isOpen(guest)) {
      return this.#discard(guest);
    }
    this.#busy--;
    if (recycle === "keep" && guest.owner !== undefined && !loan.unfinished) this.#makeIdle(guest);
    else this.#recycle(guest);
  }

  /** Makes a guest as new, in the background. One that cannot be is closed. */
  async #recycle(guest: PoolGuest): Promise<void> {
    guest.state = "recycling";
    this.#coming++;
    await null; // a host function of this very guest may have released it: out of that first
    const healed = await guest.sandbox?.reset({ quotas: "renew" }).then(() => true, () => false);
    this.#coming--;
    if (!healed) return this.#discard(guest);
    this.#recycled++;
    guest.clean = true;
    guest.owner = undefined;
    this.#makeIdle(guest);
  }

  #makeIdle(guest: PoolGuest): void {
    if (this.#closing !== undefined) return this.#discard(guest);
    guest.state = "idle";
    guest.idleSince = this.#ports.timers.now();
    this.#idle.push(guest);
    this.#serve();
  }

  /** A guest that this tenant may have as it is: the tenant's own before one that is as new. */
  #takeIdle(tenant: string | undefined): PoolGuest | undefined {
    for (;;) {
      const guest = (tenant === undefined ? undefined : this.#idle.findLast((one) => one.owner === tenant)) ??
        this.#idle.findLast((one) => one.clean);
      if (guest === undefined) return undefined;
      if (this.#isOpen(guest)) return this.#removeIdle(guest);
      this.#discard(guest);
    }
  }

  #removeIdle(guest: PoolGuest): PoolGuest {
    const index = this.#idle.lastIndexOf(guest);
    if (index >= 0) this.#idle.splice(index, 1);
    return guest;
  }

  #isOpen({ sandbox }: PoolGuest): boolean {
    return sandbox !== undefined && this.#ports.isOpen(sandbox);
  }

  /** Closes a guest. It keeps its place until it is gone. */
  #discard(guest: PoolGuest): void {
    if (guest.state === "lent") this.#busy--;
    guest.state = "closing";
    this.#removeIdle(guest);
    this.#discarded++;
    const gone = () => {
      this.#guests.delete(guest);
      this.#left();
      this.#replenish();
    };
    guest.sandbox?.close().then(gone, gone);
  }

  /** A place has become free. */
  #left(): void {
    if (this.#closing === undefined) this.#serve();
    else if (this.#guests.size === 0) this.#empty.resolve();
  }

  /** One timer, for the guest that has been idle longest of those that may not be so for ever. */
  #watchIdle(): void {
    if (this.#stopIdleTimer !== undefined) return;
    const oldest = this.#spare() > 0 ? this.#idle[0] : this.#idle.find(({ clean }) => !clean);
    if (oldest === undefined) return;
    const { timers } = this.#ports, left = oldest.idleSince + this.#plan.idleTime - timers.now();
    this.#stopIdleTimer = timers.after(Math.max(0, left), () => {
      this.#stopIdleTimer = undefined;
      this.#trim();
      this.#watchIdle();
    }, false);
  }

  /** Closes those that were idle for too long, down to the minimum, where state that was kept is forgotten at least. */
  #trim(): void {
    const since = this.#ports.timers.now() - this.#plan.idleTime;
    for (const guest of this.#idle.filter(({ idleSince }) => idleSince <= since)) {
      if (this.#spare() > 0) this.#discard(guest);
      else if (!guest.clean) this.#recycle(this.#removeIdle(guest));
    }
  }

  /** Guests above the minimum. */
  #spare(): number {
    let staying = 0;
    for (const { state } of this.#guests) if (state !== "closing") staying++;
    return staying - this.#plan.minimum;
  }
}

function closedError(): AegisError {
  return new AegisError("Closed", "The pool was closed");
}
