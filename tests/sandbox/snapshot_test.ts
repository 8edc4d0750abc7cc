/** Computations that are saved, and go on in another sandbox or runtime. */
import { Aegis, AegisError, type AegisModule, hostFunction, type Sandbox } from "../../mod.ts";
import { encodeData } from "../../src/protocol/data.ts";
import { decodeSnapshot, encodeSnapshot } from "../../src/sandbox/snapshot.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { CONTENT_GUEST } from "./content_guest.ts";

/** Sums a sequence of pseudo-random numbers, for as many steps as it is told. */
const SUM = compileText(`(module
  (memory (export "memory") 1)
  (func $step (param $x i64) (result i64)
    (i64.add (i64.mul (local.get $x) (i64.const 6364136223846793005)) (i64.const 1442695040888963407)))
  (func (export "sum") (param $n i32) (result i64) (local $x i64) (local $sum i64)
    (if (i32.eq (memory.size) (i32.const 1)) (then (drop (memory.grow (i32.const 3)))))
    (loop $again
      (local.set $x (call $step (local.get $x)))
      (i64.store (i32.and (local.get $n) (i32.const 0xfff8)) (local.get $x))
      (local.set $sum (i64.add (local.get $sum)
        (i64.xor (local.get $x) (i64.load (i32.and (i32.wrap_i64 (local.get $x)) (i32.const 0xfff8))))))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))`);

/** Steps of some tenths of a second. */
const STEPS = 3_000_000;

interface Ended {
  readonly value: unknown;
  readonly fuel: bigint;
}

function newRuntime(): Promise<Aegis> {
  return Aegis.create({ engine: "interpreter", timeout: "60s", fuelLimit: "unlimited" });
}

async function loaded(runtime: Aegis, bytes: Uint8Array): Promise<{ sandbox: Sandbox; module: AegisModule }> {
  const sandbox = await runtime.sandbox().build(), module = await runtime.loadBytes(bytes);
  await sandbox.loadModule(module);
  return { sandbox, module };
}

