/** Starts and stops that meet: what is done about each, in one table. */

/**
 * What a wish does to a plugin in each state.
 *
 * - `begin`: it is done now
 * - `done`: it is so already
 * - `join`: it is being done, and that is waited for
 * - `after`: what is being done is waited for; then the table is looked at again
 * - `refuse`: there is no such plugin
 */
export const LIFECYCLE = {
  stopped: { start: "begin", stop: "refuse" },
  starting: { start: "after", stop: "after" },
  running: { start: "done", stop: "begin" },
  // It runs, and what a start under way is starting depends on it.
  needed: { start: "done", stop: "after" },
  stopping: { start: "after", stop: "join" },
} as const;

/** A row of {@linkcode LIFECYCLE}. */
export type LifeState = keyof typeof LIFECYCLE;

/** What is done about a wish. */
export type LifeStep = typeof LIFECYCLE[LifeState]["start" | "stop"];

interface Move {
  readonly state: "starting" | "needed" | "stopping";
  /** Ends when it has ended, however it did. */
  readonly ended: Promise<void>;
}

/** What is being started and stopped. */
export class Lifecycle {
  readonly #moves: Map<string, Move> = new Map();

  /** Of plugins that were started and not stopped. */
  constructor(readonly isRunning: (name: string) => boolean) {}

  /** How a plugin is. */
  stateOf(name: string): LifeState {
    return this.#moves.get(name)?.state ?? (this.isRunning(name) ? "running" : "stopped");
  }

  /** What is to be done about a wish. */
  step(name: string, wish: "start" | "stop"): LifeStep {
    return LIFECYCLE[this.stateOf(name)][wish];
  }

  /** Ends when what is being done with a plugin has ended, however it did; at once where nothing is. */
  ended(name: string): Promise<void> {
    return this.#moves.get(name)?.ended ?? Promise.resolve();
  }

  /** Starts plugins: those that run already are needed as long as this takes. */
  starting<Result>(names: readonly string[], work: () => Promise<Result>): Promise<Result> {
    return this.#move(names, (name) => this.isRunning(name) ? "needed" : "starting", work);
  }

  /** Stops a plugin. */
  stopping(name: string, work: () => Promise<void>): Promise<void> {
    return this.#move([name], () => "stopping", work);
  }

  #move<Result>(
    names: readonly string[],
    stateOf: (name: string) => Move["state"],
    work: () => Promise<Result>,
  ): Promise<Result> {
    const ended = Promise.withResolvers<void>();
    for (const name of names) this.#moves.set(name, { state: stateOf(name), ended: ended.promise });
    return work().finally(() => {
      for (const name of names) this.#moves.delete(name);
      ended.resolve();
    });
  }
}
