import { errnoOf } from "../../src/broker/net_failure.ts";
import { FrameError } from "../../src/protocol/frame.ts";
import { OperationError } from "../../src/protocol/operations.ts";
import { assertEquals } from "../assert.ts";

Deno.test("errnoOf() knows an error number for whatever is thrown", () => {
  const coded = (code: unknown) => Object.assign(new Error("/etc/secret 10.0.0.1"), { code });
  assertEquals(errnoOf(coded("ECONNREFUSED")), "connrefused");
  assertEquals(errnoOf(coded("HPE_HEADER_OVERFLOW")), "msgsize");
  assertEquals(errnoOf(coded("HPE_INVALID_CONSTANT")), "proto");
  assertEquals(errnoOf(coded("ERR_IP_BLOCKED")), "notcapable");
  assertEquals(errnoOf(new Deno.errors.NotCapable("x")), "notcapable");
  assertEquals(errnoOf(new OperationError("mfile")), "mfile");
  assertEquals(errnoOf(new FrameError("x")), "inval");
  for (
    const odd of [coded("EWHATEVER"), coded("constructor"), coded("__proto__"), coded(5), new Error("x")]
  ) {
    assertEquals(errnoOf(odd), "io");
  }
  for (const odd of [undefined, null, "ECONNREFUSED", 14, { code: "ECONNREFUSED" }]) {
    assertEquals(errnoOf(odd), "io");
  }
});
