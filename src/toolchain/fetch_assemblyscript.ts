/**
 * Fetches AssemblyScript's compiler, unless Deno has it. A step of its own, in which nothing of a source takes part: what
 * compiles may then import nothing that is not here, since the name of what is imported could tell what was read.
 */
import { AegisError } from "../core/errors.ts";
import { join } from "../sandbox/path.ts";
import { ASSEMBLYSCRIPT_LOCK_TEXT } from "./assemblyscript_lock.ts";
import { ASSEMBLYSCRIPT, ASSEMBLYSCRIPT_LOCK } from "./compile_steps.ts";
import { CompileError } from "./compile_error.ts";
import { toolEnvironment } from "./find_tool.ts";
import { LANGUAGES } from "./languages.ts";
import type { ToolchainPorts } from "./ports.ts";

/**
 * Puts its lock into the build's folder, and its packages into Deno's cache.
 *
 * @param time milliseconds that it may take
 * @throws {AegisError} `Cancelled`; `UnsupportedPlatform` where it cannot be had
 */
export async function fetchAssemblyScript(
  deno: string,
  { scratch, time, ports }: {
    readonly scratch: string;
    readonly time: number;
    readonly ports: ToolchainPorts;
  },
): Promise<void> {
  const lock = join(scratch, ASSEMBLYSCRIPT_LOCK);
  ports.write(lock, new TextEncoder().encode(ASSEMBLYSCRIPT_LOCK_TEXT));
  const { status, interrupted, out, err } = await ports.run({
    program: deno,
    args: [
      "cache",
      "--quiet",
      "--no-config",
      "--node-modules-dir=none",
      `--lock=${lock}`,
      "--frozen",
      ASSEMBLYSCRIPT,
    ],
    directory: scratch,
    environment: { ...toolEnvironment("assemblyscript", ports), NO_COLOR: "1" },
    time,
    memory: undefined,
  });
  if (interrupted) throw new AegisError("Cancelled", "Cannot fetch AssemblyScript's compiler: it was ended");
  if (status === 0) return;
  throw new CompileError("Cannot fetch AssemblyScript's compiler", [err, out].join("\n").trim(), {
    code: "UnsupportedPlatform",
    suggestion: LANGUAGES.assemblyscript.get,
  });
}
