import { buildCallGraph, type CallGraph } from "../../src/analysis/call_graph.ts";
import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assert, assertEquals } from "../assert.ts";
import { exportOf, funcType, join, leb, wasmModule } from "../wasm/module_builder.ts";
import { Random } from "../wasm/random.ts";
import { textModule } from "./text_module.ts";
import { seed } from "../wasm/verdict.ts";

function graphOf(fields: string): CallGraph {
  const { module } = textModule(fields);
  return buildCallGraph(module, planModule(module, DEFAULT_COSTS));
}

/** Bodies on a cycle. */
function recursive(fields: string): number[] {
  const graph = graphOf(fields);
  return [...graph.recursive.subarray(0, graph.size - 1).entries()].filter(([, mark]) => mark === 1)
    .map(([body]) => body);
}

function successors(graph: CallGraph, node: number): number[] {
  const found: number[] = [];
  graph.successors(node, (next) => found.push(next));
  return found;
}

Deno.test("buildCallGraph() finds direct cycles and self recursion, and nothing else", () => {
  assertEquals(recursive("(func $a call $b) (func $b call $c) (func $c)"), []);
  assertEquals(recursive("(func $a call $a) (func $b)"), [0]);
  assertEquals(recursive("(func $a call $b) (func $b call $c) (func $c call $b)"), [1, 2]);
  assertEquals(recursive("(func $a return_call $b) (func $b call $a)"), [0, 1]);
});

Deno.test("buildCallGraph() takes an import for a way to every exported function", () => {
  const host = '(import "m" "h" (func $h))';
  assertEquals(recursive(`${host} (func $a (export "a") call $h) (func $b call $h)`), [0]);
  assertEquals(recursive(`${host} (func $a call $h) (func $b (export "b"))`), []);
  assertEquals(recursive(`${host} (func $a (export "a") call $b) (func $b call $h)`), [0, 1]);
});

Deno.test("buildCallGraph() takes an indirect call for a way to every function whose address is taken", () => {
  const call = "i32.const 0 call_indirect (param)";
  const taken = [
    "(table 1 funcref) (elem (i32.const 0) $f)",
    "(table 1 funcref) (elem (table 0) (i32.const 0) funcref (ref.func $f))",
    "(table 1 funcref) (elem func $f)",
    "(table 1 funcref) (elem declare func $f)",
    "(table 1 funcref (ref.func $f))",
    "(table 1 funcref) (global funcref (ref.func $f))",
    '(table 1 funcref) (export "f" (func $f))',
  ];
  for (const fields of taken) assertEquals(recursive(`${fields} (func $f ${call}) (func $g)`), [0], fields);
  assertEquals(recursive(`(table 1 funcref) (func $f ${call}) (func $g)`), [], "no address is taken");
});

Deno.test("buildCallGraph() takes a call by reference for an indirect one", () => {
  const fields = (call: string) =>
    `(type $t (func)) (elem declare func $f) (func $f (type $t) ref.func $f ${call} $t)`;
  for (const call of ["call_ref", "return_call_ref"]) assertEquals(recursive(fields(call)), [0], call);
});

Deno.test("buildCallGraph() lists callees before their callers, and numbers components likewise", () => {
  const graph = graphOf("(func $a call $b call $c) (func $b call $d) (func $c call $d) (func $d call $d)");
  const place = new Map([...graph.order].map((node, at) => [node, at]));
  for (let node = 0; node < graph.size; node++) {
    for (const next of successors(graph, node)) {
      assert((place.get(next) ?? 0) <= (place.get(node) ?? 0), `${node} calls ${next}`);
      assert((graph.component[next] ?? 0) <= (graph.component[node] ?? 0));
    }
  }
  assertEquals(successors(graph, 0), [1, 2]);
  assertEquals(graph.size, 5);
});

/** A module of functions that call each other as `calls` says, by index. */
function moduleOfCalls(calls: readonly (readonly number[])[], exported?: number) {
  return readModule(wasmModule({
    types: [funcType([], [])],
    functions: calls.map((callees) => ({
      type: 0,
      code: join(callees.map((callee) => [0x10, ...leb(callee)])),
    })),
    exports: exported === undefined ? [] : [exportOf("f", 0, exported)],
  }));
}

Deno.test("buildCallGraph() walks a chain of 100,000 functions without a deep stack", () => {
  const count = 100_000;
  const chain = Array.from({ length: count }, (_, index) => index + 1 < count ? [index + 1] : []);
  for (const closes of [false, true]) {
    const module = moduleOfCalls(closes ? [...chain.slice(0, -1), [0]] : chain);
    const graph = buildCallGraph(module, planModule(module, DEFAULT_COSTS));
    assertEquals(graph.recursive.subarray(0, count).reduce((sum, mark) => sum + mark, 0), closes ? count : 0);
    assertEquals(graph.size, count + 1);
  }
});

/** Who reaches itself, the slow way. */
function onCycle(calls: readonly (readonly number[])[], node: number): boolean {
  const seen = new Set<number>(), open = [...calls[node] ?? []];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === node) return true;
    if (!seen.has(next)) open.push(...calls[next] ?? []);
    seen.add(next);
  }
  return false;
}

Deno.test("buildCallGraph() agrees with a search of every random graph for its cycles", () => {
  const random = new Random(seed());
  console.log(`seed ${random.seed}`);
  for (let turn = 0; turn < 200; turn++) {
    const count = 1 + random.below(12);
    const calls = Array.from(
      { length: count },
      () => Array.from({ length: random.below(3) }, () => random.below(count)),
    );
    const module = moduleOfCalls(calls), graph = buildCallGraph(module, planModule(module, DEFAULT_COSTS));
    const expected = calls.map((_, node) => onCycle(calls, node) ? 1 : 0);
    assertEquals([...graph.recursive.subarray(0, count)], expected, JSON.stringify(calls));
  }
});
