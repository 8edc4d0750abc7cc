import { NO_QUOTAS } from "./net_sandbox.ts";
import { AllowanceBook } from "../../src/broker/net_allowance.ts";
import { assert, assertEquals } from "../assert.ts";

const TIME = { now: () => 0, delay: () => Promise.resolve() };

Deno.test("AllowanceBook.of() gives a sandbox what is left to it, until it is forgotten", () => {
  const book = new AllowanceBook(TIME), quotas = { ...NO_QUOTAS, readBytes: 10, writeBytes: 10 };
  const of = (sandbox: string) => book.of({ sandbox, quotas });
  assert(!of("a").reads.charge(11));
  assertEquals([of("a").reads.usedUp, of("a").writes.usedUp, of("b").reads.usedUp], [true, false, false]);
  of("a").reads.renew();
  assertEquals(of("a").reads.portion, 10);
  of("a").writes.take(10);
  book.forget("a");
  assertEquals(of("a").writes.usedUp, false);
});
