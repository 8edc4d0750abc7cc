/** Where it is written what a run used of its grants, as a part of the plan of the process that runs it. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import type { PlanGrants } from "../manifest/grants.ts";
import { basename, dirname, join } from "../sandbox/path.ts";
import type { FlagValues } from "./flags.ts";
import type { CommandIo } from "./io.ts";
import { checkOutputPlace } from "./output_place.ts";
import { record, text } from "./plan_fields.ts";
import { STDIN } from "./read_input.ts";

/** Where it is written. */
export interface PolicyRecordPlan {
  /** Absolute, its folder without links. */
  readonly path: string;
  /** As the person wrote it. */
  readonly shown: string;
}

const FIELD = { field: "recordPolicy" } as const;

/** @throws {AegisError} `InvalidOption` */
export function planPolicyRecord(
  { recordPolicy }: FlagValues,
  { locate }: Pick<CommandIo, "locate">,
  { directories }: Pick<PlanGrants, "directories">,
): PolicyRecordPlan | null {
  if (recordPolicy === undefined) return null;
  if (recordPolicy === "" || recordPolicy === STDIN) {
    throw new AegisError("InvalidOption", "Cannot record a policy without the name of a file", FIELD);
  }
  const path = placeOf(recordPolicy, locate);
  checkOutputPlace("record the policy in", [path], { ...FIELD, directories });
  if (!path.includes(",")) return { path, shown: recordPolicy };
  throw new AegisError(
    "InvalidOption",
    `Cannot write ${quote(path)}: a path with a comma cannot be granted for writing`,
    { ...FIELD, suggestion: "Give it another name." },
  );
}

/** Where it is, a link followed; or where it will be. @throws {AegisError} `InvalidOption` */
function placeOf(file: string, locate: CommandIo["locate"]): string {
  const folder = locate(dirname(file));
  try {
    return locate(file);
  } catch {
    return join(folder, basename(file));
  }
}

/** @throws {AegisError} `InvalidOption` */
export function decodePolicyRecord(decoded: unknown): PolicyRecordPlan | null {
  if (decoded === null) return null;
  const plan = record(decoded, "record");
  return { path: text(plan["path"], "record.path"), shown: text(plan["shown"], "record.shown") };
}
