import { type FindingId, FINDINGS, SEVERITIES } from "../../src/inspection/finding_kinds.ts";
import { type Finding, MOST_OF_A_KIND } from "../../src/inspection/finding_list.ts";
import { findingsOf } from "../../src/inspection/findings.ts";
import { judgeModule } from "../../src/inspection/verdict.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";
import { exampleBytes, exampleFiles } from "../examples/example_file.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { rawModule, section, vec } from "../wasm/module_builder.ts";
import { CALLED, type Sample, SAMPLES } from "./finding_samples.ts";

function found(bytes: Uint8Array): Finding[] {
  const module = readModule(bytes);
  return findingsOf(module, judgeModule(module));
}

function foundIn(sample: Sample): Finding[] {
  return found(typeof sample === "string" ? compileText(`(module ${sample})`) : sample);
}

for (const id of Object.keys(SAMPLES) as FindingId[]) { // a literal's keys are those of its type
  Deno.test(`findingsOf() tells "${id}" of a module that has it, and of no other`, () => {
    const [has, says, hasNot] = SAMPLES[id];
    const [finding, ...others] = foundIn(has).filter((one) => one.id === id);
    assertEquals(others, []);
    assertStringIncludes(finding?.detail ?? "", says);
    const { severity, title } = FINDINGS[id];
    assertEquals([finding?.severity, finding?.title], [severity, title]);
    assertEquals(foundIn(hasNot).filter((one) => one.id === id), []);
  });
}

Deno.test("findingsOf() says where things stand", () => {
  const bytes = compileText(`(module (import "env" "abort" (func)) (memory 1 9)
    (func) (func (nop) (drop (memory.grow (i32.const 1)))))`);
  const places = Object.fromEntries(found(bytes).map(({ id, location }) => [id, location]));
  assertEquals(places["unknown-import"]?.functionIndex, 0);
  assertEquals(bytes.at(places["unknown-import"]?.offset ?? -1), "env".length);
  assertEquals(places["grows-memory"]?.functionIndex, 2);
  assertEquals(bytes.at(places["grows-memory"]?.offset ?? -1), 0x40);
});

Deno.test("findingsOf() gives all reasons why targets of calls can be replaced, one finding for each table", () => {
  const details = (text: string) =>
    foundIn(text).filter(({ id }) => id === "replaceable-calls").map(({ detail }) => detail.split(";")[0]);
  const grown = "(func (drop (table.grow 0 (ref.null func) (i32.const 1))))";
  const written = "(func (table.set 0 (i32.const 0) (ref.null func)))";
  assertEquals(details(`(import "a" "b" (table 1 funcref)) ${CALLED}`), ["Table 0 is imported"]);
  assertEquals(details(`(table (export "t") 1 funcref) ${CALLED} ${grown} ${written}`), [
    "Table 0 is exported and is grown and is written to by the code",
  ]);
  assertEquals(
    details(`(table 1 funcref) ${CALLED} (elem $e func) (func (table.init $e
      (i32.const 0) (i32.const 0) (i32.const 0)))`),
    ["Table 0 is written to by the code"],
  );
  assertEquals(
    details(`(table $a 1 funcref) (table $b 1 funcref) (type $t (func))
      (func (call_indirect $b (type $t) (i32.const 0)))
      (func (table.copy $a $b (i32.const 0) (i32.const 0) (i32.const 0)))`),
    [],
  );
});

Deno.test("findingsOf() sees through capitals, hidden characters and letters of other scripts", () => {
  for (
    const from of ["AEGIS:http", "ae\\e2\\80\\8bgis:http", "\\d0\\b0egis", "aegis_http", "ａｅｇｉｓ:http"]
  ) {
    const ids = foundIn(`(import "${from}" "close" (func (param i32) (result i32)))`).map(({ id }) => id);
    assert(ids.includes("imitates-aegis"), from);
  }
  for (
    const [from, item] of [["env", "log"], ["Env", "log"], ["wasi_snapshot_preview1", "fd-write"], [
      "wasi-unstable",
      "fd_write",
    ]]
  ) {
    const ids = foundIn(`(import "${from}" "${item}" (func $f (param f64))) (export "f" (func $f))`).map((
      { id },
    ) => id);
    assertEquals(ids, ["imitates-host"], `${from} ${item}`);
  }
});

Deno.test("findingsOf() takes the advice of a refusal that has some", () => {
  const [finding] = foundIn("(memory 2000 2000)");
  assertEquals([finding?.id, finding?.advice], ["refused", "Raise memoryLimit."]);
});

Deno.test("findingsOf() lists a bounded number of each kind, and counts the others", () => {
  const imports = Array.from({ length: MOST_OF_A_KIND + 7 }, (_, at) => `(import "x" "f${at}" (func))`);
  const listed = foundIn(imports.join(" ")).filter(({ id }) => id === "unknown-import");
  assertEquals(listed.length, MOST_OF_A_KIND);
  assertEquals(listed.map(({ further }) => further).filter((further) => further !== undefined), [7]);
  assertEquals(listed.at(-1)?.further, 7);
});

Deno.test("findingsOf() quotes names, and cuts those that are long", () => {
  const details = foundIn(`(import "\\1b[2J${"x".repeat(100_000)}" "\\0a" (func))`)
    .filter(({ id }) => id === "unknown-import").map(({ detail }) => detail);
  assertStringIncludes(details.join(), '"\\u001b[2Jxxx');
  assert(details.join().length < 300);
});

Deno.test("findingsOf() tells what is wrong with code that cannot be decoded", () => {
  const bytes = rawModule(
    section(1, [1, 0x60, 0, 0]),
    section(3, [1, 0]),
    section(10, vec([[3, 0, 0xff, 0x0b]])),
  );
  assertThrows(() => found(bytes), Error, "0xff");
});

Deno.test("FINDINGS stands in the order in which findings are told, grave ones first", () => {
  const ranks = Object.values(FINDINGS).map(({ severity }) => SEVERITIES.indexOf(severity));
  assertEquals(ranks, ranks.toSorted((a, b) => b - a));
});

const PROGRAMS = new URL("../programs/wasm/", import.meta.url);

Deno.test("findingsOf() has nothing grave to say of ordinary programs", async () => {
  const programs: [string, Uint8Array][] = [];
  const services = ["http/handle.wasm", "http/hello.wasm", "http/shout.wasm", "mcp/notes.wasm"];
  for (const file of [...await exampleFiles(), ...services]) programs.push([file, await exampleBytes(file)]);
  for await (const { name: file } of Deno.readDir(PROGRAMS)) {
    programs.push([file, await Deno.readFile(new URL(file, PROGRAMS))]);
  }
  assert(programs.length > 20);
  for (const [file, bytes] of programs) {
    assertEquals(found(bytes).filter(({ severity }) => severity === "high"), [], file);
  }
});
