/**
 * A host of plugins: "greeter" in C asks "counter" in WebAssembly text, which is replaced by a later version while it runs,
 * and keeps its count.
 *
 *     deno run --unstable-worker-options -A examples/plugin-host/host.ts [DIR]
 *
 * With a directory, what is registered outlives the process.
 */
import { PluginHost, PluginRegistry } from "../../wrappers.ts";

const here = (name: string) => new URL(name, import.meta.url).pathname;

const registry = await PluginRegistry.open(Deno.args[0]);
for (const file of ["counter-1.0/counter.wat", "counter-1.1/counter.wat", "greeter/greeter.wasm"]) {
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

await host.upgrade("counter", { version: "^1.1" });
console.log(await host.call("greeter", "greet", ["Barbara"]));
await host.call("counter", "reset");
console.log(await host.call("greeter", "greet", ["Frances"]));

const { version } = await host.rollback("counter");
console.log(`counter is of version ${version} again, and has its count:`);
console.log(await host.call("greeter", "greet", ["Hedy"]));
