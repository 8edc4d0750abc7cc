/**
 * D37 and D38: structured values that take a hundred times their bytes of the heap, which is the host's, and seconds of its
 * thread. Without a bound 16 MB of MessagePack, each byte a list in the one before, took 2.4 GB and 13 s.
 */
import { assert, assertMatch } from "../../assert.ts";
import { residentMemory, withTicks } from "../process_facts.ts";
import { compileText } from "../../testsuite/module_bytes.ts";
import { Aegis, type Outcome } from "../../../mod.ts";
import { undelayed } from "../../undelayed.ts";

interface Bomb {
  readonly form: "json" | "msgpack";
  readonly bytes: () => Uint8Array;
  readonly says: RegExp;
}

const SIZE = 16_000_000, AT = 65_536;

const DEEP = /levels deep/, MANY = /more than 500000 lists, objects and keys/;

const text = (text: string) => new TextEncoder().encode(text);

/** The text again and again, between two others, and blanks to the end. */
const repeated = (from: string, again: string, to: string) =>
  text(
    `${from}${again.repeat(Math.floor((SIZE - from.length - to.length) / again.length))}${to}`.padEnd(SIZE),
  );

/** One byte again and again, and another one at the end. */
function nested(byte: number): Uint8Array {
  const bytes = new Uint8Array(SIZE).fill(byte);
  bytes[SIZE - 1] = 0;
  return bytes;
}

/** An array with an element of one byte for each that is left. */
function elements(byte: number): Uint8Array {
  const bytes = new Uint8Array(SIZE).fill(byte);
  bytes[0] = 0xdd;
  new DataView(bytes.buffer).setUint32(1, SIZE - 5);
  return bytes;
}

const BOMBS: Readonly<Record<string, Bomb>> = {
  "lists in lists, as JSON": {
    form: "json",
    bytes: () => text(`${"[".repeat(SIZE / 2)}${"]".repeat(SIZE / 2)}`),
    says: DEEP,
  },
  "empty objects, as JSON": { form: "json", bytes: () => repeated("[", "{},", "0]"), says: MANY },
  "keys, as JSON": { form: "json", bytes: () => repeated("{", '"a":0,', '"b":0}'), says: MANY },
  "lists in lists, as MessagePack": { form: "msgpack", bytes: () => nested(0x91), says: DEEP },
  "empty lists, as MessagePack": { form: "msgpack", bytes: () => elements(0x90), says: MANY },
  "zeros, as MessagePack": { form: "msgpack", bytes: () => elements(0), says: MANY },
};

/** Returns what lies in its memory, and passes it to the host. */
const GUEST = compileText(
  `(module (import "env" "take" (func $take (param i32 i32))) (memory (export "memory") 300)
  (func (export "aegis_alloc") (param i32) (result i32) (i32.const 16))
  (func (export "aegis_free") (param i32 i32))
  (func (export "give") (result i64) (i64.const ${BigInt(AT) << 32n | BigInt(SIZE)}))
  (func (export "pass") (call $take (i32.const ${AT}) (i32.const ${SIZE}))))`,
);

/** What is said of an end that is no value. */
const said = (outcome: Outcome) =>
  outcome.kind === "hostError" ? String(outcome.error) : "message" in outcome ? outcome.message : "";

/** Each way to hand it over: as a result, to a function of the host's, to one in the guest's own thread. */
const WAYS = ["returned", "passed to the host", "passed inside its thread"] as const;

for (const [what, { form, bytes, says }] of Object.entries(BOMBS)) {
  Deno.test(`D37 and D38 ${what}, returned or passed on, neither fill nor stop the host`, async () => {
    await using runtime = await Aegis.create({ timeout: "20s" });
    const module = await runtime.loadBytes(GUEST), bomb = bytes();
    for (const way of WAYS) {
      const inline = way === "passed inside its thread";
      if (inline && form === "msgpack") continue; // there is none
      // What it ends with has nothing to do with the time: it is looked at once.
      const end = await undelayed(200, async () => {
        await using sandbox = await runtime.sandbox().build();
        sandbox.registerFunc("env", "take", { params: [form], results: [], inline }, () => {});
        await sandbox.loadModule(module);
        for (let at = 0; at < SIZE; at += 2 ** 22) {
          await sandbox.writeMemory(AT + at, bomb.subarray(at, at + 2 ** 22));
        }
        const before = residentMemory();
        const { result, stall } = await withTicks(() =>
          way === "returned"
            ? sandbox.tryCall("give", [], { type: { params: [], results: [form] } })
            : sandbox.tryCall("pass")
        );
        if (!says.test(said(result))) return result;
        assert(stall < 500, `${way}: the event loop stood still for ${stall.toFixed(0)} ms`);
        assert(residentMemory() - before < 150, `${way}: ${residentMemory() - before} MiB more`);
        return result;
      });
      assert(end.kind !== "value", way);
      assertMatch(said(end), says, way);
    }
  });
}
