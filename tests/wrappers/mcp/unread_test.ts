import { Unread } from "../../../src/wrappers/mcp/unread.ts";
import { assert, assertEquals, assertRejects } from "../../assert.ts";

/** Answers of some bytes each, as the SDK writes them: at once. */
function answers(unread: Unread) {
  let ended = 0;
  return {
    give: (size: number, session: object) => {
      const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start: (control) => {
          for (let at = 0; at < size; at += 100) control.enqueue(new Uint8Array(Math.min(100, size - at)));
          control.close();
        },
      });
      return unread.pass(new Response(body), session, () => ended++);
    },
    ended: () => ended,
  };
}

/** Lets what is under way come to where it waits. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

const read = async (response: Response) => (await response.bytes()).length;

Deno.test("an answer counts until it is read, and comes whole", async () => {
  const unread = new Unread({ session: 1000, all: 2000 }), { give, ended } = answers(unread), session = {};
  const response = give(950, session);
  await settle();
  assertEquals([unread.bytes, ended()], [950, 0]);
  assertEquals(await read(response), 950);
  assertEquals([unread.bytes, ended()], [0, 1]);
});

Deno.test("G59 what a session leaves unread is bounded: an answer past that is cut off", async () => {
  const unread = new Unread({ session: 1000, all: 9000 }), { give, ended } = answers(unread), session = {};
  const first = give(800, session);
  await settle();
  const second = give(800, session), other = give(800, {});
  await settle();
  assertEquals([unread.bytes, ended()], [1600, 1]);
  await assertRejects(() => second.bytes(), Error, "unread");
  assertEquals([await read(first), await read(other)], [800, 800]);
  assertEquals([unread.bytes, ended()], [0, 3]);
});

Deno.test("G59 what all sessions leave unread is bounded: the answer that nobody reads for longest is cut off", async () => {
  const unread = new Unread({ session: 1000, all: 2000 }), { give } = answers(unread);
  const stale = give(900, {}), slow = give(900, {});
  await settle();
  const reader = slow.body?.getReader();
  await reader?.read();
  await reader?.read(); // it has read a piece
  const fresh = give(900, {});
  await settle();
  assert(unread.bytes <= 2000);
  await assertRejects(() => stale.bytes(), Error, "unread");
  assertEquals(await read(fresh), 900);
});

Deno.test("an answer that is larger than all bounds is given, alone", async () => {
  const unread = new Unread({ session: 10, all: 10 }), { give } = answers(unread);
  assertEquals(await read(give(5000, {})), 5000);
});

Deno.test("an answer ends once where its writer fails, and where nobody wants it", async () => {
  const unread = new Unread();
  let ended = 0;
  const broken = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: () => {
      throw new Error("broken");
    },
  });
  const failed = unread.pass(new Response(broken), {}, () => ended++);
  await assertRejects(() => failed.bytes(), Error, "broken");
  assertEquals(ended, 1);
  const { give, ended: endedToo } = answers(unread), left = give(500, {});
  await settle();
  await left.body?.cancel();
  assertEquals([unread.bytes, endedToo()], [0, 1]);
});