async function uninterrupted(bytes: Uint8Array, name: string, args: readonly number[]): Promise<Ended> {
  await using runtime = await newRuntime();
  const { sandbox } = await loaded(runtime, bytes);
  return { value: await sandbox.call(name, args), fuel: sandbox.metrics().fuelConsumed };
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

Deno.test("Sandbox.snapshot() in mid-call goes on in another runtime to the same result and fuel", async () => {
  const expected = await uninterrupted(SUM, "sum", [STEPS]);
  const snapshots: Uint8Array[] = [];
  {
    await using runtime = await newRuntime();
    const { sandbox } = await loaded(runtime, SUM);
    const call = sandbox.call("sum", [STEPS]);
    for (let taken = 0; taken < 3; taken++) {
      await pause(15);
      snapshots.push(await sandbox.snapshot());
    }
    assertEquals(await call, expected.value, "the call itself goes on");
    assertEquals(sandbox.metrics().fuelConsumed, expected.fuel);
  }
  for (const snapshot of snapshots) {
    await using runtime = await newRuntime();
    await using sandbox = await runtime.restore(snapshot);
    assertEquals(sandbox.interruptedCall, { name: "sum" });
    const before = sandbox.metrics().fuelConsumed;
    assert(before > 0n && before < expected.fuel, `${before} units`);
    assertEquals(await sandbox.continueCall(), expected.value);
    assertEquals(sandbox.metrics().fuelConsumed, expected.fuel);
    assertEquals(sandbox.interruptedCall, undefined);
    assertEquals(typeof await sandbox.call("sum", [3]), "bigint");
    await assertRejects(() => sandbox.continueCall(), AegisError, "no call was interrupted");
  }
});

Deno.test("Sandbox.snapshot() of a paused sandbox, and between two calls", async () => {
  const expected = await uninterrupted(SUM, "sum", [STEPS]);
  await using runtime = await newRuntime();
  const { sandbox } = await loaded(runtime, SUM);
  const call = sandbox.call("sum", [STEPS]);
  await pause(20);
  sandbox.pause();
  const paused = await sandbox.snapshot();
  sandbox.resume();
  assertEquals(await call, expected.value);
  const idle = await sandbox.snapshot();
  await using other = await runtime.restore(paused);
  assertEquals(await other.continueCall(), expected.value);
  await using third = await runtime.restore(idle);
  assertEquals([third.interruptedCall, third.metrics().fuelConsumed], [undefined, expected.fuel]);
  assertEquals(await third.call("sum", [5]), await sandbox.call("sum", [5]));
  assertEquals(third.metrics().fuelConsumed, sandbox.metrics().fuelConsumed);
});

/** A guest of the ABI for content that is busy for long before it answers. */
const GREETER = compileText(`(module ${CONTENT_GUEST}
  (func $busy (local $n i32)
    (local.set $n (i32.const 40000000))
    (loop $l (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
  (func (export "slow") (param i32 i32) (result i64) (call $busy)
    (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))))`);

Deno.test("a sandbox that stands still where its state cannot be told goes on to where it can", async () => {
  await using runtime = await newRuntime();
  const { sandbox } = await loaded(runtime, compileText('(module (func (export "spin") (loop $l (br $l))))'));
  for (let turn = 0; turn < 6; turn++) {
    sandbox.pause();
    const call = sandbox.tryCall("spin"); // it stands still before its first instruction
    await pause(5 * turn);
    const snapshot = await Promise.race([sandbox.snapshot(), pause(5000)]);
    assert(snapshot !== undefined, `no snapshot in turn ${turn}`);
    const used = sandbox.metrics().fuelConsumed;
    await pause(5);
    assertEquals(sandbox.metrics().fuelConsumed, used, "it stands still again");
    sandbox.stop();
    assertEquals(await call, { kind: "aborted", reason: "cancelled" });
    await sandbox.reset();
  }
});

Deno.test("a call with text goes on elsewhere: arguments, result, and the room that is given back", async () => {
  await using runtime = await newRuntime();
  const { sandbox } = await loaded(runtime, GREETER);
  const type = { params: ["string"], results: ["string"] } as const;
  const call = sandbox.call("slow", ["good morning"], { type });
  await pause(15);
  const snapshot = await sandbox.snapshot();
  assertEquals(await call, "good morning");
  await using other = await runtime.restore(snapshot);
  assertEquals(await other.continueCall(), "good morning");
  assertEquals(await other.call("freed"), await sandbox.call("freed"));
});

const ASKER = compileText(`(module
  (import "env" "ask" (func $ask (param i32) (result i32)))
  (func (export "run") (param i32) (result i32) (local $sum i32)
    (loop $l
      (local.set $sum (i32.add (local.get $sum) (call $ask (local.get 0))))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (local.get $sum)))`);

Deno.test("a call that waits for the host goes on elsewhere with the host's answer of there", async () => {
  await using runtime = await newRuntime();
  const module = await runtime.loadBytes(ASKER), sandbox = await runtime.sandbox().build();
  const asked: number[] = [], answered = Promise.withResolvers<number>();
  sandbox.registerFunc("env", "ask", { params: ["i32"], results: ["i32"] }, (number) => {
    asked.push(number);
    return number === 2 ? answered.promise : number;
  });
  await sandbox.loadModule(module);
  const call = sandbox.call("run", [4]);
  while (asked.length < 3) await pause(5);
  const taking = sandbox.snapshot(); // it comes when the host has answered: before the question after that
  await pause(20);
  answered.resolve(2);
  const snapshot = await taking;
  assertEquals([await call, asked], [10, [4, 3, 2, 1]]);
  const askedThere: number[] = [];
  await using other = await runtime.restore(snapshot, {
    hostFunctions: {
      env: {
        ask: hostFunction({ params: ["i32"], results: ["i32"] }, (number) => {
          askedThere.push(number);
          return 100;
        }),
      },
    },
  });
  assertEquals([await other.continueCall(), askedThere], [4 + 3 + 2 + 100, [1]]);
});

Deno.test("Aegis.restore() refuses what is truncated, altered, foreign, or too large for the new limits", async () => {
  await using runtime = await newRuntime();
  const { sandbox } = await loaded(runtime, SUM);
  const call = sandbox.call("sum", [STEPS]);
  await pause(10);
  const snapshot = await sandbox.snapshot();
  sandbox.stop();
  await call.catch(() => {});
  const refused = async (bytes: Uint8Array, why: string, options = {}) => {
    const error = await assertRejects(() => runtime.restore(bytes, options), AegisError);
    assertEquals([error.code, error.message.includes(why)], ["SnapshotInvalid", true], error.message);
  };
  for (const length of [0, 7, 55, 56, 1000, snapshot.length - 1]) {
    await refused(snapshot.slice(0, length), length < 56 ? "does not begin as one" : "it ends after");
  }
  await refused(Uint8Array.from([...snapshot, 0]), "1 bytes follow its end");
  for (let at = 24; at < snapshot.length; at += 997) {
    const altered = snapshot.slice();
    altered[at] = (altered[at] ?? 0) ^ 16;
    await refused(altered, "its checksum is wrong");
  }
  const later = snapshot.slice();
  later[8] = 9;
  await refused(later, "its version is 9");
  await refused(snapshot, "its memories have 262144 bytes, 131072 are allowed", { memoryLimit: "128KiB" });
  const content = await decodeSnapshot(snapshot), state = encodeData(content.state);
  const changed = (change: object) => content.modules.map((module) => ({ ...module, ...change }));
  await refused(
    await encodeSnapshot({ ...content, state, modules: changed({ code: "00" }) }),
    "by another version of Aegis, or under other options",
  );
  await refused(
    await encodeSnapshot({ ...content, state, modules: changed({ hash: "00" }) }),
    "another one than its hash says",
  );
  await refused(await encodeSnapshot({ ...content, state, modules: [] }), "what is no function");
  await refused(
    await encodeSnapshot({ ...content, state: encodeData({ format: 9 }) }),
    "its format is 9, not 1",
  );
});

Deno.test("Aegis.restore() refuses a state whose meters are none: limits would not hold for who goes on from it", async () => {
  await using runtime = await newRuntime();
  const { sandbox } = await loaded(runtime, SUM);
  const call = sandbox.call("sum", [STEPS]);
  await pause(10);
  const content = await decodeSnapshot(await sandbox.snapshot());
  sandbox.stop();
  await call.catch(() => {});
  const { state } = content, [instance] = state.store.instances;
  const wasi = (change: object) => ({ wasi: { ...state.wasi, ...change } });
  const cases: readonly (readonly [change: object, says: string])[] = [
    [{ consumed: -(2n ** 62n) }, "state.consumed is no amount"],
    [{ consumed: 5 }, "state.consumed is no amount"],
    [{ consumedBefore: -1n }, "state.consumedBefore is no amount"],
    [{ callFuel: -1n }, "state.callFuel is no amount"],
    [{ hostCalls: NaN }, "state.hostCalls is no whole number"],
    [{ hostCalls: -1e9 }, "state.hostCalls is no whole number"],
    [{ refusals: 0.5 }, "state.refusals is no whole number"],
    [{ call: null }, "state.call is no record"],
    [
      { call: { ...state.call, rooms: [{ address: -1, size: 1 }] } },
      "state.call.rooms[0].address is no whole number",
    ],
    [{ stack: { last: 0, extensions: 5 } }, "state.stack.extensions is no list"],
    [
      { store: { ...state.store, instances: [{ ...instance, memories: [{ size: NaN }] }] } },
      "memories[0].size is no",
    ],
    [
      { store: { ...state.store, tables: [{ elements: new Uint8Array() }] } },
      "tables[0].elements is no words",
    ],
    [wasi({ clocks: { elapsed: NaN, fake: 0n, last: 0n } }), "state.wasi.clocks.elapsed is no time"],
    [wasi({ descriptors: [{ fd: 3 }] }), "state.wasi.descriptors[0].kind is no text"],
    [wasi({ random: { words: [1], word: 0, left: 0 } }), "state.wasi.random.words is no words"],
    [{ more: 1 }, "state has a field more"],
  ];
  for (const [change, says] of cases) {
    const altered = await encodeSnapshot({ ...content, state: encodeData({ ...state, ...change }) });
    const error = await assertRejects(() => runtime.restore(altered), AegisError);
    assertEquals([error.code, error.message.includes(says)], ["SnapshotInvalid", true], error.message);
  }
  const args = await encodeSnapshot({ ...content, args: ["a\0b"], state: encodeData(state) });
  const error = await assertRejects(() => runtime.restore(args), AegisError);
  assertEquals([error.code, error.message.includes("without NUL")], ["SnapshotInvalid", true], error.message);
});

Deno.test("Sandbox.snapshot() says what it cannot save", async () => {
  await using runtime = await newRuntime();
  const v8 = await runtime.sandbox().build();
  await v8.loadModule(await runtime.loadBytes(SUM, { engine: "v8" }));
  await assertRejects(() => v8.snapshot(), AegisError, 'it runs in engine "v8"');
  const call = v8.call("sum", [200_000_000]);
  await pause(5);
  await assertRejects(() => v8.snapshot(), AegisError, 'it runs in engine "v8"');
  v8.stop();
  await call.catch(() => {});
  const { sandbox } = await loaded(runtime, SUM);
  const batch = sandbox.callMany("sum", [[STEPS], [STEPS]]);
  await pause(10);
  await assertRejects(() => sandbox.snapshot(), AegisError, "it is not in a call of one function");
  assertEquals((await batch).length, 2);
});
