/** Where counters are passed, functions and types are added: no more than V8 takes. */
import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import { ENGINE_LIMITS, RESERVED } from "../../src/wasm/implementation_limits.ts";
import type { Module } from "../../src/wasm/module.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assertEquals } from "../assert.ts";
import { leb, rawModule, SECTION, section } from "../wasm/module_builder.ts";
import { textModule } from "./text_module.ts";

const MOST_TYPES = ENGINE_LIMITS.types - RESERVED.types,
  MOST_FUNCTIONS = ENGINE_LIMITS.functions - RESERVED.functions;

/** How many functions are passed something. */
const passing = (module: Module): number =>
  planModule(module, DEFAULT_COSTS).passed.reduce((sum, bits) => sum + (bits === 0 ? 0 : 1), 0);

/** A list of that many items whose first are those given, and the others as the first. */
function padded<Item>(items: readonly Item[], length: number): Item[] {
  const [first] = items;
  if (first === undefined) throw new RangeError("Nothing to pad with");
  return [...items, ...new Array<Item>(length - items.length).fill(first)];
}

Deno.test("findPassedCounters() passes something as long as each function may get a type of its own", () => {
  const { module } = textModule("(func $g (param i32) local.get 0 call $g) (func i32.const 1 call $g)");
  const withTypes = (types: number) => passing({ ...module, types: padded(module.types, types) });
  assertEquals(withTypes(MOST_TYPES - 2), 1);
  assertEquals(withTypes(MOST_TYPES - 1), 0);
  assertEquals(withTypes(MOST_TYPES), 0, "as many types as a module may have");
});

/** Functions of one type that call themselves, all of them in a passive segment. */
function selfCalling(count: number): Uint8Array<ArrayBuffer> {
  const calls: number[] = [], entries: number[] = [];
  for (let index = 0; index < count; index++) {
    const callee = leb(index);
    calls.push(callee.length + 3, 0, 0x10, ...callee, 0x0b);
    entries.push(...callee);
  }
  const many = leb(count);
  return rawModule(
    section(SECTION.type, [1, 0x60, 0, 0]),
    section(SECTION.function, [...many, ...new Array<number>(count).fill(0)]),
    section(SECTION.element, [1, 1, 0, ...many].concat(entries)),
    section(SECTION.code, many.concat(calls)),
  );
}

Deno.test("findPassedCounters() passes something as long as each function may get another beside it", () => {
  const most = MOST_FUNCTIONS / 2;
  const passingOf = (count: number) => passing(readModule(selfCalling(count), ENGINE_LIMITS));
  assertEquals(passingOf(most), most);
  assertEquals(passingOf(most + 1), 0);
});
