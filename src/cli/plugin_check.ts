/** `aegis plugin check`: what a host would refuse when one version takes the place of another. Runs nothing. */
import { AegisError } from "../core/errors.ts";
import { resolveLimits } from "../core/limits.ts";
import {
  compatibilityProblems,
  grownNeeds,
  importProblems,
  stateProblems,
} from "../wrappers/plugin/compatibility.ts";
import { manifestBeside } from "../wrappers/plugin/plugin_registry.ts";
import { type PluginShape, readPluginShape } from "../wrappers/plugin/plugin_shape.ts";
import type { CommandIo } from "./io.ts";
import { jsonText } from "./json.ts";
import { readModuleInput } from "./module_input.ts";
import type { ParsedCommand } from "./parse.ts";
import { foreignImports, pluginNamed } from "./plugin_folder.ts";
import { folderOf } from "./plugin_list.ts";
import { printable } from "./printable.ts";
import { quote } from "../core/quote.ts";

/** Status where the new version would break what uses the old one. */
const INCOMPATIBLE = 1;

/** Kinds of problems, in the order in which they are told. */
const KINDS = {
  name: ({ manifest: old }, { manifest: next }) =>
    old.name === next.name ? [] : [`it is ${quote(next.name)}, another plugin than ${quote(old.name)}`],
  exports: (old, next) => compatibilityProblems(old, next),
  imports: (old, next) => importProblems(old, { ...next, imports: foreignImports(next) }),
  state: (old, next) => stateProblems(old, next),
  needs: ({ manifest: old }, { manifest: next }) => {
    const { capabilities, limits } = grownNeeds(old, next, resolveLimits(old.needs.limits));
    return [...capabilities, ...limits].map((word) => `it needs more: ${word}`);
  },
} as const satisfies Record<string, (old: PluginShape, next: PluginShape) => string[]>;

/** Runs the command; the result is its exit status. */
export async function pluginCheck(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const { format = "human", quiet = false } = parsed.flags;
  if (parsed.second === undefined) {
    throw new AegisError("InvalidOption", 'Missing NEW of "aegis plugin check"', {
      suggestion: "aegis plugin check OLD NEW",
    });
  }
  const old = await shapeOf(parsed.operand ?? "", { parsed, io });
  const next = await shapeOf(parsed.second, { parsed, io });
  const problems = Object.entries(KINDS).flatMap(([kind, find]) =>
    find(old, next).map((message) => ({ kind, message }))
  );
  const compatible = problems.length === 0,
    nameOf = ({ manifest: { name, version } }: PluginShape) => ({ name, version });
  if (format !== "human") {
    io.out(jsonText({ old: nameOf(old), new: nameOf(next), compatible, problems }, format));
    return compatible ? 0 : INCOMPATIBLE;
  }
  const pair = `${old.manifest.name} ${old.manifest.version} by ${next.manifest.version}`;
  if (compatible && !quiet) io.out(`${printable(pair)}: nothing that uses it would break\n`);
  if (!compatible) io.out(`${printable(pair)}: a host would refuse it\n`);
  for (const { kind, message } of problems) io.out(`  ${kind.padEnd(8)}${printable(message)}\n`);
  return compatible ? 0 : INCOMPATIBLE;
}

/** A version by the file of its module, or by its name in the folder of plugins. */
async function shapeOf(
  text: string,
  { parsed, io }: { readonly parsed: ParsedCommand; readonly io: CommandIo },
): Promise<PluginShape> {
  if (!/[/\\]|\.wa(?:sm|t)$/.test(text)) {
    const { registry } = await folderOf(parsed, io);
    return (await registry.load(pluginNamed(registry, text))).shape;
  }
  const { bytes } = await readModuleInput(text, io);
  return await readPluginShape(bytes, `of ${quote(text)}`, await manifestBeside(text));
}
