// Extism's SDK for JavaScript, in its Worker, on Node and on Deno. The SDK starts that with a flag of Node which Deno refuses
// ("invalid execArgv flags"), so on Deno it is started with none.
import { drive } from "./drive.mjs";

let createPlugin;

await drive(async (bytes, { ask, say }) => {
  createPlugin ??= (await import(new URL(ask.package, "file:"))).default;
  const plugin = await createPlugin({ wasm: [{ data: bytes }] }, {
    runInWorker: true,
    timeoutMs: ask.time,
    memory: { maxPages: ask.pages },
    functions: { host: { said: (_context, value) => say(value) } },
    useWasi: ask.folder !== undefined,
    ...ask.folder === undefined ? {} : { allowedPaths: { "/data": ask.folder } },
    ..."Deno" in globalThis ? { nodeWorkerArgs: { execArgv: [] } } : {},
  });
  return { call: () => plugin.call("run"), close: () => plugin.close() };
});
