import { errnoOf } from "../../src/broker/failure.ts";
import { Refused } from "../../src/broker/refusals.ts";
import { FrameError } from "../../src/protocol/frame.ts";
import { OperationError } from "../../src/protocol/operations.ts";
import { assertEquals } from "../assert.ts";

Deno.test("errnoOf() has a number for everything that can be thrown", () => {
  const withCode = (code: unknown) => Object.assign(new Error("x"), { code });
  assertEquals(errnoOf(new OperationError("xdev")), "xdev");
  assertEquals(errnoOf(new Refused("readOnly", { action: "write", target: "", flag: "" })), "rofs");
  assertEquals(errnoOf(new FrameError("x")), "inval");
  assertEquals(errnoOf(new Deno.errors.NotFound("x")), "noent");
  assertEquals(errnoOf(new Deno.errors.NotCapable("x")), "notcapable");
  assertEquals(errnoOf(new Deno.errors.PermissionDenied("x")), "acces");
  assertEquals(errnoOf(Object.assign(new Deno.errors.PermissionDenied("x"), { code: "EPERM" })), "perm");
  assertEquals(errnoOf(withCode("ENOTEMPTY")), "notempty");
  assertEquals(errnoOf(withCode("EMFILE")), "nfile");
  assertEquals(errnoOf(new Error("File too large (os error 27)")), "fbig");
  assertEquals(errnoOf(new Error("No space left on device (os error 28): write '/host/path'")), "nospc");
  for (
    const other of [withCode("EWHATEVER"), withCode(5), new RangeError("x"), "text", null, undefined, 5, {}]
  ) {
    assertEquals(errnoOf(other), "io");
  }
});
