/** `aegis compile`: one executable with a module, its limits and its grants inside, made by `deno compile`. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { basename, dirname, join } from "../sandbox/path.ts";
import { checkIsolation } from "./guest_permissions.ts";
import type { CommandIo } from "./io.ts";
import type { ParsedCommand } from "./parse.ts";
import { printable } from "./printable.ts";
import { programPlaces } from "./program_places.ts";
import { styleFor } from "./style.ts";
import { checkApart } from "./tool/apart.ts";
import { bakeTool, toolName } from "./tool/bake.ts";
import { compileArguments, compiledEntry } from "./tool/compiled_entry.ts";
import { checkReplaceable } from "./tool/tool_files.ts";
import { grantedText } from "./tool/tool_help.ts";

/** Runs the command; the result is its exit status. */
export async function compile(parsed: ParsedCommand, io: CommandIo): Promise<number> {
  const windows = Deno.build.os === "windows";
  const baked = await bakeTool("compile", parsed, {
    io,
    name: (module) =>
      toolName(module.flags.output && basename(module.flags.output).replace(/\.exe$/i, ""), module),
  });
  const { tool, flags: { output, force = false, quiet = false } } = baked, wanted = output ?? tool.name;
  const folder = io.locate(dirname(wanted));
  const path = join(folder, windows ? `${tool.name}.exe` : basename(wanted));
  checkReplaceable(path, force);
  checkApart(tool.guest.grants.directories, [path]);
  const places = programPlaces(import.meta.resolve("./tool/compiled_run.ts"));
  checkIsolation(tool.guest, { ...places, compiled: true });
  if (places.compiled) {
    throw new AegisError(
      "UnsupportedPlatform",
      "Cannot compile: this is a compiled program, which has no deno to start",
    );
  }
  const scratch = Deno.makeTempDirSync({ prefix: "aegis_compile_" });
  try {
    const entry = join(scratch, "tool.ts"), made = join(scratch, windows ? "tool.exe" : "tool");
    Deno.writeTextFileSync(entry, compiledEntry(baked, places.entry));
    await make(places.deno, compileArguments(tool, { entry, output: made, places }), path);
    moveFile(made, path);
  } finally {
    Deno.removeSync(scratch, { recursive: true });
  }
  if (!quiet) {
    io.out(`Compiled ${printable(path)}\n${grantedText(tool)}`);
  }
  if (Object.keys(tool.values).length > 0) {
    const label = styleFor(io.colour).warn("warning:");
    io.err(`${label} The values of --env lie in the program: whoever can read it can read them\n`);
  }
  return 0;
}

/** Replaces what has the name in one step; the scratch folder may be on another file system. */
function moveFile(from: string, to: string): void {
  const part = `${to}.${crypto.randomUUID()}.part`;
  try {
    Deno.copyFileSync(from, part);
    Deno.renameSync(part, to);
  } catch (error) {
    throw new AegisError("InvalidOption", `Cannot write ${quote(to)}`, { cause: error });
  }
}

/** Runs `deno compile`. @param shown what is made, for messages @throws {AegisError} `UnsupportedPlatform` */
async function make(deno: string, args: readonly string[], shown: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(deno, {
    args: [...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw compileError(new TextDecoder().decode(stderr), shown);
}

/** What the end of `deno compile` means. @param said what it printed */
export function compileError(said: string, shown: string): AegisError {
  if (/denort|base binary/i.test(said)) {
    return new AegisError(
      "UnsupportedPlatform",
      `Cannot compile ${
        quote(shown)
      }: deno compile needs its base binary "denort", which it does not have and cannot fetch`,
      {
        suggestion:
          `Name a denort of Deno ${Deno.version.deno} in $DENORT_BIN, or use aegis install, which needs none.`,
      },
    );
  }
  const lines = said.split("\n").map((line) => line.trim()).filter((line) => line !== "").slice(0, 3);
  return new AegisError(
    "UnsupportedPlatform",
    `Cannot compile ${quote(shown)}: deno says: ${lines.join(" ")}`,
  );
}
