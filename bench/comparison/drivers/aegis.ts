/** Aegis, as a library on Deno. Grants are the runtime's, and its sandboxes have them. */
import { Aegis, FilesystemCapability, hostFunction, type Sandbox } from "../../../mod.ts";
import type { Ask } from "../seen.ts";
import { drive } from "./drive.mjs";

let runtime: Aegis | undefined;

async function create({ time, pages, fuel, folder }: Ask): Promise<Aegis> {
  return await Aegis.create({
    timeout: time,
    memoryLimit: pages * 65536,
    fuelLimit: fuel ?? "unlimited",
    capabilities: folder === undefined
      ? []
      : [FilesystemCapability.readOnly([{ host: folder, guest: "/data" }])],
  });
}

async function told(sandbox: Sandbox): Promise<string[]> {
  await sandbox.decisionsTold();
  return sandbox.denials().map(({ action, target, reason }) => `${action} ${target}: ${reason}`);
}

await drive(async (bytes: Uint8Array, { ask, say }: { ask: Ask; say: (value: number) => void }) => {
  runtime ??= await create(ask);
  const sandbox = await runtime.sandbox().build();
  sandbox.registerFuncs("host", { said: hostFunction({ params: ["i32"], results: [] }, say) });
  await sandbox.loadModule(await runtime.loadBytes(bytes));
  return {
    call: () => sandbox.call("run"),
    close: () => sandbox.close(),
    used: () => Number(sandbox.metrics().fuelConsumed),
    told: () => told(sandbox),
  };
});
