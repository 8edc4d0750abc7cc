import type { Capability } from "./capability.ts";
import { ClockCapability } from "./clock_capability.ts";
import { FilesystemCapability } from "./filesystem_capability.ts";
import { LoggingCapability } from "./logging_capability.ts";
import { NetworkCapability } from "./network_capability.ts";
import { RandomCapability } from "./random_capability.ts";

/** Ports where servers under development listen, beside those of http and https. */
const DEVELOPMENT_PORTS = [80, 443, 3000, 4000, 5000, 5173, 8000, 8080, 8443, 9000] as const;

/** Named sets of capabilities. */
export const CAPABILITY_PRESETS = {
  /** Nothing. */
  minimal: () => [],
  /** Comfort at one's own desk: the current directory to read, logs, real time, randomness, servers of this machine. */
  development: () => [
    FilesystemCapability.readOnly(["."]),
    LoggingCapability.all(),
    ClockCapability.all(),
    RandomCapability.secure(),
    NetworkCapability.loopback(DEVELOPMENT_PORTS),
  ],
} as const satisfies Record<string, () => readonly Capability[]>;

/** A key of {@linkcode CAPABILITY_PRESETS}. */
export type CapabilityPresetName = keyof typeof CAPABILITY_PRESETS;
