import { ModuleInvalidError, ModuleRefusedError } from "../../../src/core/errors.ts";
import { Inspector } from "../../../src/dashboard/inspector/inspector.ts";
import {
  type FunctionPart,
  type InspectorAnswers,
  type InspectorOperation,
  type InspectorQuestions,
  LIST_NAMES,
  type ListEntry,
  type ModuleSummary,
  MOST,
} from "../../../src/dashboard/inspector/inspector_protocol.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../../assert.ts";
import { exampleBytes } from "../../examples/example_file.ts";
import { namedModule } from "../../inspection/code_module.ts";
import { compileText } from "../../testsuite/module_bytes.ts";
import { customSection, HEADER } from "../../wasm/module_builder.ts";
import { largeModule } from "../../inspection/large_module.ts";

/** UTF-16 units of JSON that an answer may have at most: it crosses to the page in one go. */
const LARGEST_ANSWER = 1_500_000;

/** Asks as the client does, and holds every answer to its bound. */
class Asker {
  readonly #inspector: Inspector = new Inspector();
  readonly summary: ModuleSummary;

  constructor(bytes: Uint8Array) {
    this.summary = this.ask("open", { bytes: Uint8Array.from(bytes) });
  }

  ask<Operation extends InspectorOperation>(
    operation: Operation,
    question: InspectorQuestions[Operation],
  ): InspectorAnswers[Operation] {
    // `as`: what the client does, too
    const request = { operation, ...question } as Parameters<Inspector["answer"]>[0];
    const answer = structuredClone(this.#inspector.answer(request)) as InspectorAnswers[Operation];
    assert(JSON.stringify(answer).length < LARGEST_ANSWER, `the answer to ${operation} is bounded`);
    return answer;
  }

  entries(list: typeof LIST_NAMES[number]): readonly ListEntry[] {
    return this.ask("list", { list, from: 0, count: MOST.entries }).entries;
  }
}

const RICH = compileText(`(module
  (import "env" "counter" (global (mut i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1 4) (table 2 8 funcref) (tag (param i64))
  (global (export "limit") i64 (i64.const 5))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func $start) (start $start)
  (data (i32.const 0) "abc") (data "passive") (elem (i32.const 0) $start))`);

Deno.test("Inspector tells what is in a module as soon as it is open", () => {
  const { summary } = new Asker(RICH);
  assertEquals(summary.size, RICH.length);
  assertEquals(summary.counts, {
    exports: 3,
    imports: 2,
    functions: 3,
    memories: 1,
    tables: 1,
    globals: 2,
    tags: 1,
    segments: 3,
    sections: summary.sections.length,
    callable: 1,
  });
  assertEquals([summary.importedFunctions, summary.start, summary.needsWasi], [1, 2, true]);
  assertEquals([summary.invalid, summary.refusals], [undefined, []]);
  assertEquals(summary.needs.map(({ capability, importCount }) => [capability, importCount]), [
    ["host functions", 1],
    ["streams", 1],
  ]);
  assertEquals(summary.callable, [{ name: "add", index: 1, params: ["i32", "i32"], results: ["i32"] }]);
  assert(summary.features.includes("bulk-memory"));
  assert(summary.findings.some(({ id }) => id === "start-function"));
  const code = summary.sections.find(({ name }) => name === "code");
  assertEquals(RICH.at(code?.offset ?? -1), 10);
  assertEquals(RICH.at((code?.offset ?? 0) + 1), code?.size);
});

Deno.test("Inspector lists the items of a module", () => {
  const asker = new Asker(RICH);
  for (const list of LIST_NAMES) {
    const { total, from, entries } = asker.ask("list", { list, from: 0, count: 100 });
    assertEquals([total, from, entries.length], [
      asker.summary.counts[list],
      0,
      asker.summary.counts[list],
    ]);
  }
  assertEquals(asker.entries("exports").map(({ kind, index, name, type }) => [kind, index, name, type]), [
    ["memory", 0, "memory", "1 pages (max 4)"],
    ["global", 1, "limit", "i64"],
    ["function", 1, "add", "(i32, i32) -> (i32)"],
  ]);
  assertEquals(asker.entries("imports")[0], {
    index: 0,
    kind: "global",
    type: "mut i32",
    name: "counter",
    from: "env",
  });
  const [imported, add] = asker.entries("functions");
  assertEquals([imported?.imported, imported?.offset, add?.imported, add?.size], [true, undefined, false, 7]);
  assertEquals(RICH.at((add?.offset ?? 0) - 1), add?.size);
  assertEquals(asker.entries("segments").map(({ kind, mode, size, target }) => [kind, mode, size, target]), [
    ["data", "active", 3, 0],
    ["data", "passive", 7, undefined],
    ["element", "active", 1, 0],
  ]);
});

Deno.test("Inspector gives lists in parts, of all or of what has a name", () => {
  const asker = new Asker(largeModule({ functions: 1234, exported: true }));
  const part = (from: number, count: number, text?: string) => {
    const { total, entries } = asker.ask("list", { list: "exports", from, count, text });
    return [total, entries.length, entries[0]?.name, entries.at(-1)?.name];
  };
  assertEquals(part(0, 10), [1234, 10, "exported 0", "exported 9"]);
  assertEquals(part(1230, 10), [1234, 4, "exported 1230", "exported 1233"]);
  assertEquals(part(5000, 10), [1234, 0, undefined, undefined]);
  assertEquals(part(0, 100_000), [1234, MOST.entries, "exported 0", "exported 499"]);
  assertEquals(part(0, 10, "EXPORTED 12"), [45, 10, "exported 12", "exported 128"]);
  assertEquals(part(40, 10, "exported 12"), [45, 5, "exported 1229", "exported 1233"]);
  assertEquals(part(0, 10, "none"), [0, 0, undefined, undefined]);
  const { total, entries } = asker.ask("callable", { from: 7, count: 2, text: "" });
  assertEquals([total, entries.map(({ index }) => index)], [1234, [7, 8]]);
});

Deno.test("Inspector disassembles functions in parts, and says what they are", () => {
  const lines = 3 * MOST.lines, asker = new Asker(largeModule({ functions: 3, drops: lines / 2 }));
  const parts: FunctionPart[] = [];
  let next: FunctionPart["next"];
  do {
    const part = asker.ask("code", { index: 1, from: next });
    parts.push(part);
    next = part.next;
  } while (next !== undefined);
  assertEquals(parts.map((part) => part.lines.length), [MOST.lines, MOST.lines, MOST.lines, 1]);
  assertEquals(parts[0]?.function.index, 1);
  assertEquals(parts[3]?.lines.map(({ text }) => text), ["end"]);
});

Deno.test("Inspector shows a module that is invalid or refused, and says why", () => {
  const { invalid } = new Asker(compileText("(module (func (result i32) (i64.const 1)))")).summary;
  assertEquals(invalid?.code, "ModuleInvalid");
  const { refusals } = new Asker(compileText("(module (memory 2000 2000))")).summary;
  assertEquals(refusals.map(({ code, suggestion }) => [code, suggestion]), [
    ["ModuleRefused", "Raise memoryLimit."],
  ]);
});

Deno.test("Inspector says of a component what it is", () => {
  assertThrows(
    () => new Asker(Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0)),
    ModuleRefusedError,
    "component",
  );
});

