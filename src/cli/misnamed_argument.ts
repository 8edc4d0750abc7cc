import { liesWithin } from "../policy/host_path.ts";
import { quote } from "../core/quote.ts";
import type { RunPlan } from "./run_plan.ts";

/**
 * A word of the program's that names a file as this machine does, although the directory was granted under another
 * name. Nothing was denied then: where `.` was granted it is the guest's root, and the file is not below it.
 *
 * @returns a sentence for a person; undefined when there is no such word
 */
export function misnamedArgument({ args, grants }: Pick<RunPlan, "args" | "grants">): string | undefined {
  for (const word of args) {
    if (!word.startsWith("/")) continue;
    if (grants.directories.some(({ guest }) => guest.startsWith("/") && liesWithin(guest, word))) continue;
    const grant = grants.directories.find(({ host, guest }) =>
      !guest.startsWith("/") && liesWithin(host, word)
    );
    if (grant === undefined) continue;
    const rest = word.slice(grant.host.length).replace(/^\/+/, "");
    const name = [grant.guest.replace(/^\.?\/*$/, ""), rest].filter((part) => part !== "").join("/");
    return `The guest finds ${quote(word)} under the name that was granted: ${quote(name || ".")}`;
  }
  return undefined;
}
