import { assertEquals } from "../assert.ts";
import { seriesTotals } from "../../src/dashboard/overview/series_totals.ts";

const NONE = {
  at: 0,
  succeeded: 0,
  failed: 0,
  stopped: 0,
  interrupted: 0,
  running: 0,
  fuel: "0",
  hostCalls: 0,
  denials: 0,
  durationUs: null,
};

Deno.test("seriesTotals() adds up, judges what ended by itself, and weighs durations by how many there were", () => {
  const totals = seriesTotals([
    { ...NONE, succeeded: 3, stopped: 1, fuel: "9007199254740993", hostCalls: 2, durationUs: 100 },
    NONE,
    { ...NONE, failed: 1, interrupted: 1, running: 2, fuel: "9007199254740993", denials: 4, durationUs: 400 },
  ]);
  assertEquals(totals, {
    executions: 8,
    succeeded: 3,
    judged: 5,
    fuel: 18014398509481986n,
    hostCalls: 2,
    denials: 4,
    durationUs: 200,
  });
});

Deno.test("seriesTotals() knows no duration where nothing has ended", () => {
  assertEquals(seriesTotals([{ ...NONE, running: 1 }]).durationUs, null);
  assertEquals(seriesTotals([]).executions, 0);
});
