/** Sensors that read a file: the last whole number in it, looked up anew each time. */
import { SensorCapability } from "../../mod.ts";
import { lastNumber } from "../../src/sandbox/sensor_file.ts";
import { running } from "./started.ts";
import { TASK_GUEST } from "./task_guest.ts";
import { assert, assertEquals } from "../assert.ts";

Deno.test("lastNumber() finds the last whole number that stands alone", () => {
  const rows: [string, number | undefined][] = [
    ["21", 21],
    ["1\n2\n3\n", 3],
    ["t=-5;", -5],
    ["+7", 7],
    ["temp: 12°C", 12],
    ["2147483647", 2147483647],
    ["-2147483648", -2147483648],
    ["2147483648", undefined],
    ["99999999999999999999", undefined],
    ["5 7.5", 5],
    ["it is 9.", 9],
    ["v2 zone1 3", 3],
    ["8 zone1", 8],
    ["1.5", undefined],
    ["0x1f", undefined],
    ["-0", 0],
    ["", undefined],
    ["none", undefined],
  ];
  for (const [text, value] of rows) {
    const found = lastNumber(text);
    assertEquals("value" in found ? found.value : undefined, value, JSON.stringify(text));
  }
});

Deno.test("a sensor reads the last number in a file, anew at every reading", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aegis-sensor-" }), path = `${folder}/temperature`;
  try {
    await using started = await running(TASK_GUEST, {
      capabilities: [
        SensorCapability.file(0, path),
        SensorCapability.file(1, folder),
        SensorCapability.file(2, `${folder}/pipe`),
      ],
    });
    const { sandbox } = started, read = (id = 0) => sandbox.callSync<number>("read", [id]);
    const why = () => sandbox.denials().at(-1)?.reason;
    assertEquals([read(), why()], [0, "the file of the sensor gives nothing: it does not exist"]);
    await Deno.writeTextFile(path, "20\n21\n");
    assertEquals(read(), 21);
    await Deno.writeTextFile(path, "22\n", { append: true });
    assertEquals(read(), 22);
    await Deno.writeTextFile(`${folder}/next`, "-3");
    await Deno.rename(`${folder}/next`, path);
    assertEquals(read(), -3);
    await Deno.writeTextFile(path, `77 ${"x ".repeat(40_000)}`);
    assertEquals([read(), why()], [0, "the file of the sensor gives nothing: it has no whole number"]);
    await Deno.writeTextFile(path, `${"9".repeat(70_000)} x`);
    assertEquals([read(), why()], [0, "the file of the sensor gives nothing: it has no whole number"]);
    await Deno.writeTextFile(path, `${"1 ".repeat(40_000)}`);
    assertEquals(read(), 1);
    assertEquals([read(1), why()], [0, "the file of the sensor gives nothing: it is no regular file"]);
    if (Deno.build.os === "linux") {
      assert((await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output()).success);
      assertEquals([read(2), why()], [0, "the file of the sensor gives nothing: it is no regular file"]);
    }
    assertEquals(
      sandbox.denials().every(({ capability, flag }) => capability === "sensor" && flag === undefined),
      true,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a file that gives nothing ends no call under onDenial stop", async () => {
  await using started = await running(TASK_GUEST, {
    onDenial: "stop",
    capabilities: [SensorCapability.file(0, "/nonexistent/sensor")],
  });
  assertEquals(await started.sandbox.call("read", [0]), 0);
});
