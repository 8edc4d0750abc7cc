import { AegisError } from "../../core/errors.ts";
import type { ProgramPlaces } from "../program_places.ts";

/**
 * Where Deno keeps what it has fetched and compiled. A launcher names it: left to variables, whoever sets `HOME` would choose
 * which code is run.
 *
 * @throws {AegisError} `UnsupportedPlatform` where there is no deno to ask
 */
export async function denoDirectory(
  { deno, compiled }: Pick<ProgramPlaces, "deno" | "compiled">,
): Promise<string> {
  const found = compiled ? undefined : await ask(deno);
  if (found !== undefined) return found;
  throw new AegisError(
    "UnsupportedPlatform",
    `Cannot make a launcher: ${
      compiled
        ? "this is a compiled program, which has no deno to start"
        : "deno does not tell where its cache is"
    }`,
  );
}

async function ask(deno: string): Promise<string | undefined> {
  const { success, stdout } = await new Deno.Command(deno, {
    args: ["info", "--json", "--no-config", "--no-lock"],
    stdin: "null",
    stderr: "null",
  }).output();
  if (!success) return undefined;
  const { denoDir }: { denoDir?: unknown } = JSON.parse(new TextDecoder().decode(stdout));
  return typeof denoDir === "string" && denoDir !== "" ? denoDir : undefined;
}
