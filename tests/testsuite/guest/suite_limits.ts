import { WIDE_LIMITS } from "../../instrument/wide_limits.ts";
import { type Limits, resolveLimits } from "../../../src/core/limits.ts";

/** Limits so wide that no module of the suite is refused for its size, and no growth; the stack is the default's. */
export const SUITE_LIMITS: Limits = resolveLimits({
  ...WIDE_LIMITS,
  memoryLimit: "16GiB",
  fuelLimit: "unlimited",
});
