/** `aegis completions`: the script of a shell, and the answers that it asks for. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { suggest } from "../core/suggestion.ts";
import { complete } from "./complete.ts";
import { COMPLETION_SCRIPTS } from "./completion_scripts.ts";
import type { CommandIo } from "./io.ts";
import type { ParsedCommand } from "./parse.ts";
import { type Shell, SHELLS } from "./shells.ts";

function shellOf(name: string): Shell {
  const shell = SHELLS.find((one) => one === name);
  if (shell !== undefined) return shell;
  const near = suggest(name, SHELLS);
  throw new AegisError(
    "InvalidOption",
    `Cannot complete in ${quote(name)}: use one of ${SHELLS.join(", ")}`,
    {
      suggestion: near.length > 0
        ? `Did you mean ${near.map(quote).join(" or ")}?`
        : "See: aegis help completions",
    },
  );
}

/**
 * Runs the command; the result is its exit status. The answer to words is lines for the script: which names the shell is to
 * add (`none`, `files` or `directories`), then a line for each candidate, a tab between it and what it means.
 */
export function completions({ operand = "", args }: ParsedCommand, io: CommandIo): Promise<number> {
  const shell = shellOf(operand);
  if (args.length === 0) io.out(COMPLETION_SCRIPTS[shell]);
  else {
    // PowerShell passes on no word that is empty: a blank stands for it.
    const { candidates, paths } = complete([...args.slice(0, -1), (args.at(-1) ?? "").trimStart()]);
    io.out(`${paths}\n${candidates.map(({ word, doc }) => `${word}\t${doc}\n`).join("")}`);
  }
  return Promise.resolve(0);
}
