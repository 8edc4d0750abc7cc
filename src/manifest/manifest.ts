/** Manifests for embedders: `aegis.toml` read as the command reads it, and its modules as options of a runtime. */
import type { HttpForm } from "../core/http_forms.ts";
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { suggest } from "../core/suggestion.ts";
import type { Capability } from "../policy/capability.ts";
import { EnvCapability } from "../policy/env_capability.ts";
import type { AegisOptions } from "../sandbox/aegis_options.ts";
import { fromFileUrl } from "../sandbox/path.ts";
import { UNLIMITED_FUEL } from "../core/limits.ts";
import { COMMAND_NAMES } from "./command_names.ts";
import { LARGEST_MANIFEST } from "./document.ts";
import { capabilitiesOf } from "./grants.ts";
import { fieldsOf, type Layer, type ModuleLayer, textsOf, valuesOf } from "./layer.ts";
import { limitsOf } from "./limits.ts";
import { readGrants } from "./read_grants.ts";
import { type ReadFile, readLayers } from "./read_layers.ts";
import { readRegularFile } from "./regular_file.ts";
import type { HTTP_KEYS, TOOL_KEYS } from "./tables.ts";
import type { ManifestValues } from "./values.ts";

/** What a manifest says of a module as an HTTP service; sizes in bytes. */
export interface ManifestHttp {
  /** The path under which it answers. */
  readonly route?: string;
  /** How it takes requests. */
  readonly form?: HttpForm;
  /** Whether an instance answers more requests than one. */
  readonly reuse?: boolean;
  /** Requests that are worked on at once. */
  readonly concurrency?: number;
  /** Requests that may wait for a guest. */
  readonly waiting?: number;
  /** The largest body of a request. */
  readonly request_size?: number;
  /** The largest body of an answer. */
  readonly response_size?: number;
  /** Whether the guest sees the header `Authorization`. */
  readonly pass_authorization?: boolean;
}

/** What a manifest says of one tool of a module. */
export interface ManifestTool {
  /** Under which name it is offered, instead of its own. */
  readonly name?: string;
  /** Its name for people. */
  readonly title?: string;
  /** What it does. */
  readonly description?: string;
  /** All that holds for it: of the file's top, the module's table and its own. */
  readonly options: AegisOptions;
}

/** A module of a manifest. */
export interface ManifestModule {
  /** As `[modules.NAME]` has it. */
  readonly name: string;
  /** Relative to the working directory, or absolute. */
  readonly path: string;
  /** What its file must hash to, for whoever loads it; undefined for whatever it does. */
  readonly sha256: string | undefined;
  /** The function to call; undefined where the manifest names none. */
  readonly functionName: string | undefined;
  /** Limits, grants and how it is run: of the file's top and of its own table. */
  readonly options: AegisOptions;
  /** Tools by their functions. */
  readonly tools: Readonly<Record<string, ManifestTool>>;
  /** What it is as an HTTP service, in the keys of the manifest. */
  readonly http: ManifestHttp;
}

/** A manifest that was read. */
export interface Manifest {
  /** The file, as it was named. */
  readonly file: string;
  /** Options for modules that it does not name. */
  readonly options: AegisOptions;
  /** Modules by their names. */
  readonly modules: Readonly<Record<string, ManifestModule>>;
}

/** Where a manifest is. */
export type ManifestSource = string | URL | {
  /** TOML or JSON. */
  readonly text: string;
  /** The name of its file, to which its paths are relative. @default "aegis.toml" in the working directory */
  readonly file?: string;
};

/** Reads a file up to the bytes that a manifest may have. */
const readBounded: ReadFile = async (file) => {
  try {
    return await readRegularFile(file, LARGEST_MANIFEST);
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound
      ? "there is no such file"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    throw new AegisError("InvalidOption", `Cannot read ${quote(file)}: ${reason}`, { cause });
  }
};