Deno.test("Inspector answers nothing before a module is open", () => {
  assertThrows(() => new Inspector().answer({ operation: "code", index: 0 }), RangeError, "before");
});

Deno.test("Inspector keeps its answers small, whatever a module names, types and repeats", () => {
  const asker = new Asker(largeModule({ functions: 2_000, params: 1000, exported: true }));
  for (const list of LIST_NAMES) asker.entries(list);
  const [function0] = asker.entries("functions");
  assertEquals(function0?.type?.length, MOST.text + 1);
  assertEquals(asker.summary.callable.length, MOST.entries);
  assertEquals(asker.summary.callable[0]?.problem, "it takes and returns 1000 values, more than 50");

  const names = Array.from({ length: 40 }, (_, at) => `(func (export "${at}${"\\u{1}".repeat(30_000)}"))`);
  const producers = customSection("producers", [0xff, 0xff, 0xff, 0x0f]);
  const strange = new Asker(Uint8Array.from([...compileText(`(module ${names.join(" ")})`), ...producers]));
  for (const list of LIST_NAMES) strange.entries(list);
  strange.ask("code", { index: 0 });
});

Deno.test("Inspector opens every beginning of a module, or says what is wrong with it", () => {
  for (let length = 0; length <= RICH.length; length++) {
    try {
      new Asker(RICH.slice(0, length));
      assert(length >= HEADER.length);
    } catch (error) {
      assert(error instanceof ModuleInvalidError, `${length}: ${error}`);
    }
  }
});

Deno.test("Inspector answers all questions about a module with a wrong byte, or says what is wrong with it", () => {
  const text = `(import "env" "log" (func)) (memory 1) (table 1 funcref) (global (mut i32) (i32.const 0))
    (func (export "f") (param i32) (block (br_table 0 0 (local.get 0))) (call 0)
      (call_indirect (type 0) (i32.const 0)) (drop (memory.grow (i32.const 1))))`;
  const whole = namedModule(text, { functions: { 1: "f" }, locals: { 1: { 0: "x" } } });
  let opened = 0;
  for (let at = 0; at < whole.length; at++) {
    for (const change of [0x01, 0x80, 0xff, 0x40]) {
      const bytes = whole.slice();
      bytes[at] = (bytes[at] ?? 0) ^ change;
      try {
        const asker = new Asker(bytes);
        for (const list of LIST_NAMES) asker.entries(list);
        for (let index = 0; index < asker.summary.counts.functions; index++) asker.ask("code", { index });
        asker.ask("search", { text: "f", mostHits: MOST.hits });
        opened++;
      } catch (error) {
        const ours = error instanceof ModuleInvalidError || error instanceof ModuleRefusedError;
        assert(ours, `byte ${at} with ${change}: ${error}`);
      }
    }
  }
  assert(opened > 50);
});

Deno.test("Inspector tells the names of compiled programs", async () => {
  const asker = new Asker(await exampleBytes("guest/greet_rust.wasm"));
  const { entries } = asker.ask("list", { list: "functions", from: 0, count: 5, text: "aegis_alloc" });
  const [entry] = entries;
  assertStringIncludes(entry?.name ?? "", "aegis_alloc");
  const { function: told, lines } = asker.ask("code", { index: entry?.index ?? 0 });
  assertEquals(told, entry);
  assert(lines.length > 1);
});
