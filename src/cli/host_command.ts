/** The command line of the host process: what it may do stands here and nowhere else. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { auditPermissions } from "./audit_plan.ts";
import { checkpointPaths } from "./checkpoints.ts";
import {
  checkIsolation,
  deniedAddresses,
  guestPermissions,
  type HostPermissions,
  mergePermissions,
  processArguments,
} from "./guest_permissions.ts";
import type { ProgramPlaces } from "./program_places.ts";
import { encodePlan, type RunPlan } from "./run_plan.ts";

/**
 * What the host process may do until it has started the brokers: what its guest needs, and to write checkpoints and the
 * files of a trace, a profile and a policy.
 *
 * @param deno what starts the guest's process, where it has one; the one permission that is kept while it runs
 * @throws {AegisError} `InvalidOption` for a path with a comma, which would grant two other paths
 */
export function hostPermissions(plan: RunPlan, deno: string): HostPermissions {
  const { checkpoint, watch, record } = plan,
    saved = checkpoint === null ? [] : checkpointPaths(checkpoint.path);
  if (checkpoint?.path.includes(",")) {
    throw new AegisError(
      "InvalidOption",
      `Cannot write ${quote(checkpoint.shown)}: a path with a comma cannot be granted`,
      { field: "checkpoint", suggestion: "Choose another name." },
    );
  }
  const file = watch?.file ?? null;
  if (file?.includes(",")) {
    throw new AegisError(
      "InvalidOption",
      `Cannot write ${quote(file)}: a path with a comma cannot be granted for writing`,
      { suggestion: "Give it another name." },
    );
  }
  return mergePermissions(
    guestPermissions([plan], deno),
    {
      read: saved,
      write: [...saved, ...file === null ? [] : [file], ...record === null ? [] : [record.path]],
    },
    auditPermissions(plan.audit),
  );
}

/**
 * The words behind `deno` that start the host process with this plan.
 *
 * @throws {AegisError} `InvalidOption`, `UnsupportedPlatform`
 */
export function hostArguments(plan: RunPlan, places: ProgramPlaces): string[] {
  checkIsolation(plan, places);
  return processArguments(places, {
    permissions: hostPermissions(plan, places.deno),
    denied: deniedAddresses([plan]),
    plan: encodePlan(plan),
  });
}
