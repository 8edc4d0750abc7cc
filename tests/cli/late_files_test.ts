import { EVERY_FILE } from "../../src/cli/every_file.ts";
import { LATE_FILES, type LateFile } from "../../src/cli/late_files.ts";
import { assert, assertEquals } from "../assert.ts";

Deno.test("what is loaded late is what a compiled program has of it", async () => {
  for (const name of Object.keys(LATE_FILES) as LateFile[]) { // its own keys
    assert(await LATE_FILES[name]() === await EVERY_FILE[name](), name);
  }
});

Deno.test("Deno reads no file of a command before it is called", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--quiet", "--no-lock", new URL("../../cli.ts", import.meta.url).href],
  }).output();
  const { modules }: { modules: { specifier: string; dependencies?: Dependency[] }[] } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  const loaded = new Set<string>();
  for (
    const { dependencies = [] } of modules.filter(({ specifier }) => specifier.endsWith("/late_files.ts"))
  ) {
    for (const { specifier, code } of dependencies) if (code !== undefined) loaded.add(specifier);
  }
  assertEquals([...loaded], []);
});

/** As `deno info` tells it; one of types alone has no code. */
interface Dependency {
  readonly specifier: string;
  readonly code?: unknown;
}
