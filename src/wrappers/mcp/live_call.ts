/**
 * A call that is under way, as its guest and its client see it: what module `aegis:mcp` of the guest's imports speaks to,
 * and what a client's cancelling does to it.
 */
import { hostFunction, type HostFunctionDefinition } from "../../sandbox/host_functions.ts";
import { WRAPPER_IMPORTS } from "../../core/wrapper_imports.ts";
import type { ProgressReporter } from "./progress.ts";

/** The module whose functions a guest may import. */
export const MCP_IMPORTS = "aegis:mcp";

/** Milliseconds that a guest which asks whether it is cancelled has, once it is. */
export const CANCEL_GRACE = 500;

export class LiveCall {
  /** Stops the guest. */
  readonly signal: AbortSignal;
  readonly #stop = new AbortController();
  readonly #progress: ProgressReporter | undefined;
  readonly #client: AbortSignal;
  readonly #grace: number;
  readonly #cancel = () => this.#cancelled();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param client aborted when the client cancels, or goes away
   * @param grace milliseconds until the guest is stopped then; 0 for a guest that never asks
   */
  constructor(
    client: AbortSignal,
    { progress, grace }: { readonly progress: ProgressReporter | undefined; readonly grace: number },
  ) {
    this.#client = client;
    this.#progress = progress;
    this.#grace = grace;
    this.signal = this.#stop.signal;
    if (client.aborted) this.#stop.abort();
    else client.addEventListener("abort", this.#cancel);
  }

  /** Whether nobody waits for the result any more. */
  get cancelled(): boolean {
    return this.#client.aborted;
  }

  report(done: number, total: number, message: string): void {
    if (!this.cancelled) this.#progress?.report(done, total, message);
  }

  /** The guest has ended. */
  end(): void {
    clearTimeout(this.#timer);
    this.#client.removeEventListener("abort", this.#cancel);
    if (!this.cancelled) this.#progress?.end();
  }

  #cancelled(): void {
    if (this.#grace === 0) this.#stop.abort();
    else this.#timer = setTimeout(() => this.#stop.abort(), this.#grace);
  }
}

/** The functions that a guest may import. @param liveOf the call that a sandbox is at; undefined between two */
export function mcpImports(
  liveOf: (sandbox: string) => LiveCall | undefined,
): Readonly<Record<string, HostFunctionDefinition>> {
  return {
    progress: hostFunction(
      { ...WRAPPER_IMPORTS[MCP_IMPORTS].progress, context: true },
      (done, total, message, { sandbox }) => liveOf(sandbox)?.report(done, total, message),
    ),
    cancelled: hostFunction(
      { ...WRAPPER_IMPORTS[MCP_IMPORTS].cancelled, context: true },
      ({ sandbox }) => liveOf(sandbox)?.cancelled ? 1 : 0,
    ),
  };
}
