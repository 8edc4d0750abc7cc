/** What a series of executions comes to. */
import type { SeriesItem } from "../api_types.ts";

export interface SeriesTotals {
  readonly executions: number;
  readonly succeeded: number;
  /** Executions that came to an end by themselves, for good or ill: those that somebody stopped are not among them. */
  readonly judged: number;
  readonly fuel: bigint;
  readonly hostCalls: number;
  readonly denials: number;
  /** Microseconds, the mean; null where none has ended. */
  readonly durationUs: number | null;
}

export function seriesTotals(items: readonly SeriesItem[]): SeriesTotals {
  const sum = (of: (item: SeriesItem) => number) => items.reduce((total, item) => total + of(item), 0);
  const succeeded = sum((item) => item.succeeded), stopped = sum((item) => item.stopped);
  const judged = succeeded + sum((item) => item.failed + item.interrupted);
  // Each part's mean counts as often as executions have ended in it.
  const timed = (item: SeriesItem) =>
    item.durationUs === null ? 0 : item.succeeded + item.failed + item.stopped + item.interrupted;
  const ended = sum(timed);
  return {
    executions: judged + stopped + sum((item) => item.running),
    succeeded,
    judged,
    fuel: items.reduce((total, item) => total + BigInt(item.fuel), 0n),
    hostCalls: sum((item) => item.hostCalls),
    denials: sum((item) => item.denials),
    durationUs: ended === 0 ? null : sum((item) => timed(item) * (item.durationUs ?? 0)) / ended,
  };
}
