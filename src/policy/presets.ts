import { AegisError } from "../core/errors.ts";
import type { OnDenial } from "../core/on_denial.ts";
import { quote } from "../core/quote.ts";
import type { Capability } from "./capability.ts";
import { ClockCapability } from "./clock_capability.ts";
import { FilesystemCapability } from "./filesystem_capability.ts";
import { grantedCapabilities } from "./granted_capability.ts";
import type { CapabilityKind, Policy } from "./grants.ts";
import { LoggingCapability } from "./logging_capability.ts";
import { CAPABILITY_KINDS } from "./merge_grants.ts";
import { NetworkCapability } from "./network_capability.ts";
import { RandomCapability } from "./random_capability.ts";

/** Ports where servers under development listen, beside those of http and https. */
const DEVELOPMENT_PORTS = [80, 443, 3000, 4000, 5000, 5173, 8000, 8080, 8443, 9000] as const;

/** Named sets of capabilities. */
export const CAPABILITY_PRESETS = {
  /** Nothing. */
  minimal: (): readonly Capability[] => [],
  /** Comfort at one's own desk: the current directory to read, logs, real time, randomness, servers of this machine. */
  development: (): readonly Capability[] => [
    FilesystemCapability.readOnly(["."]),
    LoggingCapability.all(),
    ClockCapability.all(),
    RandomCapability.secure(),
    NetworkCapability.loopback(DEVELOPMENT_PORTS),
  ],
} as const satisfies Record<string, () => readonly Capability[]>;

/** A key of {@linkcode CAPABILITY_PRESETS}. */
export type CapabilityPresetName = keyof typeof CAPABILITY_PRESETS;

/** What a sandbox gets of what its runtime grants, and what a denial does to it. */
export interface PolicyPreset {
  /** The kinds that it gets: all, some, or what is listed for it and nothing else. */
  readonly kinds: readonly CapabilityKind[] | "all" | "listed";
  /** What happens when it is refused something for want of a grant. */
  readonly onDenial: OnDenial;
}

/** Named ways of giving a sandbox its part of what the runtime grants; see {@linkcode applyPolicyPreset}. */
export const POLICY_PRESETS = {
  /** Whatever the runtime grants. */
  permissive: { kinds: "all", onDenial: "continue" },
  /** Of that the log, sensors and alerts alone: nothing that reaches beyond the embedder. */
  sandbox: { kinds: ["logging", "sensor", "alert"], onDenial: "continue" },
  /** Nothing but what is listed for the sandbox, and it ends when it asks for more. */
  strict: { kinds: "listed", onDenial: "stop" },
} as const satisfies Record<string, PolicyPreset>;

/** A key of {@linkcode POLICY_PRESETS}. */
export type PolicyPresetName = keyof typeof POLICY_PRESETS;

/** Options of a sandbox that a preset comes to. */
export interface PresetOptions {
  /** As the option of that name. */
  readonly capabilities: readonly Capability[];
  /** As the option of that name. */
  readonly onDenial: OnDenial;
}

/**
 * What a preset gives a sandbox of a runtime's policy. Capabilities that are listed take the place of the runtime's grants
 * of their kind; they can only narrow them, which is checked when the sandbox is made.
 *
 * @example
 * ```ts
 * import { Aegis, applyPolicyPreset, LoggingCapability } from "jsr:@aegis/core";
 *
 * await using runtime = await Aegis.create({ capabilities: [LoggingCapability.all()] });
 * const options = applyPolicyPreset("strict", runtime.policy, [LoggingCapability.atLevel("error")]);
 * await using sandbox = await runtime.sandbox({ ...options, timeout: "1s" }).build();
 * console.log(sandbox.policy.logging?.level); // error
 * ```
 * @param preset a name, or a preset of your own
 * @param runtime its policy
 * @throws {AegisError} `InvalidOption` for a preset that there is none of, and for a capability of a kind that the preset
 * leaves out
 */
export function applyPolicyPreset(
  preset: PolicyPresetName | PolicyPreset,
  runtime: Policy,
  listed: readonly Capability[] = [],
): PresetOptions {
  const { kinds, onDenial } = typeof preset === "string" ? presetNamed(preset) : preset;
  const own = new Set(listed.map(({ kind }) => kind));
  const outside = Array.isArray(kinds) ? [...own].find((kind) => !kinds.includes(kind)) : undefined;
  if (outside !== undefined) {
    const suggestion = "Take another preset, or leave it out.";
    throw new AegisError(
      "InvalidOption",
      `Cannot grant ${outside}: the preset leaves it out. ${suggestion}`,
      {
        field: outside,
        suggestion,
      },
    );
  }
  const kept = kinds === "listed" ? [] : kinds === "all" ? CAPABILITY_KINDS : kinds;
  const capabilities = [...grantedCapabilities(runtime, kept.filter((kind) => !own.has(kind))), ...listed];
  return Object.freeze({ capabilities: Object.freeze(capabilities), onDenial });
}

function presetNamed(name: PolicyPresetName): PolicyPreset {
  if (Object.hasOwn(POLICY_PRESETS, name)) return POLICY_PRESETS[name];
  const suggestion = `Use one of ${Object.keys(POLICY_PRESETS).join(", ")}.`;
  throw new AegisError("InvalidOption", `Cannot apply preset ${quote(String(name))}. ${suggestion}`, {
    field: "preset",
    suggestion,
  });
}
