/** `env.read_sensor` and `env.send_alert` on the guest's side: what is asked for, what is counted, what traps. */
import type { Answer, OperationName, RequestOf } from "../../src/protocol/operations.ts";
import { ERRNO } from "../../src/protocol/errno.ts";
import { providedFunctionType, ProvidedImports, providedNames } from "../../src/wasi/provided_imports.ts";
import { FakeHost, SETTINGS } from "./fake_host.ts";
import { assert, assertEquals } from "../assert.ts";

/** Grants sensors 0 and 2^31-1, whose value is how often they were read. */
function rig() {
  const asked: string[] = [], memory = new ArrayBuffer(65_536);
  const perform = <Name extends OperationName>(name: Name, request: RequestOf<Name>): Answer<Name> => {
    asked.push(`${name} ${Object.values(request).join()}`);
    const { id, reading = 0 } = request as Partial<RequestOf<"readSensor">>;
    if (name === "readSensor" && id !== 0 && id !== 2 ** 31 - 1) return { errno: ERRNO.notcapable };
    const answer = { errno: ERRNO.success, reply: { value: reading >>> 0 } };
    return answer as unknown as Answer<Name>; // of these two operations
  };
  const host = Object.assign(new FakeHost(), { operations: { perform } }) as unknown as FakeHost;
  const provided = new ProvidedImports(SETTINGS, host);
  const bind = (name: string) => provided.bind({ module: "env", name }, () => memory);
  return { asked, host, provided, memory, read: bind("read_sensor"), alert: bind("send_alert") };
}

Deno.test("the functions of the guest ABI have the types that programs import them with", () => {
  assertEquals(providedNames("env"), ["log", "read_sensor", "send_alert"]);
  assertEquals(providedFunctionType({ module: "env", name: "read_sensor" }), {
    params: ["i32"],
    results: ["i32"],
  });
  assertEquals(providedFunctionType({ module: "env", name: "send_alert" }), {
    params: ["i32", "i32", "i32"],
    results: [],
  });
  assertEquals(providedFunctionType({ module: "env", name: "toString" }), undefined);
});

Deno.test("read_sensor() counts the readings of each granted sensor, in one life", () => {
  const { asked, read, provided } = rig();
  assertEquals([read(0), read(0), read(2147483647), read(0)], [0, 1, 0, 2]);
  assertEquals(asked.at(-1), "readSensor 0,2");
  provided.reset();
  assertEquals(read(0), 0);
});

// Fails while counts are kept for ids that were not granted.
Deno.test("read_sensor() keeps nothing of a sensor that was not granted", () => {
  const { asked, read, provided } = rig();
  for (const id of [1, -1, -2147483648, 1]) assertEquals(read(id), 0);
  assertEquals(asked.slice(1, 4), ["readSensor 4294967295,0", "readSensor 2147483648,0", "readSensor 1,0"]);
  const state = provided.save();
  assert(!("why" in state) && state.sensors === undefined);
});

Deno.test("the counts of readings are saved, and restored where they can be true", () => {
  const { read, provided } = rig();
  read(0);
  read(0);
  const state = provided.save();
  assert(!("why" in state));
  assertEquals(state.sensors, [{ id: 0, readings: 2 }]);
  const other = rig();
  other.provided.restore(state);
  assertEquals(other.read(0), 2);
  for (const readings of [NaN, -1, 0.5, Infinity, "2" as unknown as number]) {
    other.provided.restore({ ...state, sensors: [{ id: 0, readings }] });
    assertEquals(other.read(0), 0, String(readings));
  }
});

Deno.test("send_alert() traps for what lies outside the memory, and asks for nothing", () => {
  const { asked, alert, host } = rig();
  for (const [pointer, length] of [[0, -1], [-1, 1], [65_536, 1], [65_535, 2], [-1, -1]] as const) {
    alert(pointer, length, 1);
  }
  assertEquals([asked, host.deeds.filter((deed) => deed === "trap").length], [[], 5]);
});

Deno.test("send_alert() hands on the text and the level, whatever it is, behind what was printed", () => {
  const { asked, alert, host, memory } = rig();
  new Uint8Array(memory).set(new TextEncoder().encode("höt"), 8);
  alert(8, 4, 2);
  alert(8, 4, -1);
  alert(65_536, 0, 0);
  assertEquals(asked, ["sendAlert 2,höt", "sendAlert 4294967295,höt", "sendAlert 0,"]);
  assertEquals(host.deeds, ["flush", "flush", "flush"]);
});
