/** A project's files, made of a template: laid over each other from what all have to what one language of one kind has. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { join } from "../sandbox/path.ts";
import { type LanguageName, LANGUAGES } from "./languages.ts";
import type { ToolchainPorts } from "./ports.ts";
import { TEMPLATE_KINDS, TEMPLATE_SOURCES, type TemplateKindName } from "./template_kinds.ts";
import { TEMPLATE_FILES } from "./templates.gen.ts";

/** What is made. */
export interface NewProject {
  readonly kind: TemplateKindName;
  readonly language: LanguageName;
  readonly name: string;
}

/** Names that are a folder, a module and a package of each language alike. */
const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

const LONGEST_NAME = 64;

/** Devices of Windows, which no folder there can be named after; and words that Cargo takes for no package. */
const RESERVED =
  /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9]|test|core|std|alloc|proc-macro|main|any|abi|crate|self|super|fn)$/;

/** @throws {AegisError} `InvalidOption` */
export function checkProjectName(name: string): void {
  const reason = name.length > LONGEST_NAME
    ? `it is longer than ${LONGEST_NAME}`
    : !NAME.test(name)
    ? "use small letters, digits and single hyphens between them, a letter first"
    : RESERVED.test(name)
    ? "it means something else already"
    : undefined;
  if (reason === undefined) return;
  throw new AegisError("InvalidOption", `Cannot make a project named ${quote(name)}: ${reason}`);
}

/** The folders of templates that count, the later before the earlier. */
function layersOf({ kind, language }: NewProject): string[] {
  const type = TEMPLATE_KINDS[kind].types[language];
  return [
    "any/any",
    `any/${language}`,
    `${type}/${language}`,
    `${kind}/any`,
    `${kind}-${type}/any`,
    `${kind}/${language}`,
  ];
}

/** The files by their paths in the project. */
export function projectFiles(project: NewProject): ReadonlyMap<string, string> {
  const { title, get } = LANGUAGES[project.language], files = new Map<string, string>();
  const values: Readonly<Record<string, string>> = {
    name: project.name,
    lang: project.language,
    title,
    source: TEMPLATE_SOURCES[project.language],
    get,
  };
  for (const layer of layersOf(project)) {
    for (const [path, text] of Object.entries(TEMPLATE_FILES)) {
      if (!path.startsWith(`${layer}/`)) continue;
      files.set(
        path.slice(layer.length + 1),
        text.replace(/\{\{(name|lang|title|source|get)\}\}/g, (_, key: string) => values[key] ?? ""),
      );
    }
  }
  return files;
}

/**
 * Writes a project into a new folder.
 *
 * @param folder absolute; it must not be there, or be empty
 * @returns the paths that were written, from the folder
 * @throws {AegisError} `InvalidOption`
 */
export function makeProject(project: NewProject, folder: string, ports: ToolchainPorts): readonly string[] {
  checkProjectName(project.name);
  if (ports.real(folder) !== undefined && ports.list(folder).length > 0) {
    throw new AegisError("InvalidOption", `Cannot make ${quote(folder)}: it is there, and not empty`, {
      suggestion: "Choose another name, or another folder with --out.",
    });
  }
  const files = projectFiles(project);
  for (const [path, text] of files) ports.write(join(folder, path), new TextEncoder().encode(text));
  return [...files.keys()].sort();
}
