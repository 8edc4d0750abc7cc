/** `Instance` over a sandbox: the same drivers that run on bare V8 run on the real thing. */
import {
  type Aegis,
  type AegisModule,
  type HostFunction,
  type LimitOptions,
  type Sandbox,
  type Value,
  type ValueKind,
} from "../../mod.ts";
import type { HostFunctions, Instance } from "./instance.ts";

/** A sandbox with a module loaded, as drivers see it; the caller closes the sandbox. */
export async function instantiateSandboxed(
  runtime: Aegis,
  module: AegisModule,
  imports: HostFunctions = {},
  limits: LimitOptions = {},
): Promise<{ instance: Instance; sandbox: Sandbox }> {
  const sandbox = await runtime.sandbox(limits).build();
  for (const [from, functions] of Object.entries(imports)) {
    for (const [name, row] of Object.entries(functions)) {
      // `as`: the tables of the drivers name numeric types only; anything else is refused here.
      const type = { params: row.params as ValueKind[], results: row.results as ValueKind[] };
      sandbox.registerFunc(from, name, type, row.fn as HostFunction);
    }
  }
  await sandbox.loadModule(module);
  const memory = module.exports.find((item) => item.type.kind === "memory")?.name ?? "memory";
  return {
    sandbox,
    instance: {
      async call(name, args) {
        const result = await sandbox.call(name, args);
        return (result === undefined ? [] : Array.isArray(result) ? result : [result]) as Value[]; // numbers, by its type
      },
      readMemory: (offset, length) => sandbox.readMemory(offset, length, memory),
      writeMemory: (offset, bytes) => sandbox.writeMemory(offset, bytes, memory),
    },
  };
}
