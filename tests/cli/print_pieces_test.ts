import { printPieces } from "../../src/cli/print_pieces.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

function* lines(count: number): Generator<string> {
  yield "first";
  for (let line = 0; line < count; line++) yield `\n${line}`;
  yield "\n";
}

Deno.test("printPieces() writes whole lines, and keeps no more than it has to", () => {
  const written: string[] = [];
  printPieces(lines(50_000), { out: (text) => written.push(text) });
  assertEquals(written.join(""), [...lines(50_000)].join(""));
  assert(written.length > 3);
  for (const text of written) {
    assert(text.endsWith("\n"));
    assert(text.length < 100_000, `${text.length} characters`);
  }
});

Deno.test("printPieces() writes what there was before an error, and ends its line", () => {
  const written: string[] = [];
  const pieces = function* () {
    yield "a\nb";
    throw new RangeError("no more");
  };
  assertThrows(() => printPieces(pieces(), { out: (text) => written.push(text) }), RangeError);
  assertEquals(written, ["a\nb\n"]);
});
