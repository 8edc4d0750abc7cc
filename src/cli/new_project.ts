/** `aegis new`: a project from a template. Runs nothing, starts no process. */
import { printable } from "./printable.ts";
import { join, resolve } from "../sandbox/path.ts";
import { checkProjectName, makeProject } from "../toolchain/new_project.ts";
import { LANGUAGES } from "../toolchain/languages.ts";
import { systemPorts } from "../toolchain/system_ports.ts";
import { TEMPLATE_KINDS, type TemplateKindName } from "../toolchain/template_kinds.ts";
import type { CommandIo } from "./io.ts";
import type { ParsedCommand } from "./parse.ts";

/** The command of a kind; its result is the exit status. */
export function newProject(
  kind: TemplateKindName,
): (parsed: ParsedCommand, io: CommandIo) => Promise<number> {
  return ({ operand: name = "", flags }, io) => {
    const { lang: language = "assemblyscript", quiet = false } = flags;
    checkProjectName(name);
    const shown = flags.out === undefined ? name : join(flags.out, name);
    const paths = makeProject({ kind, language, name }, resolve(shown), systemPorts());
    if (quiet) return Promise.resolve(0);
    for (const path of paths) io.out(`Wrote ${printable(join(shown, path))}\n`);
    const { title, get } = LANGUAGES[language], next = TEMPLATE_KINDS[kind].next.replace("NAME", name);
    io.out(`\nNext:\n  cd ${printable(shown)}\n  aegis build\n  ${next}\n  sh test.sh\n`);
    io.out(`\n${title}: ${get}\n`);
    return Promise.resolve(0);
  };
}
