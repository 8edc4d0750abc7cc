/** Where a command may write beside a guest that it runs. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import type { PlanGrants } from "../manifest/grants.ts";
import { changedFile } from "../sandbox/audit_place.ts";
import { grantedPlace } from "./audit_plan.ts";

/**
 * Refuses files that a grant lets the guest change. Who may rename there can put a link of the host's, or a file of its own, in
 * the place of what is written: our bytes would go where the guest likes, or its bytes be taken for ours.
 *
 * @param what is done with them, as in "write the checkpoint"
 * @throws {AegisError} `InvalidOption`
 */
export function checkOutputPlace(
  what: string,
  files: readonly string[],
  { field, directories }: { readonly field: string } & Pick<PlanGrants, "directories">,
): void {
  for (const directory of directories) {
    const changed = changedFile(grantedPlace(directory), files);
    if (changed === undefined) continue;
    throw new AegisError(
      "InvalidOption",
      `Cannot ${what} ${quote(changed)}: the guest may change what is in ${quote(directory.host)}`,
      { field, suggestion: "Put it where no grant to write leads to." },
    );
  }
}
