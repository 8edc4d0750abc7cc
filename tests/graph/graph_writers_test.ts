import { callGraph } from "../../src/graph/call_graph.ts";
import { dotOf } from "../../src/graph/dot.ts";
import { flowGraph } from "../../src/graph/flow_graph.ts";
import { firstPart, type Graph, omittedText } from "../../src/graph/graph.ts";
import { graphText } from "../../src/graph/graph_text.ts";
import { layersOf } from "../../src/graph/layers.ts";
import { svgOf } from "../../src/graph/svg.ts";
import { ItemNames } from "../../src/inspection/item_names.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";

function named(text: string) {
  const module = readModule(compileText(text));
  return { module, names: new ItemNames(module) };
}

const MODULE = `(module
  (type $binary (func (param i32 i32) (result i32)))
  (import "env" "log" (func $log (param i32)))
  (table 2 funcref) (elem (i32.const 0) $add $sub)
  (func $add (type $binary) (i32.add (local.get 0) (local.get 1)))
  (func $sub (type $binary) (i32.sub (local.get 0) (local.get 1)))
  (func $unused)
  (func (export "main") (param i32) (result i32)
    (call $log (i32.const 1)) (call $log (i32.const 2))
    (call_indirect (type $binary) (i32.const 5) (i32.const 3) (local.get 0))))`;

Deno.test("callGraph() has direct calls with their number, and indirect ones by their type", () => {
  assertEquals(
    [...graphText(callGraph(named(MODULE)))].join(""),
    "Calls: 6 nodes, 4 edges\n" +
      "#4 main [entry]\n" +
      "  -> #0 env.log (×2)\n" +
      "  -> any (i32, i32) -> (i32)\n" +
      "#0 env.log [imported]\n" +
      "#1\n#2\n#3\n" +
      "any (i32, i32) -> (i32) [indirect]\n" +
      "  -> #1\n" +
      "  -> #2\n",
  );
});

/** A graph of nodes `0` … with these edges. */
function graphOf(count: number, edges: readonly (readonly [number, number])[]): Graph {
  return {
    title: "A graph",
    nodes: Array.from({ length: count }, (_, node) => ({
      title: String(node),
      lines: [],
      further: 0,
      kind: "plain",
    })),
    edges: edges.map(([from, to]) => ({ from, to, label: "" })),
    omitted: { nodes: 0, edges: 0 },
  };
}

Deno.test("firstPart() keeps what is reached first, and says what it left out", () => {
  const part = firstPart(graphOf(6, [[0, 4], [4, 5], [0, 1], [2, 3]]), { nodes: 4, edges: 2 });
  assertEquals(part.nodes.map(({ title }) => title), ["0", "4", "1", "5"]);
  assertEquals(part.edges.map(({ from, to }) => [from, to]), [[0, 1], [1, 3]]);
  assertEquals(omittedText(part), "Cut: 4 of 6 nodes, 2 of 4 edges");
  assertEquals(omittedText(graphOf(2, [])), undefined);
});

Deno.test("layersOf() puts every node below those that lead to it, and turns what leads back", () => {
  const { items, led } = layersOf(graphOf(5, [[0, 1], [1, 2], [2, 0], [0, 2], [3, 3], [2, 4]]));
  assertEquals(items.slice(0, 5).map(({ layer }) => layer), [0, 1, 2, 0, 3]);
  assertEquals(led.map(({ turned }) => turned), [false, false, true, false, false, false]);
  for (const { way } of led) {
    for (const [at, item] of way.entries()) {
      if (at > 0 && item !== way[at - 1]) {
        assertEquals(items[item]?.layer, (items[way[at - 1] ?? 0]?.layer ?? 0) + 1);
      }
    }
  }
});

Deno.test("layersOf() takes a chain of 5,000 nodes and a node with 5,000 edges", () => {
  const chain = graphOf(5000, Array.from({ length: 4999 }, (_, at) => [at, at + 1] as const));
  assertEquals(layersOf(chain).layers.length, 5000);
  const star = graphOf(5000, Array.from({ length: 4999 }, (_, at) => [0, at + 1] as const));
  assertEquals(layersOf(star).layers.map(({ length }) => length), [1, 4999]);
  const far = graphOf(
    5000,
    [...chain.edges, ...Array.from({ length: 4000 }, (_, at) => ({ from: at, to: 4999 }))]
      .map(({ from, to }) => [from, to] as const),
  );
  assert(layersOf(far).items.length <= 25_000, "long edges have a bounded number of places");
});

const HOSTILE = named(
  `(module (func (export "</text><script>alert(1)</script>\\22\\0a\\1b[2J\\ef\\bf\\bf]]>") (nop)))`,
);

Deno.test("svgOf() is XML without scripts, whatever a module calls its functions", () => {
  for (const graph of [callGraph(HOSTILE), flowGraph(HOSTILE, { index: 0, mostLines: 5 })]) {
    const svg = [...svgOf(graph)].join("");
    assert(!/<script|<foreignObject|href|\bon\w+=|<image|@import|url\((?!#)/i.test(svg), svg);
    assertStringIncludes(svg, "&lt;script&gt;");
    // deno-lint-ignore no-control-regex -- control characters are the matter of this expression
    assert(!/[\x00-\x09\x0b-\x1f\ufffe\uffff]/.test(svg));
    assertEquals(tagsLeftOpen(svg), []);
  }
});

/** The elements of a document that nothing closes; a tag that is closed out of order stays, too. */
function tagsLeftOpen(xml: string): string[] {
  const open: string[] = [];
  for (const [, close, name = "", , own] of xml.matchAll(/<(\/?)(\w+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g)) {
    if (close === "/") { if (open.at(-1) === name) open.pop(); }
    else if (own !== "/") open.push(name);
  }
  return open;
}

Deno.test("dotOf() escapes quotes and backslashes, and is one statement a line", () => {
  const dot = [...dotOf(callGraph(named('(module (func (export "a\\22]; evil [\\5cN\\0a") (nop)))')))];
  assertEquals(dot[1], '  n0 [label="#0 a\\"]; evil [\\\\N\\\\u000a", penwidth=2];\n');
});

Deno.test("dotOf() leaves no name to be read as an entity of HTML, which Graphviz would show as another name", () => {
  const dot = [...dotOf(callGraph(named('(module (func (export "&#114;&lt;") (nop)))')))];
  assertEquals(dot[1], '  n0 [label="#0 &amp;#114;&amp;lt;", penwidth=2];\n');
});

Deno.test("flowGraph() lists the instructions of a block, and counts those that it leaves out", () => {
  const graph = flowGraph(named('(module (func (export "f") nop nop nop nop))'), { index: 0, mostLines: 2 });
  assertEquals(graph.nodes[0]?.lines, ["nop", "nop"]);
  assertEquals(graph.nodes[0]?.further, 3);
  assertStringIncludes([...graphText(graph)].join(""), "… 3 more\n");
});
