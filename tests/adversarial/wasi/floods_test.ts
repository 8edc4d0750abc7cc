/** D37 for programs: a guest that prints, logs, is denied or asks without end fills no memory and stops no event loop. */
import { assert, assertEquals } from "../../assert.ts";
import { BUFFER, driverText, FIRST_DIRECTORY as ROOT, RESULT, startDriver, TEXT } from "./driver.ts";
import { residentMemory, withTicks } from "../process_facts.ts";
import { withTree } from "../files/tree.ts";
import { withForgedGuests } from "../isolation/forged_guest.ts";
import { wordsOf } from "../cpu/stopping.ts";
import {
  Aegis,
  type AegisOptions,
  FilesystemCapability,
  LoggingCapability,
  type Sandbox,
} from "../../../mod.ts";

/** Runs a module's `run` until its time is over; what the host's memory grew by, and how long its event loop stood still. */
async function flood(
  text: string,
  options: AegisOptions,
  look: (sandbox: Sandbox) => void = () => {},
): Promise<{ more: number; stall: number }> {
  await using runtime = await Aegis.create({
    isolation: "worker",
    fuelLimit: "unlimited",
    timeout: 500,
    ...options,
  });
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(await runtime.loadWat(text));
  const before = residentMemory();
  const { result, stall } = await withTicks(() => sandbox.tryCall("run"));
  assertEquals(wordsOf(result), "limit time");
  look(sandbox);
  return { more: residentMemory() - before, stall };
}

/** Calls functions without end: a piece of one byte lies at 0, one of all memory at 8. */
function endless(code: string, pages = 2): string {
  return driverText({ pages }).replace(
    '(func (export "grow")',
    `(data (i32.const 0) "\\00\\01\\00\\00\\01\\00\\00\\00\\00\\00\\00\\00\\00\\00\\02\\00") (data (i32.const 4096) "/etc/passwd")
     (data (i32.const 4200) "../outside")
     (func (export "run") (loop $l ${code} (br $l))) (func (export "grow")`,
  );
}

const print = (fd: number, at: number) =>
  `(drop (call $fd_write (i32.const ${fd}) (i32.const ${at}) (i32.const 1) (i32.const ${RESULT})))`;

// Fails while what is kept of the output is kept in the pieces in which it came.
Deno.test("D37 a program that prints single bytes to both streams by turns fills no memory", async () => {
  const { more, stall } = await flood(endless(print(1, 0) + print(2, 0)), {
    timeout: 2500,
    outputSize: "1MiB",
  }, (sandbox) => {
    const { stdout, stderr } = sandbox.output();
    assert(stdout.length <= 2 ** 20 && stderr.length <= 2 ** 20);
  });
  assert(more < 150, `${more} MiB more than before`);
  assert(stall < 500, `the event loop stood still for ${stall} ms`);
});

Deno.test("D37 a program that prints all its memory without end keeps what is kept to its limit", async () => {
  const { more, stall } = await flood(endless(print(1, 8), 20), {}, (sandbox) => {
    const { stdout, truncated } = sandbox.output();
    assertEquals([stdout.length, truncated], [2 ** 20, true]);
  });
  assert(more < 150, `${more} MiB more than before`);
  assert(stall < 500, `the event loop stood still for ${stall} ms`);
});

Deno.test("D37 a program whose output nobody takes waits, and is stopped in time", async () => {
  await using runtime = await Aegis.create({ isolation: "worker", fuelLimit: "unlimited", timeout: 200 });
  let taken = 0;
  const stdout = (bytes: Uint8Array) => {
    taken += bytes.length;
    return new Promise<void>(() => {});
  };
  await using driver = await startDriver(runtime, { stdout });
  await driver.pieces([0, 2 * 65_536]);
  const began = performance.now();
  assertEquals(wordsOf(await driver.storm("fd_write", [1, TEXT, 1, RESULT])), "limit time");
  assert(performance.now() - began < 400, `${performance.now() - began} ms`);
  assert(taken < 2 ** 20, `${taken} bytes were handed over`);
});

Deno.test("D37 a program that logs without end is held to its rate and size", async () => {
  const text =
    `(module (import "aegis:log" "log" (func $log (param i32 i32 i32))) (memory (export "memory") 3)
    (func (export "run") (loop $l (call $log (i32.const 0) (i32.const 0) (i32.const 20000)) (br $l))))`;
  const { more, stall } = await flood(
    text,
    { capabilities: [LoggingCapability.atLevel("info", { rate: 50 })] },
    (sandbox) => {
      // The call touches two seconds at most.
      assert(sandbox.logs().length <= 100, `${sandbox.logs().length} messages`);
      assert(sandbox.logs().every(({ truncated }) => truncated));
    },
  );
  assert(more < 150, `${more} MiB more than before`);
  assert(stall < 500, `the event loop stood still for ${stall} ms`);
});

Deno.test("D37 a program that logs without a rate leaves no more than is kept", async () => {
  const text = `(module (import "env" "log" (func $log (param i32 i32))) (memory (export "memory") 1)
    (func (export "run") (loop $l (call $log (i32.const 0) (i32.const 4)) (br $l))))`;
  await flood(text, { capabilities: [LoggingCapability.all({ rate: 1e9 })] }, (sandbox) => {
    assertEquals(sandbox.logs().length, 1000);
  });
});

