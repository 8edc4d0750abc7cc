import { checkOptionNames, type OptionNames } from "../core/option_names.ts";
import { Loan, PooledSandbox, type WarmSandbox } from "./pooled_sandbox.ts";

/** How a guest is given back. */
export interface ReleaseOptions {
  /** Whether it did wrong: what it keeps is not kept, even where a pool recycles with `"keep"`. @default false */
  readonly failed?: boolean;
}

const RELEASE: OptionNames<ReleaseOptions> = { place: "to release a guest", names: { failed: true } };

/** A guest of a pool that is lent, until it is released or its scope ends. */
export class Lease implements AsyncDisposable {
  /** The guest. After the release it refuses everything. */
  readonly sandbox: PooledSandbox;
  /** Who it was lent to, if they said so. */
  readonly tenant: string | undefined;
  readonly #loan: Loan;
  readonly #onRelease: (loan: Loan) => void;

  /** Made by a pool; see `Pool.acquire`. */
  constructor(
    sandbox: WarmSandbox,
    options: { readonly tenant: string | undefined; readonly onRelease: (loan: Loan) => void },
  ) {
    this.#loan = new Loan(sandbox);
    this.sandbox = new PooledSandbox(this.#loan);
    this.tenant = options.tenant;
    this.#onRelease = options.onRelease;
  }

  /**
   * Gives the guest back, which is made ready for the next use in the background. Calls that are still under way are
   * cancelled. A second release does nothing.
   *
   * @throws {AegisError} `InvalidOption`
   */
  release(options: ReleaseOptions = {}): void {
    checkOptionNames(options, RELEASE);
    if (this.#loan.ended) return;
    if (options.failed === true) this.#loan.fail();
    this.#loan.end();
    this.#onRelease(this.#loan);
  }

  /** As {@linkcode release}. */
  [Symbol.asyncDispose](): Promise<void> {
    this.release();
    return Promise.resolve();
  }
}
