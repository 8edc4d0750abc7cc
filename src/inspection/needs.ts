/** What the imports of a module tell of the capabilities that it will ask for, and the flags that grant them. */
import { loweredType, type Signature } from "../core/signature.ts";
import { WRAPPER_IMPORTS } from "../core/wrapper_imports.ts";
import { providedFunctionType } from "../wasi/provided_imports.ts";
import type { ImportDescription } from "../wasm/external_type.ts";
import type { Module } from "../wasm/module.ts";
import { externalText } from "./external_text.ts";
import { typeReader } from "./type_reader.ts";

/** A row of {@linkcode NEEDS}: what the imports that match it, as `module.name`, let a guest reach. */
interface NeedRow {
  readonly pattern: RegExp;
  readonly doc: string;
  /** Flags of `aegis run` that grant it; none where nothing needs to be granted, or nothing can be. */
  readonly flags: readonly string[];
}

const NEEDS = {
  filesystem: {
    pattern: /^wasi_\w+\.(?:path_|fd_(?!write$|read$|close$|seek$|tell$|fdstat_get$|prestat))/,
    doc: "files and directories",
    flags: ["--allow-read", "--allow-write", "--dir"],
  },
  streams: { pattern: /^wasi_\w+\.fd_/, doc: "standard input and output", flags: [] },
  sockets: { pattern: /^wasi_\w+\.sock_/, doc: "sockets, of which a guest never has one", flags: [] },
  clock: {
    pattern: /^wasi_\w+\.(?:clock_|poll_oneoff$)/,
    doc: "the time, and waiting",
    flags: ["--allow-clock"],
  },
  random: {
    pattern: /^wasi_\w+\.random_get$/,
    doc: "random bytes",
    flags: ["--allow-random", "--seed"],
  },
  env: {
    pattern: /^wasi_\w+\.environ_/,
    doc: "environment variables",
    flags: ["--env", "--allow-env"],
  },
  args: { pattern: /^wasi_\w+\.args_/, doc: "command-line arguments", flags: [] },
  logging: { pattern: /^(?:aegis:log|env)\.log$/, doc: "the log", flags: ["--allow-logging"] },
  sensor: { pattern: /^env\.read_sensor$/, doc: "sensors", flags: ["--sensor"] },
  alert: { pattern: /^env\.send_alert$/, doc: "alerts", flags: ["--allow-alert"] },
  network: { pattern: /^aegis:http\./, doc: "requests to hosts", flags: ["--allow-net"] },
  channels: {
    pattern: /^aegis:channel\./,
    doc: "channels to the host, which the library alone can open",
    flags: [],
  },
  tools: { pattern: /^aegis:mcp\./, doc: "what aegis mcp tells of a call: progress, cancelling", flags: [] },
  plugins: { pattern: /^aegis:plugin\./, doc: "other plugins, by the host of plugins alone", flags: [] },
  commands: {
    pattern: /^aegis:process\./,
    doc: "commands of the host, which the library alone can grant",
    flags: [],
  },
} as const satisfies Record<string, NeedRow>;

/** A key of the table of needs. */
export type NeedName = keyof typeof NEEDS;

/** One capability that a module asks for, and the imports that say so. */
export interface Need {
  readonly capability: NeedName | "host functions";
  readonly doc: string;
  readonly imports: readonly string[];
  readonly flags: readonly string[];
}

/** Whether a run offers an import, of this type. */
export function isOffered(wanted: Pick<ImportDescription, "module" | "name" | "type">): boolean {
  const type = providedFunctionType(wanted);
  return type !== undefined && externalText({ kind: "function", ...type }) === externalText(wanted.type) &&
    wanted.type.kind === "function";
}

/** Whether a wrapper offers an import, of this type; a run does not. */
function isWrappers({ module, name, type }: ImportDescription): boolean {
  const functions: Readonly<Record<string, Readonly<Record<string, Signature>>>> = WRAPPER_IMPORTS;
  if (!Object.hasOwn(functions, module) || type.kind !== "function") return false;
  const row = functions[module] ?? {}, signature = Object.hasOwn(row, name) ? row[name] : undefined;
  return signature !== undefined &&
    externalText({ kind: "function", ...loweredType(signature) }) === externalText(type);
}

/** The capability that an import asks for; undefined for those of what everybody may do, such as `proc_exit`. */
export function capabilityOf(wanted: ImportDescription): Need["capability"] | undefined {
  if (!isOffered(wanted) && !isWrappers(wanted)) return "host functions";
  const rows = Object.entries(NEEDS) as [NeedName, NeedRow][]; // a literal's keys are those of its type
  return rows.find(([, row]) => row.pattern.test(`${wanted.module}.${wanted.name}`))?.[0];
}

/** The capabilities that a module asks for by its imports, in the order in which it imports them. */
export function needsOf(module: Module): Need[] {
  const needs = new Map<Need["capability"], Need & { readonly imports: string[] }>();
  const typeOf = typeReader(module);
  for (const { module: from, name: item, kind, index } of module.imports) {
    const name = `${from}.${item}`;
    const capability = capabilityOf({ module: from, name: item, type: typeOf(kind, index) });
    if (capability === undefined) continue;
    const { doc, flags }: Pick<NeedRow, "doc" | "flags"> = capability === "host functions"
      ? { doc: "functions that the embedder registers", flags: [] }
      : NEEDS[capability];
    const need = needs.get(capability) ?? { capability, doc, flags, imports: [] };
    need.imports.push(name.replace(/^wasi_\w+\./, ""));
    needs.set(capability, need);
  }
  return [...needs.values()];
}
