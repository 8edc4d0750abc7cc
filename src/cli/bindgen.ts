/** `aegis bindgen`: a typed client for a module. Runs nothing, starts no process. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { basename, join } from "../sandbox/path.ts";
import { GENERATED } from "./bindgen/client_heading.ts";
import { type ClientModel, clientModel } from "./bindgen/client_model.ts";
import { clientScript } from "./bindgen/client_script.ts";
import { clientTypes } from "./bindgen/client_types.ts";
import { checkModule } from "./check_module.ts";
import type { CommandIo } from "./io.ts";
import { readModuleInput } from "./module_input.ts";
import type { ParsedCommand } from "./parse.ts";
import { printable, printableName } from "./printable.ts";
import { STDIN } from "./read_input.ts";
import { styleFor } from "./style.ts";

/** Where the types of a client import the library from, unless they are told. */
const LIBRARY = "jsr:@aegis/core";

/** Names of files that are the same on every system, and no path. */
const FILE_NAME = /^[A-Za-z0-9_][\w.-]{0,99}$/;

/** Runs the command; the result is its exit status. */
export async function bindgen(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const { out = ".", import: library = LIBRARY, force = false, quiet = false } = parsed.flags;
  const operand = parsed.operand ?? STDIN;
  const moduleName = operand === STDIN ? "module" : basename(operand);
  const name = checkedName(parsed.flags.name ?? defaultName(moduleName));
  const { bytes } = await readModuleInput(operand, io);
  const { module } = await checkModule(bytes);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  const model = clientModel(module, { moduleName, hash });
  const typesFile = `${name}.client.d.ts`;
  const texts = new Map([
    [join(out, `${name}.client.js`), clientScript(model, typesFile)],
    [join(out, typesFile), clientTypes(model, library)],
  ]);
  if (!force) { for (const path of texts.keys()) checkReplaceable(path, io); }
  for (const [path, text] of texts) io.write(path, text);
  report(model, [...texts.keys()], { io, quiet });
  return 0;
}

/** The module's name without its ending, as far as it can be the name of a file everywhere. */
function defaultName(moduleName: string): string {
  return moduleName.replace(/\.(?:wasm|wat)$/i, "").replace(/[^\w.-]/g, "_").replace(/^[.-]+/, "").slice(
    0,
    100,
  ) ||
    "module";
}

function checkedName(name: string): string {
  if (FILE_NAME.test(name)) return name;
  throw new AegisError(
    "InvalidOption",
    `Cannot set --name to ${quote(name)}: use letters, digits, "_", "-" and ".", at most 100`,
    { suggestion: "The folder is given with --out." },
  );
}

/** @throws {AegisError} `InvalidOption` for a file that somebody else wrote */
function checkReplaceable(path: string, io: CommandIo): void {
  const line = io.firstLine(path);
  if (line === undefined || line.startsWith(GENERATED)) return;
  throw new AegisError(
    "InvalidOption",
    `Cannot write ${quote(path)}: it is there, and no file of bindgen's`,
    {
      suggestion: "Choose another --name, or replace it with --force.",
    },
  );
}

function report(model: ClientModel, paths: readonly string[], to: { io: CommandIo; quiet: boolean }): void {
  const { io, quiet } = to, style = styleFor(io.colour);
  if (!quiet) {
    for (const path of paths) io.out(`Wrote ${printable(path)}\n`);
    io.out(`Functions: ${model.functions.length}, imports: ${model.imports.length}\n`);
  }
  for (const { what, names, reason } of model.leftOut) {
    const shown = names.map(printableName).join(".");
    io.err(`${style.warn("warning:")} Left out ${what} ${shown}: ${printable(reason)}\n`);
  }
}