for (const [what, at, length] of [["absolute paths", 4096, 11], ["paths that lead out", 4200, 10]] as const) {
  Deno.test(`D37 a program that is denied ${what} without end floods neither audit nor memory`, async () => {
    await withTree(async ({ inside }) => {
      // The path changes each time, so that no two denials are equal.
      const code = `(i32.store (i32.const ${at + length}) (i32.add (i32.const 0x61616161)
          (i32.and (i32.const 0x0f0f0f0f) (local.tee 0 (i32.add (local.get 0) (i32.const 0x01030507))))))
        (drop (call $path_open (i32.const ${ROOT}) (i32.const 0) (i32.const ${at}) (i32.const ${
        length + 4
      }) (i32.const 0)
          (i64.const 2) (i64.const 0) (i32.const 0) (i32.const ${RESULT})))`;
      const text = endless(code).replace('(func (export "run")', '(func (export "run") (local i32)');
      let events = 0;
      const capabilities = [FilesystemCapability.readOnly([{ host: inside, guest: "/data" }])];
      const { more, stall } = await flood(text, { capabilities, onAudit: () => events++ }, (sandbox) => {
        assert(sandbox.denials().length <= 100);
        assert(sandbox.metrics().denials > 100);
      });
      assert(events > 0);
      assert(more < 150, `${more} MiB more than before`);
      assert(stall < 500, `the event loop stood still for ${stall} ms`);
    });
  });
}

Deno.test("D37 a guest that polls 4,096 descriptors, reads clocks and random bytes without end is stopped in time", async () => {
  await using runtime = await Aegis.create({ isolation: "worker", fuelLimit: "unlimited", timeout: 200 });
  await using driver = await startDriver(runtime);
  const subscriptions = new Uint8Array(48 * 4096);
  for (let i = 0; i < 4096; i++) subscriptions[48 * i + 8] = 2;
  const began = performance.now();
  await driver.sandbox.call("grow", [20]);
  await driver.put(subscriptions, BUFFER);
  assertEquals(wordsOf(await driver.storm("poll_oneoff", [BUFFER, BUFFER, 4096, RESULT])), "limit time");
  await driver.sandbox.reset();
  assertEquals(wordsOf(await driver.storm("random_get", [0, 65_536])), "limit time");
  assert(performance.now() - began < 900, `${performance.now() - began} ms`);
});

/** Frames that a forged guest sends as operations of the host's: code, then fields, from byte 128 on. */
const FORGED: Readonly<Record<string, string>> = {
  // Fails while empty pieces are handed to a sink one by one.
  "output of three million empty pieces": `buffer.grow(buffer.maxByteLength);
    const size = 15 * 2 ** 20; view.setUint32(128, 3, true); view.setUint32(132, size, true);
    for (let at = 136; at < 136 + size; at += 5) bytes[at] = 1;
    give(14, 8 + size);`,
  "malformed output":
    "view.setUint32(128, 3, true); view.setUint32(132, 9, true); bytes[136] = 7; give(14, 17);",
  "output that is longer than its frame":
    "view.setUint32(128, 3, true); view.setUint32(132, 9, true); bytes[136] = 1; view.setUint32(137, -1, true); give(14, 17);",
  "an operation of a broker's": "view.setUint32(128, 20, true); give(14, 400);",
  "an operation that does not exist": "view.setUint32(128, 9999, true); give(14, 400);",
  "an operation without its fields": "view.setUint32(128, 4, true); give(14, 4);",
  "a log at no level":
    "bytes.fill(255, 132, 140); view.setUint32(128, 4, true); view.setUint32(133, 2, true); give(14, 20);",
  "a wait for input without end":
    "view.setUint32(128, 2, true); view.setFloat64(132, Infinity, true); give(14, 12);",
  "a wait for input for no number":
    "view.setUint32(128, 2, true); view.setFloat64(132, NaN, true); give(14, 12);",
  "a read of 4 GiB of input": "view.setUint32(128, 1, true); view.setUint32(132, -1, true); give(14, 8);",
};

Deno.test("G53 operations that a forged guest asks the host for end the call, and do not stop its event loop", async () => {
  for (const [what, forgery] of Object.entries(FORGED)) {
    await using runtime = await Aegis.create({
      isolation: "worker",
      timeout: 300,
      capabilities: [LoggingCapability.atLevel("info")],
    });
    const program =
      `turn(); ${forgery} turn(); bytes[128] = 0; view.setUint32(129, 0, true); give(RESULT, 5); turn();`;
    await withForgedGuests(program, async () => {
      await using sandbox = await runtime.sandbox({ stdin: new ReadableStream({}), stdout: () => {} })
        .build();
      await sandbox.loadModule(await runtime.loadWat(`(module (func (export "run")))`));
      const { stall } = await withTicks(async () => {
        await sandbox.tryCall("run").catch((error) => assert(error instanceof RangeError, String(error)));
      });
      assert(stall < 400, `${what}: the event loop stood still for ${stall.toFixed(0)} ms`);
    });
  }
});