/** Values as options. Paths are looked at when a runtime is made with them. */
function optionsOf(values: ManifestValues): AegisOptions {
  const { engine, isolation, onDenial, onMemoryLimit, deterministic, maxSandboxes } = values;
  const limits = limitsOf(values), { grants, environment } = readGrants(values, { locate: (path) => path });
  const given = { engine, isolation, onDenial, onMemoryLimit, deterministic, maxSandboxes };
  const inherited = grants.env.filter(({ from }) => !Object.hasOwn(environment, from)).map(({ name }) =>
    name
  );
  const capabilities: Capability[] = capabilitiesOf(grants, (name) => environment[name]);
  if (inherited.length > 0) capabilities.push(EnvCapability.inherit(inherited));
  return Object.freeze({
    ...limits,
    fuelLimit: limits.fuelLimit === UNLIMITED_FUEL ? "unlimited" : limits.fuelLimit,
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    capabilities,
  });
}

function moduleOf(name: string, layer: ModuleLayer, top: ManifestValues): ManifestModule {
  const values = { ...top, ...valuesOf(layer.settings) };
  const tools = [...layer.tools].map(([tool, { own, settings }]) => {
    const texts = textsOf<typeof TOOL_KEYS>(own);
    return [
      tool,
      Object.freeze({ ...texts, options: optionsOf({ ...values, ...valuesOf(settings) }) }),
    ] as const;
  });
  return Object.freeze({
    name,
    path: String(layer.own.get("path")?.value),
    sha256: layer.own.has("sha256") ? String(layer.own.get("sha256")?.value) : undefined,
    functionName: values.function,
    options: optionsOf(values),
    tools: Object.freeze(Object.fromEntries(tools)),
    http: Object.freeze(fieldsOf<typeof HTTP_KEYS>(layer.http)),
  });
}

/**
 * Reads a manifest, in TOML or JSON, with all that it includes. What stands in tables of commands is the commands'.
 *
 * @example
 * ```ts
 * import { manifestOptions, readManifest } from "jsr:@aegis/core";
 *
 * const manifest = await readManifest({ text: `
 *   [modules.greeter]
 *   path = "greet.wasm"
 *   memory_limit = "8MiB"
 * ` });
 * console.log(manifestOptions(manifest, "greeter").memoryLimit); // 8388608
 * ```
 *
 * @param source its path; a URL of a file; or its text
 * @throws {AegisError} `InvalidOption` or `LimitTooLow` for the first mistake; its `field` is the path of the key
 */
export async function readManifest(source: ManifestSource): Promise<Manifest> {
  const isText = typeof source === "object" && !(source instanceof URL);
  const file = isText
    ? source.file ?? "aegis.toml"
    : source instanceof URL
    ? fromFileUrl(source.href)
    : source;
  const { layer, mistakes } = await readLayers(file, isText ? source.text : await readBounded(file), {
    read: readBounded,
    commands: Object.fromEntries(COMMAND_NAMES.map((name) => [name, {}])),
    skipsCommands: true,
  });
  const [first] = mistakes;
  if (first !== undefined) throw first;
  return manifestOf(file, layer);
}

function manifestOf(file: string, layer: Layer): Manifest {
  const top = valuesOf(layer.settings);
  const modules = [...layer.modules].map(([name, module]) => [name, moduleOf(name, module, top)] as const);
  return Object.freeze({
    file,
    options: optionsOf(top),
    modules: Object.freeze(Object.fromEntries(modules)),
  });
}

/**
 * Options of a runtime for a module of a manifest.
 *
 * @param name the module; without one, what holds for modules that the manifest does not name
 * @throws {AegisError} `InvalidOption` for a module that it does not have
 */
export function manifestOptions(manifest: Manifest, name?: string): AegisOptions {
  if (name === undefined) return manifest.options;
  const module = Object.hasOwn(manifest.modules, name) ? manifest.modules[name] : undefined;
  if (module !== undefined) return module.options;
  const names = Object.keys(manifest.modules), near = suggest(name, names);
  throw new AegisError(
    "InvalidOption",
    `Cannot find module ${quote(name)} in ${quote(manifest.file)}`,
    {
      field: "modules",
      suggestion: near.length > 0
        ? `Did you mean ${near.map(quote).join(" or ")}?`
        : names.length > 0
        ? `Its modules: ${names.join(", ")}.`
        : "It names no module.",
    },
  );
}
