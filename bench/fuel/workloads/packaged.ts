/** Modules and imports of npm packages, as the tables of driven modules know them. */
import type { ImportedFunction } from "../../../src/guest/engine.ts";
import { drivenModules } from "../../../tests/examples/third_party.ts";
import type { PackagedModule } from "../../../tests/examples/third_party/packaged_module.ts";
import { readOnlyModules } from "../../../tests/examples/third_party/read_only.ts";

/** Every third-party module that is at hand, driven or only read. */
export const packagedModules: readonly PackagedModule[] = [...drivenModules, ...readOnlyModules];

export async function bytesOf(module: PackagedModule): Promise<Uint8Array<ArrayBuffer>> {
  return Uint8Array.from(await module.bytes());
}

/** A reader of the module that the tables have under this name. */
export function packagedBytes(name: string): () => Promise<Uint8Array<ArrayBuffer>> {
  const row = packagedModules.find((module) => module.name === name);
  if (row === undefined) throw new Error(`The tables of third-party modules have no "${name}"`);
  return () => bytesOf(row);
}

/** The imports that a module's driver provides, for one instance. */
export function driverImports(name: string): () => Record<string, Record<string, ImportedFunction>> {
  return () => {
    const row = drivenModules.find((module) => module.name === name);
    if (row === undefined) throw new Error(`The table of driven modules has no "${name}"`);
    const modules = Object.entries(row.session().imports).map(([module, functions]) => [
      module,
      // `as`: the driver's functions take the numbers that V8 passes.
      Object.fromEntries(
        Object.entries(functions).map(([field, host]) => [field, host.fn as ImportedFunction]),
      ),
    ]);
    return Object.fromEntries(modules);
  };
}
