/** The call of a run, watched as the plan says. The file is opened while the process may still do so. */
import { AegisError } from "../core/errors.ts";
import type { Outcome } from "../core/outcome.ts";
import { quote } from "../core/quote.ts";
import type { CallValue } from "../core/value.ts";
import type { CallOptions } from "../sandbox/call_options.ts";
import type { Profile } from "../sandbox/guest_watch.ts";
import type { PrepareModuleOptions } from "../sandbox/load_options.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { groupDigits } from "../core/group_digits.ts";
import type { PlanWatch } from "./plan_watch.ts";
import { printable, printableLines } from "./printable.ts";
import { reasonOf } from "./read_input.ts";
import type { RunPlan } from "./run_plan.ts";
import { writeOut } from "./write_out.ts";

/** Functions that the table of a profile has rows for. */
const MOST_ROWS = 20;

/** A call that is to be made. */
interface Call {
  readonly sandbox: Sandbox;
  readonly name: string;
  readonly values: readonly CallValue[];
  readonly options: CallOptions;
}

/** @throws {AegisError} `InvalidOption` */
export function openWatchFile(watch: PlanWatch | null): Deno.FsFile | undefined {
  const file = watch?.file ?? null;
  if (file === null) return undefined;
  try {
    return Deno.openSync(file, { write: true, create: true, truncate: true });
  } catch (error) {
    throw new AegisError("InvalidOption", `Cannot write ${quote(file)}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** How the module has to be loaded. */
export function watchOption(watch: PlanWatch | null): Pick<PrepareModuleOptions, "watch"> {
  if (watch === null) return {};
  return { watch: watch.kind === "profile" ? "functions" : watch.level };
}

/** Makes the call, and writes what is seen of it. @throws as `Sandbox.tryCall` */
export async function callWatched(
  { watch, output }: Pick<RunPlan, "watch" | "output">,
  { sandbox, name, values, options }: Call,
  { err, file }: { readonly err: (text: string) => void; readonly file: Deno.FsFile | undefined },
): Promise<Outcome> {
  if (watch === null) return await sandbox.tryCall(name, values, options);
  if (watch.kind === "trace") {
    const { level, filter, lines } = watch;
    const print = (text: string) => file === undefined ? err(text) : writeOut(file, text);
    // What is told has nothing to be escaped, unless the guest's thread is no longer ours.
    const onText = (text: string) => print(printableLines(text));
    return (await sandbox.trace(name, values, { ...options, level, filter, lines, onText })).outcome;
  }
  const profile = await sandbox.profile(name, values, options);
  if (file !== undefined) writeOut(file, printableLines(profile.stacks));
  if (output.format === "human" && !output.quiet) err(profileTable(profile));
  return profile.outcome;
}

/** A profile as a table. */
function profileTable({ fuel, functions, cut }: Omit<Profile, "outcome">): string {
  const rows = functions.slice(0, MOST_ROWS).map(({ name, calls, self, total }) => [
    groupDigits(self),
    `${(100 * self / Math.max(1, fuel)).toFixed(1)} %`,
    groupDigits(total),
    groupDigits(calls),
    printable(name),
  ]);
  const table = [["self", "share", "total", "calls", "function"], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) =>
    `  ${row.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  ")}\n`
  );
  const more = functions.length - rows.length;
  return `Profile: ${groupDigits(fuel)} units of fuel\n${lines.join("")}` +
    (more > 0 ? `  … and ${more} functions more\n` : "") +
    (cut ? "  There were more ways than are told apart: the rest is counted to their callers.\n" : "");
}
