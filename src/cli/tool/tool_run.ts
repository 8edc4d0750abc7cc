/** One start of a tool: what is baked, less what the words of the command line take away, as a plan to run. */
import { AegisError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import { dirname } from "../../sandbox/path.ts";
import type { PlanDirectory } from "../../manifest/grants.ts";
import { PLAN_VERSION, type RunPlan } from "../run_plan.ts";
import { checkApart, isIn } from "./apart.ts";
import type { BakedTool, CwdRights } from "./baked_tool.ts";
import { narrowGuest, type ToolWords } from "./tool_words.ts";

/** Where and by whom a tool is started. */
export interface ToolStart {
  /** Process id of the process that waits for it; `null` when it runs by itself. */
  readonly parent: number | null;
  readonly colour: boolean;
  /** The working directory, absolute, links followed. */
  readonly cwd: string;
  /** Homes of the person, absolute, links followed. */
  readonly homes: readonly string[];
  /** What it must not be able to write. */
  readonly parts: readonly string[];
}

/**
 * The grant of the directory where it is started.
 *
 * @throws {AegisError} `InvalidOption` where that is all that there is, or a whole home, or nobody knows what is one
 */
export function startedIn(
  rights: CwdRights | null,
  { cwd, homes }: Pick<ToolStart, "cwd" | "homes">,
): PlanDirectory[] {
  if (rights === null) return [];
  const given = `Cannot give the tool ${quote(cwd)}: it is given the directory where it is started`;
  if (homes.length === 0) {
    throw new AegisError("InvalidOption", `${given}, and it is not known which one is a home`, {
      suggestion: "Set HOME to the directory of the person.",
    });
  }
  if (dirname(cwd) === cwd || homes.some((home) => isIn(home, cwd))) {
    throw new AegisError("InvalidOption", `${given}, and there is too much in this one`, {
      suggestion: "Start it in a directory of its own.",
    });
  }
  return [{ host: cwd, guest: ".", rights: rights === "write" ? "full" : "read" }];
}

/** @throws {AegisError} `InvalidOption` for words that would widen what is baked */
export function planTool(tool: BakedTool, words: ToolWords, start: ToolStart): RunPlan {
  const files = words.without.includes("files");
  const granted = {
    ...tool.guest.grants,
    directories: [
      ...tool.guest.grants.directories,
      ...files ? [] : startedIn(tool.cwd, start),
    ],
  };
  const guest = narrowGuest({ ...tool.guest, grants: granted }, words);
  checkApart(guest.grants.directories, start.parts);
  return Object.freeze({
    version: PLAN_VERSION,
    parent: start.parent,
    ...guest,
    module: { ...guest.module, sha256: tool.sha256 },
    args: [...tool.args, ...words.args],
    resumes: false,
    checkpoint: null,
    watch: null,
    audit: null,
    record: null,
    output: {
      format: words.format,
      metrics: words.metrics,
      quiet: !words.verbose && !words.metrics,
      verbosity: words.verbose ? 1 : 0,
      colour: start.colour,
      reader: "tool" as const,
    },
  });
}
