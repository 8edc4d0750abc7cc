import { readProducers, readTargetFeatures } from "../../src/wasm/producers.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assertEquals } from "../assert.ts";
import { type Bytes, customSection, name, rawModule, vec } from "./module_builder.ts";

function field(title: string, ...values: readonly (readonly [string, string])[]): Bytes {
  return [...name(title), ...vec(values.map(([tool, version]) => [...name(tool), ...name(version)]))];
}

const FIELDS = vec([
  field("language", ["C11", ""]),
  field("processed-by", ["clang", "18.1"], ["wasm-opt", "120"]),
]);

Deno.test("readProducers() reads every tool with its version", () => {
  assertEquals(readProducers(readModule(rawModule(customSection("producers", FIELDS)))), [
    { field: "language", name: "C11", version: "" },
    { field: "processed-by", name: "clang", version: "18.1" },
    { field: "processed-by", name: "wasm-opt", version: "120" },
  ]);
});

Deno.test("readProducers() keeps what stands before the section is cut off", () => {
  const found = readProducers(readModule(rawModule(customSection("producers", FIELDS.slice(0, -3)))));
  assertEquals(found.map((producer) => producer.name), ["C11", "clang"]);
});

Deno.test("readProducers() and readTargetFeatures() find nothing where there is no section", () => {
  const module = readModule(rawModule());
  assertEquals([readProducers(module), readTargetFeatures(module)], [[], []]);
});

Deno.test("readTargetFeatures() reads prefixes and names, up to the first prefix it does not know", () => {
  const feature = (prefix: string, text: string): Bytes => [prefix.charCodeAt(0), ...name(text)];
  const last = ["y", "y", "y"].map((text) => feature("+", text));
  const features = vec([feature("+", "simd128"), feature("-", "atomics"), feature("?", "x"), ...last]);
  assertEquals(readTargetFeatures(readModule(rawModule(customSection("target_features", features)))), [
    { prefix: "+", name: "simd128" },
    { prefix: "-", name: "atomics" },
  ]);
});
