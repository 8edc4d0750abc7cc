/** `aegis plugin list`, `search` and `show`: what the plugins of a folder say of themselves. Runs nothing. */
import { AegisError } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { formatSignature } from "../core/signature.ts";
import { formatByteSize } from "../core/unit_text.ts";
import type { PluginRegistry } from "../wrappers/plugin/plugin_registry.ts";
import type { PluginRecord } from "../wrappers/plugin/registry_store.ts";
import { messageOf } from "./failure.ts";
import type { CommandIo } from "./io.ts";
import { jsonText } from "./json.ts";
import type { ParsedCommand } from "./parse.ts";
import {
  foreignImports,
  openPluginFolder,
  type PluginFolder,
  pluginNamed,
  tellProblems,
} from "./plugin_folder.ts";
import { printable } from "./printable.ts";

/** The folder of plugins that a command looks at. */
export async function folderOf(
  { flags }: ParsedCommand,
  io: Pick<CommandIo, "locate">,
): Promise<PluginFolder> {
  return await openPluginFolder(io.locate(flags.registry ?? "."));
}

function recordJson({ name, version, sha256, size, manifest }: PluginRecord): { [key: string]: Json } {
  const { description, keywords, dependencies } = manifest;
  return { name, version, description, keywords: [...keywords], dependencies, sha256, size };
}

function printList(
  records: readonly PluginRecord[],
  { problems }: PluginFolder,
  { parsed, io }: { readonly parsed: ParsedCommand; readonly io: CommandIo },
): void {
  const { format = "human" } = parsed.flags;
  if (format !== "human") {
    const told = problems.map(({ file, error }) => ({ file, message: messageOf(error) }));
    io.out(jsonText({ plugins: records.map(recordJson), problems: told }, format));
    return;
  }
  const named = records.map(({ name, version, manifest }) =>
    [`${name} ${version}`, manifest.description] as const
  );
  const width = Math.max(0, ...named.map(([name]) => name.length));
  for (const [name, text] of named) {
    io.out(`${`${name.padEnd(width)}  ${printable(text.replace(/\s+/g, " "))}`.trimEnd()}\n`);
  }
  if (!parsed.flags.quiet) tellProblems(problems, io);
}

/** `aegis plugin list`. */
export async function pluginList(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const folder = await folderOf(parsed, io);
  printList(folder.registry.list(), folder, { parsed, io });
  return 0;
}

/** `aegis plugin search`: status 1 where nothing has the words. */
export async function pluginSearch(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const folder = await folderOf(parsed, io), found = folder.registry.search(parsed.operand ?? "");
  printList(found, folder, { parsed, io });
  return found.length > 0 ? 0 : 1;
}

/** `aegis plugin show`. */
export async function pluginShow(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const { format = "human" } = parsed.flags, { registry, problems } = await folderOf(parsed, io);
  if (!parsed.flags.quiet) tellProblems(problems, io);
  const record = pluginNamed(registry, parsed.operand ?? ""), { shape } = await registry.load(record);
  const { manifest } = record, chosen = resolved(registry, record);
  const imports = foreignImports(shape).map(({ module, name }) => `${module}.${name}`);
  const state = shape.saves
    ? shape.restores ? "saves and restores" : "saves"
    : shape.restores
    ? "restores"
    : "none";
  if (format !== "human") {
    io.out(jsonText({
      ...recordJson(record),
      provides: Object.fromEntries(
        [...shape.provides].map(([name, type]) => [name, formatSignature("", type)]),
      ),
      schemas: manifest.schemas as Json, // out of JSON, as the manifest's reader checked
      resolved: typeof chosen === "string" ? null : chosen.map(({ name, version }) => ({ name, version })),
      imports,
      health: manifest.health,
      state,
      needs: { capabilities: [...manifest.needs.capabilities], limits: { ...manifest.needs.limits } },
    }, format));
    return 0;
  }
  const { needs } = manifest;
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ["", manifest.description === "" ? [] : [manifest.description]],
    ["provides", [...shape.provides].map(([name, type]) => formatSignature(name, type))],
    ["needs", [
      ...needs.capabilities,
      ...Object.entries(needs.limits).map(([name, limit]) => `${name} ${limit}`),
    ]],
    ["depends on", Object.entries(manifest.dependencies).map(([name, range]) => `${name} ${range}`)],
    [
      "starts",
      typeof chosen === "string" ? [chosen] : chosen.map(({ name, version }) => `${name} ${version}`),
    ],
    ["imports", imports],
    ["health", manifest.health === null ? [] : [manifest.health]],
    ["state", state === "none" ? [] : [state]],
    ["keywords", manifest.keywords.length === 0 ? [] : [manifest.keywords.join(", ")]],
    ["module", [`${formatByteSize(record.size)}, sha256 ${record.sha256}`]],
  ];
  io.out(`${record.name} ${printable(record.version)}\n`);
  for (const [title, lines] of rows) {
    lines.forEach((line, at) =>
      io.out(`  ${(at === 0 ? title : "").padEnd(12)}${printable(line.replace(/\s+/g, " "))}\n`)
    );
  }
  return 0;
}

/** What is started with it, in order; why nothing is, in words. */
function resolved(
  registry: PluginRegistry,
  { name, version }: PluginRecord,
): readonly PluginRecord[] | string {
  try {
    return registry.resolve({ name, range: version });
  } catch (error) {
    if (error instanceof AegisError) return error.message;
    throw error;
  }
}
