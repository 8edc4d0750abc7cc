import { findTool } from "../../src/toolchain/find_tool.ts";
import type { LanguageName } from "../../src/toolchain/languages.ts";
import { systemPorts } from "../../src/toolchain/system_ports.ts";
import { hasAssemblyScript } from "./fetched_compiler.ts";

/** Why a language cannot be built here; undefined where it can. @param fetch whether a compiler may be fetched for it */
export async function missingCompiler(language: LanguageName, fetch: boolean): Promise<string | undefined> {
  if (language === "wat") return undefined;
  if (language === "assemblyscript") {
    return fetch || await hasAssemblyScript() ? undefined : "not fetched yet";
  }
  const folder = await Deno.makeTempDir({ prefix: "aegis_tools_" });
  try {
    for (const type of ["library", "program"] as const) {
      await findTool(language, type, { ports: systemPorts(), directory: folder });
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
