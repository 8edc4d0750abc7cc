/** Executions counted over time: one aggregate of the database, whatever it has to look at. */
import type { Database, Row } from "./database.ts";
import { type ExecutionFilter, executionsWhere } from "./execution_filter.ts";
import { numberOf, optionalNumber } from "./row.ts";

/** Which stretch of time, and in how many parts. Times are milliseconds since 1970. */
export interface SeriesOptions {
  /** From here on. */
  readonly since: number;
  /** Up to here, and not with it; after `since`. */
  readonly until: number;
  /** Parts at most, from 1. */
  readonly buckets: number;
}

/** Executions that began in one part. */
export interface SeriesBucket {
  /** When the part begins, in milliseconds since 1970. */
  readonly at: number;
  /** Of these, those that have succeeded; each of the next four counts others. */
  readonly succeeded: number;
  /** Those that have failed. */
  readonly failed: number;
  /** Those that somebody has stopped. */
  readonly stopped: number;
  /** Those that were cut off. */
  readonly interrupted: number;
  /** Those that are under way. */
  readonly running: number;
  /** Units, of those that have ended. */
  readonly fuel: bigint;
  /** Calls of host functions. */
  readonly hostCalls: number;
  /** Times that something was denied. */
  readonly denials: number;
  /** Microseconds of wall time, the mean of those that have ended; undefined where none has. */
  readonly durationUs: number | undefined;
}

/** All parts of a stretch of time, those included in which nothing began. */
export interface ExecutionSeries {
  /** Where it begins, in milliseconds since 1970. */
  readonly since: number;
  /** Where it ends; that is no part of it. */
  readonly until: number;
  /** Milliseconds of a part; the last one may be shorter. */
  readonly width: number;
  /** The earliest first. */
  readonly items: readonly SeriesBucket[];
}

/** Fuel is added up in two halves: two amounts near 2^62 are more than the database can add. */
const SUMS = `sum(status = 'succeeded') AS succeeded, sum(status = 'failed') AS failed,
  sum(status = 'stopped') AS stopped, sum(status = 'interrupted') AS interrupted, sum(status = 'running') AS running,
  coalesce(sum(fuel >> 31), 0) AS high, coalesce(sum(fuel & 2147483647), 0) AS low,
  coalesce(sum(host_calls), 0) AS host_calls, coalesce(sum(denials), 0) AS denials, avg(duration_us) AS duration_us`;

/** Counts executions that a filter lets through by the time at which they began. */
export function readSeries(
  database: Database,
  filter: ExecutionFilter,
  { since, until, buckets }: SeriesOptions,
): ExecutionSeries {
  const width = Math.max(1, Math.ceil((until - since) / buckets)), count = Math.ceil((until - since) / width);
  const { where, inputs } = executionsWhere({ ...filter, since, until });
  // The casts are there since every number is bound as one with a fraction.
  const rows = database.statement(
    `SELECT (started_at - CAST(? AS INTEGER)) / CAST(? AS INTEGER) AS bucket, ${SUMS}
    FROM executions WHERE ${where} GROUP BY bucket`,
  ).all(since, width, ...inputs);
  const found = new Map(rows.map((row) => [numberOf(row, "bucket"), row]));
  const items = Array.from(
    { length: count },
    (_, index) => bucketOf(since + index * width, found.get(index)),
  );
  return { since, until, width, items };
}

function bucketOf(at: number, row: Row | undefined): SeriesBucket {
  const number = (column: string) => row === undefined ? 0 : numberOf(row, column);
  const mean = row === undefined ? undefined : optionalNumber(row, "duration_us");
  return {
    at,
    succeeded: number("succeeded"),
    failed: number("failed"),
    stopped: number("stopped"),
    interrupted: number("interrupted"),
    running: number("running"),
    fuel: (BigInt(number("high")) << 31n) + BigInt(number("low")),
    hostCalls: number("host_calls"),
    denials: number("denials"),
    durationUs: mean === undefined ? undefined : Math.round(mean),
  };
}
