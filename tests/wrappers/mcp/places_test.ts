import { AegisError } from "../../../src/core/errors.ts";
import { Places } from "../../../src/wrappers/mcp/places.ts";
import { assert, assertEquals, assertRejects } from "../../assert.ts";

const never = new AbortController().signal;

Deno.test("Places go round the sessions, however many calls one of them has waiting", async () => {
  const places = new Places(1, { wait: undefined }), first = { alone: false }, second = { alone: false };
  const leave = await places.take(first, never), order: string[] = [];
  const use = async (name: string, user: { readonly alone: boolean }) => {
    const end = await places.take(user, never);
    order.push(name);
    end();
  };
  const uses = [...["a1", "a2", "a3"].map((name) => use(name, first)), use("b1", second)];
  leave();
  await Promise.all(uses);
  assertEquals(order, ["a1", "b1", "a2", "a3"]);
});

Deno.test("one of several sessions never has all places, and the only one may", async () => {
  const places = new Places(3, { wait: 10 }), greedy = { alone: false }, other = { alone: false };
  for (let time = 0; time < 2; time++) await places.take(greedy, never);
  const third = assertRejects(() => places.take(greedy, never), AegisError, "all guests were busy");
  await places.take(other, never);
  assertEquals((await third).code, "PoolBusy");
  const own = new Places(2, { wait: 10 }), only = { alone: true };
  await Promise.all([own.take(only, never), own.take(only, never)]);
  await new Places(1, { wait: 10 }).take(greedy, never);
});

Deno.test("a call that is cancelled while it waits leaves its place to the next", async () => {
  const places = new Places(1, { wait: undefined }), user = { alone: true }, cancel = new AbortController();
  const leave = await places.take(user, never);
  const cancelled = assertRejects(() => places.take(user, cancel.signal), AegisError);
  const next = places.take(user, never);
  cancel.abort();
  assertEquals((await cancelled).code, "Cancelled");
  leave();
  leave(); // gives no second place
  const end = await next;
  let entered = false;
  const last = places.take(user, never).then((done) => {
    entered = true;
    done();
  });
  await Promise.resolve();
  assert(!entered);
  end();
  await last;
  assertEquals(
    (await assertRejects(() => places.take(user, AbortSignal.abort()), AegisError)).code,
    "Cancelled",
  );
});
