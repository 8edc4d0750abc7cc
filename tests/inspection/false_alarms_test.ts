/** What ordinary modules have, and what is like what hostile ones have. */
import type { FindingId } from "../../src/inspection/finding_kinds.ts";
import { scanModule } from "../../src/inspection/scan.ts";
import { assertEquals, assertStringIncludes } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { customSection, rawModule } from "../wasm/module_builder.ts";

function found(bytes: Uint8Array<ArrayBuffer>): FindingId[] {
  return scanModule(bytes).scan.findings.map(({ id }) => id);
}

const COMPONENT = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 0, 0, 0, 0];

Deno.test("a scan takes the types that wit-bindgen leaves for no program, and finds one all the same elsewhere", () => {
  assertEquals(found(rawModule(customSection("component-type:wit-bindgen:0.58.0", COMPONENT))), []);
  assertEquals(found(rawModule(customSection("payload", COMPONENT))), ["embedded-program"]);
  const within = customSection("component-type:x", [...COMPONENT, 0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 1, 0]);
  assertEquals(found(rawModule(within)), ["embedded-program"]);
});

const seek = (params: string) =>
  compileText(`(module (import "wasi_snapshot_preview1" "fd_seek" (func (param ${params}) (result i32))))`);

Deno.test("a scan takes Emscripten's halves of a number of 64 bits for no imitation", () => {
  const { findings } = scanModule(seek("i32 i32 i32 i32 i32")).scan;
  assertEquals(findings.map(({ id }) => id), ["unknown-import", "unused-import"]);
  assertStringIncludes(findings[0]?.advice ?? "", "-sWASM_BIGINT");
  assertEquals(found(seek("i32 i32 i32 i32"))[0], "imitates-host");
  assertEquals(found(seek("i32 i64 i32 i32"))[0], "asks-streams");
});

Deno.test("a scan takes names of another script, and Greek letters of formulas, for what they are", () => {
  const exported = (...names: string[]) =>
    found(compileText(`(module ${names.map((name) => `(func (export "${name}"))`).join("")})`));
  assertEquals(exported("\u0441\u0443\u043c\u043c\u0430", "\u0394t", "\u03b1x", "\u0434\u043b\u044f_x"), []);
  assertEquals(exported("p\u0430yment"), ["deceptive-name"]);
});
