/**
 * A host of plugins with hot reload: "greeter" in C asks "counter" in WebAssembly text. When a later version of the counter
 * comes into the folder, it takes the place of the one that runs, while it is in use, and goes on with its count.
 *
 *     deno run -A examples/plugin-host/main.ts [DIR]
 *
 * With a directory, what is registered outlives the process.
 */
import { PluginHost, PluginRegistry } from "../../wrappers.ts";

const here = (name: string) => new URL(name, import.meta.url).pathname;

const registry = await PluginRegistry.open(Deno.args[0]);
for (const file of ["counter-1.0/counter.wat", "greeter/greeter.wasm"]) {
  const { name, version, sha256 } = await registry.registerFile(here(file));
  console.log(`registered ${name} ${version}, sha256 ${sha256.slice(0, 12)}…`);
}

await using host = new PluginHost(registry, {
  // What they may use is said here, and nowhere else: no file, no host, and little of all the rest.
  plugins: {
    counter: { version: "1.0.0", limits: { memoryLimit: "1MiB", timeout: "1s", fuelLimit: "1M" } },
    greeter: { limits: { memoryLimit: "1MiB", timeout: "2s", fuelLimit: "1M" } },
  },
  onEvent: ({ kind, plugin, version, detail }) =>
    console.log(`[${plugin} ${version}] ${kind} ${detail}`.trimEnd()),
});

await host.start("greeter"); // and what it depends on, before it
console.log(await host.call("greeter", "greet", ["Ada"]));
console.log(await host.call("greeter", "greet", ["Grace"]));

// Somebody saves a new version into the folder that is watched.
const folder = await Deno.makeTempDir({ prefix: "aegis_plugins_" });
const watcher = Deno.watchFs(folder);
for (const file of ["plugin.toml", "counter.wat"]) {
  await Deno.copyFile(here(`counter-1.1/${file}`), `${folder}/${file}.part`);
  await Deno.rename(`${folder}/${file}.part`, `${folder}/${file}`); // whole, or not there
}
for await (const { paths } of watcher) {
  const module = paths.find((path) => path.endsWith(".wat"));
  if (module === undefined) continue;
  const { name, version } = await registry.registerFile(module);
  await host.upgrade(name, { version }); // throws, and the old one stays, where a caller of it would break
  break;
}
console.log(await host.call("greeter", "greet", ["Barbara"]));

await host.call("counter", "reset"); // new in 1.1
console.log(await host.call("greeter", "greet", ["Frances"]));

const { version } = await host.rollback("counter");
console.log(`counter is of version ${version} again, and has its count:`);
console.log(await host.call("greeter", "greet", ["Hedy"]));
await Deno.remove(folder, { recursive: true });
