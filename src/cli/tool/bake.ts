/** Makes a tool of a module and of what a person says that it may do: everything is decided here, once. */
import { AegisError, FunctionNotFoundError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import { suggest } from "../../core/suggestion.ts";
import { describeExports } from "../../wasm/external_type.ts";
import { checkModule } from "../check_module.ts";
import { planGuest } from "../guest_plan.ts";
import type { FlagValues } from "../flags.ts";
import type { CommandIo } from "../io.ts";
import { readGuestModule } from "../guest_module.ts";
import { LARGEST_MODULE, toBinary } from "../module_input.ts";
import type { ParsedCommand } from "../parse.ts";
import { STDIN } from "../read_input.ts";
import { type NamedModule, onlyModule, readSettings } from "../settings.ts";
import { type BakedTool, sha256, TOOL_VERSION } from "./baked_tool.ts";

/** Names of files that are the same on every system, and no path. */
const FILE_NAME = /^[A-Za-z0-9_][\w.-]{0,99}$/;

/** A tool, and the bytes of its module. */
export interface Baked {
  readonly tool: BakedTool;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** All that holds for the command, of its line and of the manifest. */
  readonly flags: FlagValues;
}

/** The name of a tool. @param given by the person @throws {AegisError} `InvalidOption` */
export function toolName(given: string | undefined, module: Pick<NamedModule, "name" | "shown">): string {
  const name = given ?? (module.shown === STDIN ? "" : module.name);
  if (FILE_NAME.test(name)) return name;
  throw new AegisError(
    "InvalidOption",
    `Cannot call the tool ${quote(name)}: use letters, digits, "_", "-" and ".", at most 100`,
    { field: "name", suggestion: "Name it with --name." },
  );
}

/**
 * Reads module and flags of a command. The path of the module and the home are `null`: whoever puts it somewhere says where.
 *
 * @throws {AegisError} `InvalidOption`, `ModuleInvalid`, `ModuleRefused`, `FunctionNotFound`
 */
export async function bakeTool(
  command: "compile" | "install",
  parsed: ParsedCommand,
  { io, name }: { readonly io: CommandIo; readonly name: (module: NamedModule) => string },
): Promise<Baked> {
  const module = onlyModule(command, await readSettings(command, parsed, io)), { flags, shown } = module;
  const called = name(module), { guest, environment } = planGuest(shown, flags, { ports: io });
  // These bytes and no others are what the manifest means, whatever the file becomes.
  const { sha256: wanted = null } = module, given = await io.read(shown, LARGEST_MODULE);
  await readGuestModule({ ...guest, module: { ...guest.module, sha256: wanted } }, { given });
  const { bytes } = await toBinary(given, shown);
  if (bytes.length > guest.limits.moduleSize) {
    throw new AegisError("ModuleRefused", `Cannot take ${quote(shown)}: it is larger than a module may be`);
  }
  checkFunction(guest.functionName, await exportedFunctions(bytes));
  const tool: BakedTool = Object.freeze({
    version: TOOL_VERSION,
    name: called,
    sha256: await sha256(bytes),
    size: bytes.length,
    guest: { ...guest, module: { path: null, shown: called, sha256: null } },
    args: parsed.args,
    cwd: flags.allowCwd ?? null,
    home: null,
    values: environment,
  });
  return { tool, bytes, flags };
}

async function exportedFunctions(bytes: Uint8Array<ArrayBuffer>): Promise<string[]> {
  const { module } = await checkModule(bytes);
  return describeExports(module).filter(({ type }) => type.kind === "function").map(({ name }) => name);
}

/** A tool that cannot start is not made. */
function checkFunction(wanted: string | null, names: readonly string[]): void {
  if (wanted !== null) {
    if (!names.includes(wanted)) throw new FunctionNotFoundError(wanted, suggest(wanted, names), names);
    return;
  }
  if (names.includes("_start") || names.includes("main")) return;
  throw new AegisError(
    "FunctionNotFound",
    'Cannot make a tool: the module exports neither "_start" nor "main"',
    {
      suggestion: names.length === 0
        ? "It exports no function at all."
        : `Name one with --function: ${names.slice(0, 10).map(quote).join(", ")}${
          names.length > 10 ? ", …" : ""
        }.`,
    },
  );
}
