/**
 * Resolves a module's imports: to host functions by their names, or to what modules loaded before it export. Only a
 * module's ORIGINAL export list counts, and types are matched as the original modules declare them, so nothing that
 * instrumentation added or changed can be seen by a guest.
 */
import type { HostFunctions, RegisteredFunction } from "./host_functions.ts";
import type { AegisModule } from "./module.ts";
import { MissingImportError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { loweredType } from "../core/signature.ts";
import { suggest } from "../core/suggestion.ts";
import { formatFuncType } from "../core/value.ts";
import type { Binding } from "../guest/messages.ts";
import { providedFunctionType, providedNames } from "../wasi/provided_imports.ts";
import type { ExternalType, ImportDescription } from "../wasm/external_type.ts";

/** A module that was loaded under a name, so that later ones can import from it. */
export interface LinkedModule {
  readonly name: string | undefined;
  readonly module: AegisModule;
}

/** @throws {MissingImportError} for the first import that nothing provides, or only with another type */
export function linkImports(
  module: AegisModule,
  loaded: readonly LinkedModule[],
  functions: HostFunctions,
): Binding[] {
  return module.imports.map((wanted) => {
    const instance = loaded.findLastIndex((item) => item.name === wanted.module);
    const provider = loaded[instance];
    if (provider !== undefined) return linkExport(wanted, provider.module, instance);
    const registered = functions.find(wanted.module, wanted.name);
    if (registered !== undefined) return linkFunction(wanted, registered);
    return linkProvided(wanted) ?? missing(wanted, functions, loaded);
  });
}

function linkExport(wanted: ImportDescription, provider: AegisModule, instance: number): Binding {
  const found = provider.exportOf(wanted.name);
  if (found === undefined) {
    const names = suggest(wanted.name, provider.exports.map((item) => item.name));
    throw new MissingImportError(
      wanted.module,
      wanted.name,
      "the module has no such export",
      didYouMean(names),
    );
  }
  const reason = incompatibility(wanted.type, found.type);
  if (reason !== undefined) throw new MissingImportError(wanted.module, wanted.name, reason);
  return { from: "instance", instance, name: wanted.name };
}

/**
 * What keeps an export from serving as an import, by limits and kind. Value, function and tag types are left to V8,
 * which compares them as the instrumented modules declare them: unchanged.
 */
function incompatibility(wanted: ExternalType, found: ExternalType): string | undefined {
  if (wanted.kind !== found.kind) return `a ${wanted.kind} is wanted, a ${found.kind} is exported`;
  if (wanted.kind !== "memory" && wanted.kind !== "table") return undefined;
  if (found.kind !== "memory" && found.kind !== "table") return undefined;
  if (wanted.max !== undefined && (found.max === undefined || found.max > wanted.max)) {
    return `the maximum wanted is ${wanted.max}, the exported ${found.kind} has ${found.max ?? "none"}`;
  }
  if (wanted.index64 !== found.index64) return "their index types differ";
  return undefined;
}

function linkFunction(wanted: ImportDescription, registered: RegisteredFunction): Binding {
  const { id, params, results, source } = registered;
  if (wanted.type.kind !== "function") {
    throw new MissingImportError(
      wanted.module,
      wanted.name,
      `a ${wanted.type.kind} is wanted, a function is registered`,
    );
  }
  const want = formatFuncType(wanted.type), have = formatFuncType(loweredType(registered));
  if (want !== have) {
    throw new MissingImportError(wanted.module, wanted.name, `${want} is wanted, ${have} is registered`);
  }
  return { from: "host", id, params, results, ...(source === undefined ? {} : { source }) };
}

/** A function that Aegis provides; undefined when it provides none of that name. */
function linkProvided(wanted: ImportDescription): Binding | undefined {
  const type = providedFunctionType(wanted);
  if (type === undefined) return undefined;
  const { module, name } = wanted;
  if (wanted.type.kind !== "function") {
    throw new MissingImportError(module, name, `a ${wanted.type.kind} is wanted, a function is provided`);
  }
  const want = formatFuncType(wanted.type), have = formatFuncType(type);
  if (want !== have) throw new MissingImportError(module, name, `${want} is wanted, ${have} is provided`);
  return { from: "aegis", module, name };
}

function missing(
  wanted: ImportDescription,
  functions: HostFunctions,
  loaded: readonly LinkedModule[],
): never {
  const type = wanted.type.kind === "function" ? ` ${formatFuncType(wanted.type)}` : "";
  const candidates = [
    ...providedNames(wanted.module).map((name) => `${wanted.module} ${name}`),
    ...functions.names(),
    ...loaded.flatMap(({ name, module }) =>
      name === undefined ? [] : module.exports.map((item) => `${name} ${item.name}`)
    ),
  ];
  throw new MissingImportError(
    wanted.module,
    wanted.name,
    `nothing provides this ${wanted.type.kind}${type}`,
    didYouMean(suggest(`${wanted.module} ${wanted.name}`, candidates)) ?? OFFER_IT,
  );
}

/** What an embedder can do about an import of which nothing is known. */
export const OFFER_IT =
  "Offer it with registerFunc, or load a module that exports it under that name, before this one.";

function didYouMean(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : `Did you mean ${names.map(quote).join(" or ")}?`;
}

/** V8 refused to link: the types it compares itself do not match. Its message counts imports, ours names them. */
export function linkError(module: AegisModule, message: string): MissingImportError {
  const index = Number(/(?:Import #|import )(\d+)/.exec(message)?.[1] ?? -1), wanted = module.imports[index];
  const reason = message.replace(/^.*Import #\d+ "[^"]*"(?: "[^"]*")?: /, "")
    .replace(/^WebAssembly\.Instance\(\): table import \d+ /, "table import ");
  return new MissingImportError(wanted?.module ?? "?", wanted?.name ?? "?", reason);
}
