/**
 * What an engine does not run of the suite: found in what the runs gave, not listed. A refusal counts when it names a
 * proposal that the engine may lack, and when the text of the module speaks of that proposal.
 */
import type { Outcome } from "./guest/program.ts";
import type { Mode } from "./modes.ts";
import type { Command } from "./wast.ts";

/** The proposals that the interpreter may lack, and words of the text format that stand for their use. */
const LACKS: Readonly<Record<string, RegExp>> = {
  gc:
    /\((?:struct|array|sub|rec)\b|\b(?:struct|array|i31)\.|\b(?:any|eq|i31|struct|array|null|nullfunc|nullextern)ref\b|\b(?:any|eq|i31|none|nofunc|noextern)\b|\b(?:ref\.(?:test|cast|eq)|br_on_cast)/,
  threads: /\bshared\b|\.atomic\./,
};

/** A command that came to nothing because of a proposal. */
export interface EngineRefusal {
  readonly command: Command;
  readonly proposal: string;
  /** Whether the command's own module is refused, not one that it needs. */
  readonly own: boolean;
}

function proposalOf(outcome: Outcome): string | undefined {
  if (outcome.kind !== "refused" || outcome.code !== "ModuleRefused") return undefined;
  return /uses the proposal "([^"]+)", which the interpreter does not have\./.exec(outcome.message)?.[1];
}

/** Why the mode's engine need not run the command; undefined where it has to. */
export function engineRefusal(command: Command, outcome: Outcome, mode: Mode): EngineRefusal | undefined {
  if (mode.prepare.engine !== "interpreter") return undefined;
  const own = outcome.kind !== "missing", proposal = proposalOf(own ? outcome : outcome.because);
  const words = proposal === undefined ? undefined : LACKS[proposal];
  if (proposal === undefined || words === undefined) return undefined;
  const source = own && "module" in command && typeof command.module === "object"
    ? command.module
    : undefined;
  if (source !== undefined && source.form !== "binary" && !words.test(source.text)) return undefined;
  return { command, proposal, own };
}

/** What is refused of one script, in words; undefined where nothing is. */
export function refusalLine(script: string, refusals: readonly EngineRefusal[]): string | undefined {
  if (refusals.length === 0) return undefined;
  const proposals = [...new Set(refusals.map(({ proposal }) => proposal))].sort().join(", ");
  const modules = refusals.filter(({ own }) => own).length;
  const assertions = refusals.filter(({ command }) => command.kind.startsWith("assert_")).length;
  return `${script}: ${proposals}: ${modules} modules refused, ${assertions} assertions with them`;
}
