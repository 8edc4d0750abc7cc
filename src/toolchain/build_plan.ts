/** What a build does, settled before anything is started: which sources, in which language, to which file. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { basename, dirname, join, relative } from "../sandbox/path.ts";
import { type BuildTable, staysInside } from "./build_table.ts";
import {
  LANGUAGE_NAMES,
  type LanguageName,
  languageOfFile,
  type LanguageRow,
  LANGUAGES,
} from "./languages.ts";
import type { SectionName } from "./module_sections.ts";
import { guessOutputType, type OutputType } from "./output_type.ts";
import type { ToolchainPorts } from "./ports.ts";

/** What a person asks for. Paths are absolute. */
export interface BuildRequest {
  /** A source, or the folder of a project. */
  readonly path: string;
  /** The manifest that has a table `[build]`, where one counts; its folder is that of the sources. */
  readonly manifest?: { readonly path: string; readonly table: BuildTable };
  readonly language?: LanguageName;
  readonly out?: string;
  readonly optimise?: boolean;
  /** Milliseconds for the compiler. */
  readonly time: number;
  /** Bytes for the compiler. */
  readonly memory: number;
}

/** A text for a section: lines, or a file. */
export type SectionSource =
  & { readonly name: SectionName; readonly origin: string }
  & (
    | { readonly text: string }
    | { readonly path: string }
  );

/** See above. Paths are absolute, those of sources with links followed. */
export interface BuildPlan {
  readonly language: LanguageName;
  readonly type: OutputType;
  readonly sources: readonly [string, ...string[]];
  readonly directory: string;
  readonly out: string;
  readonly optimise: boolean;
  readonly sections: readonly SectionSource[];
  readonly time: number;
  readonly memory: number;
}

/** Bytes of a source that are looked at for what it is. */
export const LARGEST_SOURCE: number = 16 * 1024 * 1024;

function refuse(what: string, reason: string, suggestion?: string): AegisError {
  return new AegisError(
    "InvalidOption",
    `Cannot build ${quote(what)}: ${reason}`,
    suggestion === undefined ? {} : { suggestion },
  );
}

function projectFileOf(language: LanguageName): string | undefined {
  const row: LanguageRow = LANGUAGES[language];
  return row.project;
}

/** The language of a source or of a project's file. */
function languageOf(path: string): LanguageName | undefined {
  return LANGUAGE_NAMES.find((name) => projectFileOf(name) === basename(path)) ?? languageOfFile(path);
}

/** The file that makes a folder a project. */
function projectFile(folder: string, ports: ToolchainPorts): string {
  const files = LANGUAGE_NAMES.flatMap((name) => projectFileOf(name) ?? []);
  const found = files.filter((name) => ports.real(join(folder, name)) !== undefined);
  const [only, another] = found;
  if (only !== undefined && another === undefined) return join(folder, only);
  throw refuse(
    folder,
    only === undefined
      ? `it has no aegis.toml with [build], and no ${files.join(" or ")}`
      : `it has ${found.join(" and ")}`,
    "Name a source, or say in aegis.toml: [build] source = …",
  );
}

/** Where a path of the manifest leads, links followed; what is outside of its folder is none of its business. */
function contained(path: string, folder: string, ports: ToolchainPorts): string {
  const real = ports.real(join(folder, path));
  if (real === undefined) throw refuse(path, "there is no such file");
  if (!staysInside(relative(folder, real))) throw refuse(path, "it leads out of the manifest's folder");
  return real;
}

function sourcesOf(
  request: BuildRequest,
  folder: string,
  ports: ToolchainPorts,
): readonly [string, ...string[]] {
  const table = request.manifest?.table;
  if (table?.source !== undefined) {
    const [first, ...more] = table.source.map((path) => contained(path, folder, ports));
    if (first !== undefined) return [first, ...more];
  }
  if (table !== undefined || request.path === folder) return [projectFile(folder, ports)];
  return [request.path];
}

/** Text of the sources that tell whether they are a program. */
function telling(language: LanguageName, source: string, ports: ToolchainPorts): string {
  const folder = dirname(source), project = basename(source) === projectFileOf(language);
  if (project && language === "rust") {
    return ports.real(join(folder, "src", "main.rs")) === undefined ? "" : "fn main() {}";
  }
  const paths = project
    ? ports.list(folder).filter((name) => languageOfFile(name) === language).map((name) => join(folder, name))
    : [source];
  return paths.map((path) => new TextDecoder().decode(ports.read(path, LARGEST_SOURCE))).join("\n");
}

/** Where the folder leads that a file would be made in, or the nearest above it that is there: the rest is made below. */
function existingFolder(path: string, ports: ToolchainPorts): string {
  for (let at = path;;) {
    const real = ports.real(at), above = dirname(at);
    if (real !== undefined || above === at) return real ?? at;
    at = above;
  }
}

function outOf(
  request: BuildRequest,
  { folder, source, ports }: {
    readonly folder: string;
    readonly source: string;
    readonly ports: ToolchainPorts;
  },
): string {
  const stated = request.manifest?.table.out;
  const project = LANGUAGE_NAMES.some((name) => projectFileOf(name) === basename(source));
  const beside = project ? join(folder, `${basename(folder)}.wasm`) : source.replace(/\.[^./\\]+$/, ".wasm");
  const out = request.out ?? (stated === undefined ? beside : join(folder, stated));
  if (!out.endsWith(".wasm")) throw refuse(source, `the output ${quote(out)} has to end in .wasm`);
  if (request.out === undefined && stated !== undefined) {
    const real = existingFolder(dirname(out), ports);
    if (real !== folder && !staysInside(relative(folder, real))) {
      throw refuse(source, `the output ${quote(stated)} leads out of the manifest's folder`);
    }
  }
  return out;
}

/**
 * Settles what is built. Reads sources to see what they are, and starts nothing.
 *
 * @throws {AegisError} `InvalidOption`
 */
export function planBuild(request: BuildRequest, ports: ToolchainPorts): BuildPlan {
  const { manifest } = request, table = manifest?.table ?? {};
  const real = ports.real(manifest?.path ?? request.path);
  if (real === undefined) throw refuse(request.path, "there is no such file");
  const folder = manifest === undefined && ports.isFolder(real) ? real : dirname(real);
  const sources = sourcesOf({ ...request, path: real }, folder, ports), [source] = sources;
  const language = request.language ?? table.lang ?? languageOf(source);
  if (language === undefined) {
    const endings = LANGUAGE_NAMES.flatMap((name) =>
      LANGUAGES[name].extensions.map((ending) => `.${ending}`)
    );
    throw refuse(source, `its ending is none of ${endings.join(", ")}`, "Name the language with --lang.");
  }
  if (sources.length > 1 && language !== "c") {
    throw refuse(source, `${LANGUAGES[language].title} takes one source, which names the others`);
  }
  const sections: SectionSource[] = [...table.sections ?? []].map(([name, path]) => ({
    name,
    origin: path,
    path: contained(path, folder, ports),
  }));
  if (table.signatures !== undefined) {
    sections.push({
      name: "aegis:signatures",
      origin: "signatures",
      text: `${table.signatures.join("\n")}\n`,
    });
  }
  return {
    language,
    type: table.type ?? guessOutputType(language, telling(language, source, ports)),
    sources,
    directory: folder,
    out: outOf(request, { folder, source, ports }),
    optimise: request.optimise ?? table.optimise ?? true,
    sections,
    time: request.time,
    memory: request.memory,
  };
}
