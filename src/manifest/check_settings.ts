/** What is wrong with settings though each key by itself is right: grants that exclude each other, and the like. */
import { AegisError } from "../core/errors.ts";
import { mergeGrants } from "../policy/policy.ts";
import { type AegisOptions, readRuntimeOptions } from "../sandbox/aegis_options.ts";
import { capabilitiesOf } from "./grants.ts";
import { type Layer, valuesOf } from "./layer.ts";
import { limitsOf } from "./limits.ts";
import { readGrants } from "./read_grants.ts";
import type { ManifestValues } from "./values.ts";

/** Where settings hold: the file's top, or a module. */
export interface SettingsMistake {
  /** `modules.greeter`; undefined for the file's top. */
  readonly place: string | undefined;
  readonly error: AegisError;
}

function mistakeIn(values: ManifestValues): AegisError | undefined {
  try {
    limitsOf(values);
    const { grants, environment } = readGrants(values, { locate: (path) => path });
    const capabilities = capabilitiesOf(grants, (name) => environment[name]);
    mergeGrants(capabilities);
    const options: AegisOptions = {
      deterministic: values.deterministic ?? false,
      // Paths are looked at when a runtime is made, and need not be there yet.
      capabilities: capabilities.filter(({ kind }) => kind !== "filesystem"),
    };
    readRuntimeOptions(options, true);
    return undefined;
  } catch (error) {
    if (error instanceof AegisError) return error;
    throw error;
  }
}

/**
 * Looks at the top of a manifest, and at each module and tool with all that holds for it.
 *
 * @param most mistakes that are looked for
 */
export function settingsMistakes({ settings, modules }: Layer, most: number): readonly SettingsMistake[] {
  const top = valuesOf(settings), mistakes: SettingsMistake[] = [];
  const look = (place: string | undefined, values: ManifestValues) => {
    const error = mistakes.length < most ? mistakeIn(values) : undefined;
    if (error !== undefined) mistakes.push({ place, error });
  };
  look(undefined, top);
  for (const [name, module] of modules) {
    const values = { ...top, ...valuesOf(module.settings) };
    look(`modules.${name}`, values);
    for (const [tool, { settings: own }] of module.tools) {
      if (own.size > 0) look(`modules.${name}.tools.${tool}`, { ...values, ...valuesOf(own) });
    }
  }
  // What is wrong at the top is wrong in every module: once is enough.
  const [first] = mistakes;
  if (first?.place !== undefined || first === undefined) return mistakes;
  return [first, ...mistakes.slice(1).filter(({ error }) => error.message !== first.error.message)];
}
