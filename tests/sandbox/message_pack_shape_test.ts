import { decode, encode } from "@msgpack/msgpack";
import { CONTENT_GUEST } from "./content_guest.ts";
import { running } from "./started.ts";
import fc from "../fast_check.ts";
import { messagePackProblem } from "../../src/sandbox/message_pack_shape.ts";
import { residentMemory } from "../adversarial/process_facts.ts";
import { assert, assertEquals } from "../assert.ts";

Deno.test("messagePackProblem() takes what is encoded, whole and alone", () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), fc.uint8Array({ maxLength: 40 }), (value, tail) => {
    const bytes = encode([value, tail, "x".repeat(tail.length * 10), -tail.length, 2 ** tail.length]);
    assert(messagePackProblem(bytes) === undefined);
    for (let end = 0; end < bytes.length; end++) {
      assert(messagePackProblem(bytes.subarray(0, end)) !== undefined);
    }
    assert(messagePackProblem(Uint8Array.of(...bytes, 0)) !== undefined);
  }));
});

Deno.test("messagePackProblem() agrees with the package on any bytes, where that is cheap to ask", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
      if (messagePackProblem(bytes) !== undefined) return;
      try {
        decode(bytes);
      } catch (error) {
        // Keys of other kinds, and times out of range, are none of our business.
        assert(!(error instanceof RangeError && error.message.includes("bounds")), String(error));
      }
    }),
    { numRuns: 3000 },
  );
});

Deno.test("D37 bytes that declare more than they hold take no memory", async () => {
  await using started = await running(CONTENT_GUEST);
  const { sandbox } = started, type = { params: ["bytes"], results: ["msgpack"] } as const;
  const before = residentMemory();
  for (const first of [0xdc, 0xdd, 0xde, 0xdf]) {
    const bomb = new Uint8Array(50_000);
    for (let at = 0; at < bomb.length; at += 5) bomb.set([first, 0x01, 0xff, 0xff, 0xff], at);
    const outcome = await sandbox.tryCall("copy", [bomb], { type });
    assertEquals(outcome.kind, "abi");
    await sandbox.reset();
  }
  assert(residentMemory() - before < 100, `${residentMemory() - before} MiB`);
});
