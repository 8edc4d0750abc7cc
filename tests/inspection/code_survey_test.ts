import { CountedLoopFinder } from "../../src/analysis/counted_loops.ts";
import { surveyCode } from "../../src/inspection/code_survey.ts";
import { scanModule } from "../../src/inspection/scan.ts";
import { surveyData } from "../../src/inspection/data_survey.ts";
import { InstructionReader } from "../../src/wasm/instructions.ts";
import type { Module } from "../../src/wasm/module.ts";
import { op } from "../../src/wasm/opcodes.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assert, assertEquals } from "../assert.ts";
import { realModules } from "../generated/mutants/real_modules.ts";
import {
  customSection,
  END,
  funcType,
  leb,
  rawModule,
  SECTION,
  section,
  vec,
} from "../wasm/module_builder.ts";

const OPENS = new Set(["block", "if", "try", "try_table", "loop"].map(op)), LOOP = op("loop");
const CLOSES = new Set(["end", "delegate"].map(op));

/** Loops that do not count, each asked of the finder; those around three others are not asked. */
function uncountedLoops(module: Module): number {
  const reader = new InstructionReader(module.bytes), finder = new CountedLoopFinder(module);
  let uncounted = 0;
  for (const body of module.bodies) {
    const open: { readonly offset: number; readonly isLoop: boolean; height: number }[] = [];
    reader.reset(body.code, body.end);
    while (reader.next()) {
      if (OPENS.has(reader.key)) {
        open.push({ offset: reader.offset, isLoop: reader.key === LOOP, height: 0 });
      }
      if (!CLOSES.has(reader.key)) continue;
      const closed = open.pop(), outer = open.at(-1);
      if (closed === undefined) continue;
      const { offset, isLoop, height } = closed;
      if (outer !== undefined) outer.height = Math.max(outer.height, height + (isLoop ? 1 : 0));
      if (isLoop && (height >= 4 || finder.find(offset, reader.end) === undefined)) uncounted++;
    }
  }
  return uncounted;
}

Deno.test("surveyCode() finds the loops that count without a look at each", async () => {
  let loops = 0, uncounted = 0;
  for (const { name, bytes } of await realModules(100_000, 0)) {
    const module = readModule(bytes), survey = surveyCode(module);
    assertEquals(survey.uncounted.count, uncountedLoops(module), name);
    loops += survey.loops;
    uncounted += survey.uncounted.count;
  }
  assert(loops - uncounted > 100 && uncounted > 100, `${uncounted} of ${loops} do not count`);
});

Deno.test("scanModule() surveys all of the code where validation is given up on the way", () => {
  const piles = new Uint8Array(2 * (2 ** 20 + 1)).fill(0x41).map((byte, at) => at % 2 === 0 ? byte : 0);
  const heap = [0, ...piles, 0x00, END], endless = [0, 0x03, 0x40, 0x0c, 0, END, END];
  const { scan } = scanModule(rawModule(
    section(SECTION.type, vec([funcType([], [])])),
    section(SECTION.function, vec([[0], [0]])),
    section(SECTION.code, vec([heap, endless].map((code) => [...leb(code.length), ...code]))),
  ));
  const found = scan.findings.map(({ id }) => id);
  assertEquals([found.includes("refused"), found.includes("endless-loop"), scan.facts?.loops], [
    true,
    true,
    1,
  ]);
});

/** So many letters, mixed as base64 is. */
function encoded(length: number): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return Array.from({ length }, (_, at) => letters[(at * 37 + (at >> 6)) % 64]).join("");
}

for (
  const [what, text, bytes, place] of [
    ["one of 1,023 letters", encoded(1023), 0, 0],
    ["one of 1,024", encoded(1024), 1024, 0],
    ["the longer one of two", `${encoded(1023)}!${encoded(1024)}`, 1024, 1024],
    ["two side by side", `!${encoded(1024)}!${encoded(1100)}!`, 2124, 1],
    ["one that ends far from where its beginning was sought", `${encoded(5)}!${encoded(5000)}!`, 5000, 6],
    ["none in short ones", `${encoded(1000)}!`.repeat(9), 0, 0],
  ] as const
) {
  Deno.test(`surveyData() counts runs of encoded text from 1,024 letters on: ${what}`, () => {
    const module = readModule(rawModule(customSection("x", [...new TextEncoder().encode(text)])));
    const start = module.customs[0]?.start ?? 0;
    assertEquals(surveyData(module).encoded, { bytes, offset: bytes === 0 ? 0 : start + place });
  });
}
