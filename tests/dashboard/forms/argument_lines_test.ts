import { argumentLine, readArgumentLines } from "../../../src/dashboard/forms/argument_lines.ts";
import { assertEquals } from "../../assert.ts";

Deno.test("readArgumentLines() takes a line for an argument, and quotes for what no line can say", () => {
  assertEquals(readArgumentLines('-v\n  a b \n\n"two\\nlines"\r\n""\nit\'s "so"'), {
    words: ["-v", "  a b ", "two\nlines", "", 'it\'s "so"'],
    problem: undefined,
  });
  assertEquals(readArgumentLines("").words, []);
  assertEquals(readArgumentLines('a\n"b" + "c"').problem, "Line 2 is not a string of JSON");
  assertEquals(readArgumentLines("x\n".repeat(1001)).problem, "At most 1000 arguments");
});

Deno.test("argumentLine() is read as the word that it stands for", () => {
  for (const word of ["", "plain", '"', '""', '"quoted"', "a\nb", " ", "\\", "\r", '"a"\n"b"']) {
    assertEquals(readArgumentLines(argumentLine(word)).words, [word]);
  }
});
