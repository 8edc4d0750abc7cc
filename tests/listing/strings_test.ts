import { findTexts } from "../../src/listing/strings.ts";
import { stringsView } from "../../src/listing/strings_view.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { name, rawModule, section } from "../wasm/module_builder.ts";

const utf8 = (text: string) => [...new TextEncoder().encode(text)];
const utf16 = (text: string) =>
  [...text].flatMap((letter) => [letter.charCodeAt(0) & 0xff, letter.charCodeAt(0) >> 8]);

function found(bytes: readonly number[], least = 4): string[] {
  const all = Uint8Array.from(bytes);
  return [...findTexts(all, { start: 0, end: all.length }, least)].map((
    { start, end, encoding, characters },
  ) => `${start} ${encoding} ${characters} ${new TextDecoder(encoding).decode(all.subarray(start, end))}`);
}

Deno.test("findTexts() finds runs of UTF-8 that are long enough", () => {
  assertEquals(found([0, ...utf8("abc"), 0, ...utf8("word"), 1, ...utf8("größer ✓ 🦕"), 0xff]), [
    "5 utf-8 4 word",
    "10 utf-8 10 größer ✓ 🦕",
  ]);
});

Deno.test("findTexts() finds UTF-16LE at even and at odd offsets", () => {
  assertEquals(found([...utf16("Hello"), 0, 0, 9, ...utf16("Grüße"), 0, 0]), [
    "0 utf-16le 5 Hello",
    "13 utf-16le 5 Grüße",
  ]);
});

Deno.test("findTexts() takes no bytes for text that are none", () => {
  assertEquals(found([0xc0, 0xaf, 0xc0, 0xaf, 0xc0, 0xaf, 0xc0, 0xaf]), [], "overlong");
  assertEquals(
    found([0xed, 0xa0, 0x80, 0xed, 0xa0, 0x80, 0xed, 0xa0, 0x80, 0xed, 0xa0, 0x80]),
    [],
    "surrogates",
  );
  assertEquals(found([...utf8("ab"), 0xe2, 0x80, 0xae, ...utf8("cd")]), [], "a mark that turns text around");
  assertEquals(found([...utf8("ab"), 0x1b, ...utf8("cd")]), [], "an escape");
  assertEquals(found([0xf0, 0x9f, 0xa6]), [], "cut at the end");
});

Deno.test("findTexts() takes time in proportion to the bytes, however long a text has to be", () => {
  const bytes = new Uint8Array(1_000_000);
  for (let at = 0; at < bytes.length; at += 1000) bytes.fill(0x61, at, at + 999);
  const start = performance.now();
  assertEquals([...findTexts(bytes, { start: 0, end: bytes.length }, 100_000)], []);
  assert(performance.now() - start < 1000);
});

Deno.test("stringsView() says where texts stand, and in which custom section", () => {
  const module = compileText('(module (memory 1) (data (i32.const 256) "\\01hello") (data "passive"))');
  const custom = rawModule(section(0, [...name("note\u001b"), ...utf8("by somebody")]));
  const bytes = Uint8Array.from([...module, ...custom.subarray(8)]);
  const text = [...stringsView(readModule(bytes), 5)].join("");
  assertStringIncludes(text, 'data 0 at 0x101       utf-8     "hello"\n');
  assertStringIncludes(text, 'data 1 +0x0           utf-8     "passive"\n');
  assertStringIncludes(text, 'custom section "note\\u001b"  utf-8     "by somebody"\n');
});

Deno.test("stringsView() cuts a text of a megabyte, and says how long it is", () => {
  const bytes = rawModule(section(0, [...name("long"), ...new Array(100_000).fill(0x61)]));
  const text = [...stringsView(readModule(bytes), 4)].join("");
  assert(text.length < 1200);
  assertStringIncludes(text, "(100000 characters)");
});
