import { assertEquals } from "../assert.ts";
import { difference, isSteady, type TestEnd } from "./engine_difference.ts";

const END = { status: 0, stdout: "out", stderr: "", fuel: 5n } as const satisfies TestEnd;

Deno.test("difference() compares status, output and fuel", () => {
  assertEquals(difference([END, END], END), undefined);
  assertEquals(
    difference([END, END], { ...END, fuel: 6n }),
    'status 0, ["out",""], 6 units, in V8 status 0, ["out",""], 5 units',
  );
  for (
    const other of [{ ...END, status: 1 }, { ...END, stdout: "" }, { ...END, stderr: "x" }, { error: "no" }]
  ) {
    assertEquals(difference([END, END], other) === undefined, false);
  }
});

Deno.test("difference() leaves out what differs from run to run in V8, and nothing else", () => {
  const later = { ...END, fuel: 7n }, aloud = { ...END, stderr: "12:00" };
  assertEquals(difference([END, later], { ...END, fuel: 6n }), undefined);
  assertEquals(difference([END, later], { ...END, stdout: "" }) === undefined, false);
  assertEquals(difference([END, aloud], { ...END, stderr: "12:01" }), undefined);
  assertEquals(difference([END, aloud], { ...END, fuel: 6n }) === undefined, false);
  assertEquals([isSteady([END, later]), isSteady([END, aloud])], [false, true]);
});
