import { decide } from "../../src/policy/decide.ts";
import { explain } from "../../src/policy/explain.ts";
import { mergeGrants, narrowPolicy, withoutCapability } from "../../src/policy/policy.ts";
import { SensorCapability, type SeriesOptions } from "../../src/policy/sensor_capability.ts";
import { assert, assertEquals } from "../assert.ts";
import { assertRefused } from "./refusal.ts";

const read = () => 1, other = () => 1;

Deno.test("SensorCapability makes frozen data, one grant for each id", () => {
  const values = [1, 2];
  const series = SensorCapability.series(7, values);
  values.push(3);
  assertEquals<unknown>(series.grants, [{
    kind: "sensor",
    id: 7,
    source: { from: "series", values: [1, 2], end: "repeat" },
  }]);
  for (const { source } of [...series.grants, ...SensorCapability.read(0, read).grants]) {
    assert(Object.isFrozen(source));
    if (source.from === "series") assert(Object.isFrozen(source.values));
  }
  assertEquals(SensorCapability.ids([3, 1]).grants.map(({ id, source }) => [id, source.from]), [
    [3, "runtime"],
    [1, "runtime"],
  ]);
  assertEquals(SensorCapability.constant(2 ** 31 - 1, -(2 ** 31)).grants.length, 1);
});

Deno.test("SensorCapability refuses ids, values and sources that mean nothing", () => {
  for (const id of [-1, 0.5, NaN, 2 ** 31, Infinity]) {
    assertRefused(() => SensorCapability.constant(id, 0), "sensor.id");
    assertRefused(() => SensorCapability.ids([id]), "sensor.id");
  }
  for (const value of [2 ** 31, -(2 ** 31) - 1, 0.5, NaN, "1" as unknown as number]) {
    assertRefused(() => SensorCapability.constant(0, value), "sensor.value");
    assertRefused(() => SensorCapability.series(0, [1, value]), "sensor.value");
  }
  assertRefused(() => SensorCapability.series(0, []), "sensor.values");
  assertRefused(() => SensorCapability.ids([]), "sensor.ids");
  assertRefused(
    () => SensorCapability.series(0, [1], { end: "stop" as SeriesOptions["end"] & string }),
    "sensor.end",
  );
  assertRefused(() => SensorCapability.series(0, [1], { ends: "hold" } as SeriesOptions), "sensor.ends");
  assertRefused(() => SensorCapability.file(0, ""), "sensor.path");
  assertRefused(() => SensorCapability.file(0, "a\0b"), "sensor.path");
  assertRefused(() => SensorCapability.read(0, 5 as unknown as () => number), "sensor.read");
});

Deno.test("mergeGrants() keeps equal sources of one sensor, and refuses two different ones", () => {
  const equal = [
    [SensorCapability.constant(0, 1), SensorCapability.constant(0, 1)],
    [SensorCapability.series(0, [1, 2]), SensorCapability.series(0, [1, 2], { end: "repeat" })],
    [SensorCapability.file(0, "/a"), SensorCapability.file(0, "/a")],
    [SensorCapability.read(0, read), SensorCapability.read(0, read)],
  ];
  for (const pair of equal) assertEquals(mergeGrants(pair).sensor.length, 1);
  const different = [
    [SensorCapability.constant(0, 1), SensorCapability.constant(0, 2)],
    [SensorCapability.series(0, [1, 2]), SensorCapability.series(0, [1, 2], { end: "hold" })],
    [SensorCapability.file(0, "/a"), SensorCapability.file(0, "/b")],
    [SensorCapability.read(0, read), SensorCapability.read(0, other)],
    [SensorCapability.constant(0, 1), SensorCapability.ids([0])],
  ];
  for (const pair of different) assertRefused(() => mergeGrants(pair), "sensor");
});

Deno.test("narrowPolicy() gives a sandbox sensors of the runtime's ids, with its sources or own ones, and no other file", () => {
  const runtime = mergeGrants([
    SensorCapability.read(0, read),
    SensorCapability.file(1, "/run/temperature"),
    SensorCapability.constant(2, 5),
  ]);
  const narrow = (wanted: SensorCapability) => narrowPolicy(runtime, [wanted]).sensor;
  assertEquals(narrow(SensorCapability.ids([0, 2])).map(({ id, source }) => [id, source.from]), [
    [0, "function"],
    [2, "constant"],
  ]);
  for (
    const own of [
      SensorCapability.constant(1, 9),
      SensorCapability.series(1, [9]),
      SensorCapability.read(1, other),
      SensorCapability.file(1, "/run/temperature"),
    ]
  ) assertEquals(narrow(own), own.grants);
  assertRefused(() => narrow(SensorCapability.constant(3, 1)), "sensor");
  assertRefused(() => narrow(SensorCapability.ids([0, 3])), "sensor");
  assertRefused(() => narrow(SensorCapability.file(1, "/etc/passwd")), "sensor");
  assertRefused(() => narrow(SensorCapability.file(2, "/run/temperature")), "sensor");
  assertEquals(withoutCapability(runtime, "sensor").sensor, []);
});

Deno.test("decide() names the flag of a sensor that was not granted, and none for a number that no sensor has", () => {
  const policy = mergeGrants([SensorCapability.constant(2, 5)]);
  assertEquals(decide(policy, { kind: "sensor", id: 2 }).allowed, true);
  assertEquals(decide(policy, { kind: "sensor", id: 7 }), {
    allowed: false,
    reason: "no sensor grant names 7",
    flag: "--sensor 7=VALUE",
    hint: "SensorCapability.constant(7, VALUE)",
  });
  const negative = decide(policy, { kind: "sensor", id: -1 });
  assertEquals([negative.allowed, "flag" in negative && negative.flag], [false, undefined]);
});

Deno.test("explain() tells what each sensor reads", () => {
  const lines = explain(mergeGrants([
    SensorCapability.constant(0, -5),
    SensorCapability.series(1, [1, 2]),
    SensorCapability.series(2, [1], { end: "hold" }),
    SensorCapability.file(3, "/run/t"),
    SensorCapability.read(4, read),
  ])).filter((line) => line.startsWith("sensor"));
  assertEquals(lines, [
    "sensor: 0 reads -5",
    "sensor: 1 reads 2 values, over and over",
    "sensor: 2 reads 1 values, then the last one",
    'sensor: 3 reads the last number in "/run/t"',
    "sensor: 4 reads what a function of the embedder returns",
  ]);
  assertEquals(explain(mergeGrants([])).filter((line) => line.startsWith("sensor")), [
    "sensor: not granted; every sensor reads 0",
  ]);
});
