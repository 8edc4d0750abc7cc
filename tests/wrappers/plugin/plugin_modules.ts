/** Plugins of tests: text with a manifest in its section. */
import { type PluginEvent, PluginHost, type PluginHostOptions, PluginRegistry } from "../../../wrappers.ts";
import { assert } from "../../assert.ts";
import { FakeTimers } from "../../sandbox/pool_rig.ts";
import { compileText } from "../../testsuite/module_bytes.ts";
import { customSection } from "../../wasm/module_builder.ts";

/** A module with this section. */
export function withSection(wat: string, name: string, text: string): Uint8Array<ArrayBuffer> {
  const section = customSection(name, [...new TextEncoder().encode(text)]);
  return Uint8Array.from([...compileText(wat), ...section]);
}

/** A plugin; what its manifest does not say has a default. */
export function pluginOf(
  manifest: { readonly [key: string]: unknown },
  wat = '(module (func (export "answer") (result i32) (i32.const 42)))',
): Uint8Array<ArrayBuffer> {
  return withSection(wat, "aegis:plugin", JSON.stringify({ name: "one", version: "1.0.0", ...manifest }));
}

/** One that counts, hands its count over, and is well while "sick" was not called. */
export function counterOf(
  version: string,
  more = "",
  manifest: { readonly [key: string]: unknown } = {},
): Uint8Array<ArrayBuffer> {
  return pluginOf(
    { name: "counter", version, health: "well", ...manifest },
    `(module (memory (export "memory") 1)
      (global $n (mut i32) (i32.const 0)) (global $well (mut i32) (i32.const 1))
      (func (export "aegis_alloc") (param i32) (result i32) (i32.const 1024))
      (func (export "count") (result i32)
        (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n))
      (func (export "sick") (global.set $well (i32.const 0)))
      (func (export "spin") (loop (br 0)))
      (func (export "well") (result i32) (global.get $well))
      (func (export "aegis_save") (result i64)
        (i32.store (i32.const 16) (global.get $n)) (i64.const 0x1000000004))
      (func (export "aegis_restore") (param i32 i32) (global.set $n (i32.load (local.get 0))))
      ${more})`,
  );
}

/** One that calls others: `ask` gives the answer to a call whose words stand in its memory. */
export function askerOf(
  manifest: { readonly [key: string]: unknown },
  [plugin, name, args]: readonly [plugin: string, name: string, args: string],
): Uint8Array<ArrayBuffer> {
  const at = (text: string, from: number) =>
    `(i32.const ${from}) (i32.const ${new TextEncoder().encode(text).length})`;
  const data = (text: string, from: number) => `(data (i32.const ${from}) ${JSON.stringify(text)})`;
  return pluginOf(
    { provides: { ask: "() -> json" }, ...manifest },
    `(module
      (import "aegis:plugin" "call" (func $call (param i32 i32 i32 i32 i32 i32) (result i64)))
      (memory (export "memory") 1)
      ${data(plugin, 0)} ${data(name, 200)} ${data(args, 400)}
      (func (export "aegis_alloc") (param i32) (result i32) (i32.const 1024))
      (func (export "ask") (result i64) (call $call ${at(plugin, 0)} ${at(name, 200)} ${at(args, 400)})))`,
  );
}

/** A host of some modules, with time that a test moves, and what it told. */
export async function hostOf(
  modules: readonly Uint8Array[],
  options: PluginHostOptions = {},
): Promise<{
  readonly host: PluginHost;
  readonly registry: PluginRegistry;
  readonly timers: FakeTimers;
  readonly events: PluginEvent[];
  readonly kinds: () => string[];
}> {
  const registry = await PluginRegistry.open(), timers = new FakeTimers(), events: PluginEvent[] = [];
  for (const bytes of modules) await registry.register(bytes);
  const host = new PluginHost(registry, {
    isolation: "worker",
    timers,
    onEvent: (event) => events.push(event),
    ...options,
  });
  return {
    host,
    registry,
    timers,
    events,
    kinds: () => events.map(({ kind, version }) => `${kind} ${version}`),
  };
}

/** Waits until something is so, at most five seconds. */
export async function becomes(look: () => boolean): Promise<void> {
  for (const until = performance.now() + 5000; !look();) {
    assert(performance.now() < until, "waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
