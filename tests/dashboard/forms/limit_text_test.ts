import {
  COMMON_LIMITS,
  LIMIT_LABELS,
  limitAmount,
  limitProblem,
  limitText,
} from "../../../src/dashboard/forms/limit_text.ts";
import { type LimitName, LIMITS } from "../../../src/core/limits.ts";
import { assert, assertEquals, assertStringIncludes } from "../../assert.ts";

const names = Object.keys(LIMITS) as LimitName[]; // its own keys

Deno.test("limitText() is read as the amount that it stands for", () => {
  for (const name of names) {
    const { least, most } = LIMITS[name];
    for (const amount of [least, most, 1025, 60_000, 90_500, 1_000_000]) {
      if (amount < least || amount > most) continue;
      const text = limitText(name, amount);
      assertEquals(Number(limitAmount(name, text)), amount, `${name} ${text}`);
      assertEquals(limitProblem(name, { text, most: null }), undefined);
    }
  }
  assertEquals([
    limitText("fuelLimit", "1000000"),
    limitText("timeout", 600_000),
    limitText("memoryLimit", 2 ** 20),
  ], [
    "1_000_000",
    "10m",
    "1MiB",
  ]);
  assertEquals(limitAmount("fuelLimit", limitText("fuelLimit", null)), null);
});

Deno.test("limitProblem() says what cannot be, what is too much here, and that a time needs its unit", () => {
  assertEquals(limitProblem("timeout", { text: "", most: 1000 }), undefined);
  assertEquals(limitProblem("timeout", { text: " 5s ", most: 5000 }), undefined);
  assertEquals(limitProblem("timeout", { text: "6s", most: 5000 }), "This server allows at most 5s");
  assertEquals(limitProblem("timeout", { text: "5", most: 5000 }), "Say the unit, as 500ms, 5s or 2m");
  assertEquals(limitProblem("fuelLimit", { text: "unlimited", most: "10" }), "This server allows at most 10");
  assertEquals(limitProblem("fuelLimit", { text: "unlimited", most: null }), undefined);
  assertStringIncludes(limitProblem("memoryLimit", { text: "lots", most: null }) ?? "", "64MiB");
  assertStringIncludes(limitProblem("stackLimit", { text: "1", most: null }) ?? "", "at least 1KiB");
});

Deno.test("each limit has a label of its own, and the common ones are limits", () => {
  assertEquals(new Set(names.map((name) => LIMIT_LABELS[name])).size, names.length);
  assert(COMMON_LIMITS.every((name) => names.includes(name)));
});
