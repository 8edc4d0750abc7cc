import type { Lease } from "./lease.ts";
import type { CurrentUse } from "./pool_options.ts";
import type { Start } from "./pool_queue.ts";
import type { WarmSandbox } from "./pooled_sandbox.ts";

/**
 * What a guest is doing. From `starting` it becomes `idle`; from there it is `lent`, and comes back by way of
 * `recycling` or at once; `closing` is the last from anywhere. It takes a place of the pool in each of them.
 */
export type GuestState = "starting" | "idle" | "lent" | "recycling" | "closing";

/** One guest of a pool. */
export class PoolGuest {
  state: GuestState = "starting";
  /** Undefined until it has started. */
  sandbox: WarmSandbox | undefined;
  /** Ends when it has started, or has failed to. */
  started: Promise<void> = Promise.resolve();
  readonly start: Start = { waiter: undefined };
  /** Whose state it holds; undefined for nobody's. */
  owner: string | undefined;
  /** Whether it is as new. A guest that is neither as new nor anybody's is never idle. */
  clean = true;
  /** How often it was lent. */
  uses = 0;
  /** When it became idle, by the pool's clock. */
  idleSince = 0;
  /** The use that it is lent for. */
  lease: Lease | undefined;

  /** What host functions may know. It shows nothing else, so that nobody gets at the guest by it. */
  readonly currentUse: CurrentUse;

  constructor() {
    const tenant = () => this.lease?.tenant;
    this.currentUse = Object.freeze({
      get tenant() {
        return tenant();
      },
    });
  }
}
