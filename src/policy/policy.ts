/** Policies: merged from capabilities, narrowed for a sandbox, and cut while it runs. None of this ever widens one. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { Capability } from "./capability.ts";
import type { CapabilityKind, Grant, Policy } from "./grants.ts";
import { CAPABILITY_KINDS, grantsOf, policyOf } from "./merge_grants.ts";
import { narrowedGrants } from "./narrow_grants.ts";

const NO_RIGHTS = { read: false, write: false, create: false, delete: false } as const;

/** What every sandbox starts with: nothing. */
export const EMPTY_POLICY: Policy = policyOf([]);

/**
 * Merges capabilities into a policy. Grants of one guest path, host, name or kind add up: rights are united, the larger
 * bound holds, the finer clock, the more verbose log. Order is kept.
 *
 * @throws {AegisError} `InvalidOption` where two contradict: one guest path for two host paths, one variable with two
 * values, one sensor with two sources, a clock that passes and stands still, two seeds, one command name for two programs
 */
export function mergeGrants(capabilities: Iterable<Capability>): Policy {
  const grants: Grant[] = [];
  for (const capability of capabilities) {
    if (!(capability instanceof Capability)) {
      const suggestion = 'Use what the builders return: FilesystemCapability.readOnly(["/data"]).';
      throw new AegisError("InvalidOption", `Cannot grant what is no capability. ${suggestion}`, {
        field: "capabilities",
        suggestion,
      });
    }
    grants.push(...capability.grants);
  }
  return policyOf(grants);
}

/**
 * What a sandbox gets of what its runtime has. A power that the runtime lacks is an error, a bound is tightened to the
 * runtime's. Files are compared by host path: a sandbox may give any guest path to a directory that its runtime has, or
 * to one below. Links are not seen here: pass policies whose host paths are resolved, on both sides.
 *
 * Paths that draw on one directory of the runtime share its `totalBytes` in equal parts. `connections` holds for each
 * host, so many hosts out of one pattern have it many times.
 *
 * @throws {AegisError} `InvalidOption` that names what the runtime lacks
 */
export function narrowPolicy(runtime: Policy, wanted: Policy | Iterable<Capability>): Policy {
  const asked = Symbol.iterator in wanted ? mergeGrants(wanted) : wanted;
  return policyOf(narrowedGrants(runtime, grantsOf(asked)));
}

/**
 * A policy without some of its grants, for taking them away while a sandbox runs. Files keep their places, with no
 * right left: the broker knows them by position.
 *
 * @param taken a kind, or what says of a grant whether it goes
 * @throws {AegisError} `InvalidOption` for an unknown kind, which would take nothing away
 */
export function withoutCapability(
  policy: Policy,
  taken: CapabilityKind | ((grant: Grant) => boolean),
): Policy {
  if (typeof taken !== "function" && !CAPABILITY_KINDS.includes(taken)) {
    const kinds = CAPABILITY_KINDS.join(", ");
    throw new AegisError("InvalidOption", `Cannot take away ${quote(String(taken))}: use one of ${kinds}`, {
      field: "capability",
    });
  }
  const goes = typeof taken === "function" ? taken : (grant: Grant) => grant.kind === taken;
  return policyOf(
    grantsOf(policy).flatMap((grant) => {
      if (!goes(grant)) return [grant];
      return grant.kind === "filesystem" ? [Object.freeze({ ...grant, ...NO_RIGHTS })] : [];
    }),
  );
}
