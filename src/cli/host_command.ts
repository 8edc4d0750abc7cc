/** The command line of the host process: what it may do stands here and nowhere else. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { encodePlan, type RunPlan } from "./run_plan.ts";

/** Where the parts of this program lie. */
export interface ProgramPlaces {
  /** The `deno` to start. */
  readonly deno: string;
  /** URL of the host process's entry. */
  readonly entry: string;
  /** The configuration that maps its imports; absent where the entry was published, and its imports with it. */
  readonly config: string | undefined;
}

/**
 * The permissions of the host process, as flags: reading the one module, and nothing for a module from stdin.
 *
 * @throws {AegisError} `InvalidOption` for a path with a comma, which would grant two other paths
 */
export function hostPermissions(plan: RunPlan): string[] {
  const { path, shown } = plan.module;
  if (path === null) return [];
  if (path.includes(",")) {
    throw new AegisError(
      "InvalidOption",
      `Cannot read ${quote(shown)}: a path with a comma cannot be granted for reading`,
      { suggestion: `Rename it, or pass it on stdin: aegis run - < ${quote(shown)}` },
    );
  }
  return [`--allow-read=${path}`];
}

/** The words behind `deno` that start the host process with this plan. */
export function hostArguments(plan: RunPlan, places: ProgramPlaces): string[] {
  return [
    "run",
    "--no-prompt",
    "--unstable-worker-options",
    ...hostPermissions(plan),
    ...(places.config === undefined ? ["--no-config"] : [`--config=${places.config}`]),
    places.entry,
    encodePlan(plan),
  ];
}
