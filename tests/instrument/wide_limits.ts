import type { LimitOptions } from "../../src/core/limits.ts";

/** Limits so wide that instrumentation refuses nothing for its size. */
export const WIDE_LIMITS: LimitOptions = {
  memoryLimit: "4GiB",
  tableLimit: 10_000_000,
  functionTableLimit: 10_000_000,
  memories: 100,
  tables: 10_000,
  moduleSize: "1GiB",
  functions: 1_000_000,
  functionSize: "2MiB",
  imports: 100_000,
  exports: 1_000_000,
  globals: 1_000_000,
  segments: 10_000_000,
};
