import { suggest } from "../../src/core/suggestion.ts";
import { assert, assertEquals } from "../assert.ts";

Deno.test("suggest() finds a name with a slip in it, nearest first", () => {
  assertEquals(suggest("multipy", ["add", "multiple", "multiply"]), ["multiply", "multiple"]);
  assertEquals(suggest("ad", ["add", "sub"]), ["add"]);
  assertEquals(suggest("eht", ["the", "other"]), []); // two slips in three letters are another word
});

Deno.test("suggest() counts two swapped neighbours as one slip", () => {
  assertEquals(suggest("rnu", ["run", "help"]), ["run"]);
  assertEquals(suggest("unr", ["run"]), []); // a letter that moved further is two
});

Deno.test("suggest() sees past case", () => {
  assertEquals(suggest("ADD", ["add"]), ["add"]);
  assertEquals(suggest("memorylimit", ["memoryLimit", "fuelLimit"]), ["memoryLimit"]);
});

Deno.test("suggest() takes a name that contains the wanted one, or is contained in it, after the near ones", () => {
  assertEquals(suggest("process", ["process_image_data", "proces"]), ["proces", "process_image_data"]);
  assertEquals(suggest("add_numbers_fast", ["add"]), ["add"]);
  assertEquals(suggest("no", ["annotation"]), []); // two letters are in everything
});

Deno.test("suggest() finds nothing for a name that is like none", () => {
  assertEquals(suggest("render", ["add", "sub", "mul"]), []);
  assertEquals(suggest("x", []), []);
});

Deno.test("suggest() gives three names unless told, and keeps the order of equals", () => {
  const candidates = ["run1", "run2", "run3", "run4"];
  assertEquals(suggest("runx", candidates), ["run1", "run2", "run3"]);
  assertEquals(suggest("runx", candidates, 1), ["run1"]);
});

Deno.test("suggest() stays cheap before hostile names and takes at most 10,000 of them", () => {
  let taken = 0;
  function* names(): Generator<string> {
    for (;;) {
      taken++;
      yield "y".repeat(1000);
    }
  }
  const started = performance.now();
  assertEquals(suggest("x".repeat(100_000), names()), []);
  assert(taken <= 10_001, `took ${taken}`);
  assert(performance.now() - started < 3000);
});
