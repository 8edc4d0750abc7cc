import { readModule } from "../../src/wasm/read_module.ts";
import { readSignatures } from "../../src/wasm/read_signatures.ts";
import { assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";

function stated(...sections: string[]) {
  const customs = sections.map((text) => `(@custom "aegis:signatures" "${text}")`).join(" ");
  return readSignatures(readModule(compileText(`(module ${customs} (@custom "aegis:signature" "no()"))`)));
}

Deno.test("readSignatures() reads every section of the name as one text", () => {
  const { exports, imports } = stated("a()\\nb(string)", "c() -> json\\nimport env d(bytes)");
  assertEquals([...exports.keys()], ["a", "b", "c"]);
  assertEquals([...imports], [["env d", { params: ["bytes"], results: [] }]]);
});

Deno.test("readSignatures() finds nothing where there is nothing, and what is no UTF-8 spoils one line", () => {
  assertEquals(stated().exports.size, 0);
  assertEquals([...stated("a()\\nb\\ff(\\ff)\\nc()").exports.keys()], ["a", "c"]);
});

Deno.test("readSignatures() reads no more than 1 MiB", () => {
  const blank = "\\n".repeat(2 ** 19), { exports } = stated("a()\\n" + blank, blank + "b()", "c()");
  assertEquals([...exports.keys()], ["a"]);
  const short = stated("a()\\n" + blank, blank.slice(0, -100) + "\\nb()");
  assertEquals([...short.exports.keys()], ["a", "b"]);
});
