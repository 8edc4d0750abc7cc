/** What `--aegis-help` tells of a tool: what is inside, how far it may go, and how it can be given less. */
import { formatByteSize } from "../../core/unit_text.ts";
import { explain } from "../../policy/explain.ts";
import { mergeGrants } from "../../policy/policy.ts";
import { FLAGS } from "../flags.ts";
import { limitText } from "../../core/limit_bounds.ts";
import { LIMIT_FLAGS } from "../limit_flags.ts";
import { capabilitiesOf } from "../../manifest/grants.ts";
import { printable, printableName } from "../printable.ts";
import { UNLIMITED_FUEL } from "../../core/limits.ts";
import type { BakedTool } from "./baked_tool.ts";
import { TOOL_OPTIONS } from "./tool_words.ts";

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join("");
}

/** What is granted, one line for each; names of variables stand without their values. */
function grantLines({ guest, cwd }: Pick<BakedTool, "guest" | "cwd">): string[] {
  // A variable counts as granted whether or not it is set now.
  const lines = explain(mergeGrants(capabilitiesOf(guest.grants, () => "")));
  if (cwd === null) return lines;
  const here = `filesystem: the directory where it is started: ${
    cwd === "write" ? "read, write, create, delete" : "read"
  }`;
  return [here, ...lines.filter((line) => !line.startsWith("filesystem: not granted"))];
}

/** What a command that made a tool says of it: what is granted, in lines for a person. */
export function grantedText(tool: Pick<BakedTool, "guest" | "cwd">): string {
  const granted = grantLines(tool).filter((line) => !/^\w+: not granted/.test(line));
  return granted.length === 0
    ? "It may read, write and ask nothing\n"
    : `It may use:\n${granted.map((line) => `  ${printable(line)}\n`).join("")}`;
}

/** The text of `--aegis-help`. */
export function toolHelp(tool: BakedTool): string {
  const { name, sha256, size, guest, args } = tool, { limits } = guest;
  const limitRows = LIMIT_FLAGS.map((flag): [string, string] => {
    const limit = limits[flag];
    const none = limit === UNLIMITED_FUEL || limit === Infinity;
    return [FLAGS[flag].long, none ? "unlimited" : limitText(flag, Number(limit))];
  });
  return `${name}: a WebAssembly module in a sandbox, made into a tool by aegis\n\n` +
    `Usage: ${name} [--aegis-OPTION ...] [ARGS...]\n\n` +
    "Module:\n" + columns([
      ["sha256", sha256],
      ["size", formatByteSize(size)],
      ["function", guest.functionName === null ? "_start, else main" : printableName(guest.functionName)],
      ["engine", `${guest.engine}, in a ${guest.isolation === "process" ? "process" : "worker"} of its own`],
      ...args.length === 0 ? [] : [["arguments", args.map(printableName).join(" ")] as const],
    ]) +
    "\nLimits:\n" + columns(limitRows) +
    "\nGrants:\n" + grantLines(tool).map((line) => `  ${printable(line)}\n`).join("") +
    "\nOptions, which take away and never add; behind -- they are the program's:\n" +
    columns(
      TOOL_OPTIONS.map((
        { word, metavar, doc },
      ) => [metavar === undefined ? word : `${word} <${metavar}>`, doc]),
    );
}
