import { AegisError } from "../../src/core/errors.ts";
import { hexView } from "../../src/listing/hex_view.ts";
import { partsOf, sectionsNamed } from "../../src/listing/section_parts.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { name, rawModule, section } from "../wasm/module_builder.ts";

const MODULE = readModule(rawModule(
  section(1, [0]),
  section(0, [...name("note"), 0x1b, 0x41, 0xff]),
  section(0, [...name("note"), 0x42]),
));

Deno.test("hexView() shows offsets, digits and what of them is text", () => {
  assertEquals([...hexView(Uint8Array.from({ length: 18 }, (_, at) => at + 0x3b), [{ start: 0, end: 18 }])], [
    "0x000000  3b 3c 3d 3e 3f 40 41 42  43 44 45 46 47 48 49 4a  |;<=>?@ABCDEFGHIJ|\n" +
    "0x000010  4b 4c                                             |KL|\n",
  ]);
});

Deno.test("hexView() prints no control character", () => {
  const all = [...hexView(Uint8Array.from({ length: 256 }, (_, at) => at), [{ start: 0, end: 256 }])].join(
    "",
  );
  assert(/^[\x20-\x7e\n]*$/.test(all));
});

Deno.test("partsOf() leaves out no byte and shows none twice", () => {
  const { bytes } = MODULE;
  for (const range of [{ start: 0, end: bytes.length }, { start: 3, end: 15 }, { start: 9, end: 10 }]) {
    const covered = partsOf(MODULE, range).flatMap(({ start, end }) =>
      Array.from({ length: end - start }, (_, at) => start + at)
    );
    assertEquals(covered, Array.from({ length: range.end - range.start }, (_, at) => range.start + at));
  }
});

Deno.test("sectionsNamed() finds all custom sections of a name, and says what there is", () => {
  assertEquals(sectionsNamed(MODULE, "note").map(({ title }) => title), [
    'custom section "note", 8 bytes',
    'custom section "note", 6 bytes',
  ]);
  const error = assertThrows(() => sectionsNamed(MODULE, "code"), AegisError);
  assertEquals(error.code, "NotFound");
});
