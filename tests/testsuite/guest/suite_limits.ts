import { type Limits, resolveLimits } from "../../../src/core/limits.ts";

/** Limits so wide that no module of the suite is refused for its size, and no growth; the stack is the default's. */
export const SUITE_LIMITS: Limits = resolveLimits({
  memoryLimit: "16GiB",
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
  fuelLimit: "unlimited",
});
