/** The file of --config and of --policy. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { LARGEST_MANIFEST } from "../manifest/document.ts";
import { type Layer, valuesOf } from "../manifest/layer.ts";
import { type ReadLayers, readLayers } from "../manifest/read_layers.ts";
import { commandTables } from "./command_tables.ts";
import type { FlagValues } from "./flags.ts";
import type { CommandIo } from "./io.ts";
import { STDIN } from "./read_input.ts";

/** What reading one takes. */
export type ConfigPorts = Pick<CommandIo, "read">;

/** How messages name a file, and where the paths in it start; what comes on stdin has the working directory. */
function nameOf(file: string): string {
  return file === STDIN ? "stdin" : file;
}

/** Reads a manifest with all that it includes, and everything that is wrong with it. */
export async function readConfigLayers(file: string, { read }: ConfigPorts): Promise<ReadLayers> {
  const bounded = (path: string) => read(path, LARGEST_MANIFEST, "regular");
  return await readLayers(nameOf(file), await bounded(file), {
    read: bounded,
    commands: commandTables(),
    skipsCommands: false,
  });
}

/** The same, of a file that must be right. @throws {AegisError} `InvalidOption` for the first mistake */
export async function readConfigLayer(file: string, ports: ConfigPorts): Promise<Layer> {
  const { layer, mistakes: [first] } = await readConfigLayers(file, ports);
  if (first !== undefined) throw first;
  return layer;
}

/**
 * Reads the settings at the top of a file: a policy, which is of no module and no command.
 *
 * @throws {AegisError} `InvalidOption`: not readable, an unknown key, a value of the wrong form
 */
export async function readConfig(file: string, ports: ConfigPorts): Promise<FlagValues> {
  const { settings, modules, commands } = await readConfigLayer(file, ports);
  const [other] = [...modules.values()].map(({ at }) => at.path).concat([...commands.keys()]);
  if (other === undefined) return valuesOf(settings);
  throw new AegisError(
    "InvalidOption",
    `Cannot use ${quote(file)} as a policy: it has a table ${quote(other)}`,
    {
      field: "policy",
      suggestion: "A policy holds for all tasks; keep modules and commands in a manifest of their own.",
    },
  );
}
