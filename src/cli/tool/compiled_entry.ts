/** The program that `deno compile` is given: the module and what it runs with, as text, and a call of ours. */
import { deniedAddresses, permissionArguments } from "../guest_permissions.ts";
import type { ProgramPlaces } from "../program_places.ts";
import { type BakedTool, encodeTool } from "./baked_tool.ts";
import { compiledPermissions } from "./compiled_run.ts";

/** @param library URL of `compiled_run.ts` */
export function compiledEntry(
  { tool, bytes }: { readonly tool: BakedTool; readonly bytes: Uint8Array },
  library: string,
): string {
  return '/** Made by "aegis compile". */\n' +
    `import { runCompiled } from ${JSON.stringify(library)};\n\n` +
    `const TOOL = ${JSON.stringify(encodeTool(tool))};\n\n` +
    `const MODULE = ${JSON.stringify(bytes.toBase64())};\n\n` +
    "if (import.meta.main) await runCompiled(TOOL, MODULE);\n";
}

/** What the program may do, as words of `deno compile` and of `deno run` alike. */
export function bakedArguments(tool: BakedTool): string[] {
  const { read, write, ...others } = compiledPermissions(tool);
  const words = permissionArguments({
    read: read === true ? [] : read,
    write: write === true ? [] : write,
    ...others,
  }, deniedAddresses([tool.guest]));
  return [...words, ...read === true ? ["--allow-read"] : [], ...write === true ? ["--allow-write"] : []];
}

/** The words behind `deno` that make the program. @param entry path of {@linkcode compiledEntry} */
export function compileArguments(
  tool: BakedTool,
  { entry, output, places: { config, lock } }: {
    readonly entry: string;
    readonly output: string;
    readonly places: Pick<ProgramPlaces, "config" | "lock">;
  },
): string[] {
  return [
    "compile",
    "--quiet",
    "--no-check", // the entry is ours, and checked by our tests
    "--exclude-unused-npm",
    `--output=${output}`,
    ...bakedArguments(tool),
    ...(config === undefined ? ["--no-config"] : [`--config=${config}`]),
    ...(lock === undefined ? ["--no-lock"] : ["--frozen", `--lock=${lock}`]),
    entry,
  ];
}
