import { grants, modulesThatResolve, NO_QUOTAS } from "./net_sandbox.ts";
import { AsyncClient } from "../../src/broker/async_client.ts";
import { netAllowances } from "../../src/broker/net_allowance.ts";
import { NetOperations } from "../../src/broker/net_operations.ts";
import type { NetworkGrant } from "../../src/policy/grants.ts";
import { GuestEnd } from "../../src/protocol/channel.ts";
import { createSharedBuffer } from "../../src/protocol/frame.ts";
import { FRAMES, TURNS, WORDS } from "../../src/protocol/layout.ts";
import { assertEquals } from "../assert.ts";

/** A client of which the test is the guest. */
interface Served {
  readonly client: AsyncClient<"net", NetworkGrant>;
  readonly ask: (...words: readonly number[]) => void;
  readonly words: Int32Array;
}

function client(): Served {
  const channel = createSharedBuffer(65536), guest = new GuestEnd(channel);
  const link = { words: new Int32Array(new SharedArrayBuffer(16)), bell: 0, readyWord: 2, readyBit: 1 };
  const ports = {
    modules: modulesThatResolve({}),
    permitted: () => true,
    now: () => 0,
    wallTime: () => 0,
    delay: () => Promise.resolve(),
  };
  const sandbox = { sandbox: "s1", grants: grants(["a.test"]), quotas: NO_QUOTAS, auditAll: false };
  const allowances = netAllowances(NO_QUOTAS, ports);
  return {
    client: new AsyncClient({
      performer: "net",
      channel,
      operations: (room) => new NetOperations({ sandbox, allowances, ports, audit: () => {}, room }),
    }),
    ask: (...fields) => {
      const writer = guest.writer();
      for (const field of fields) writer.u32(field);
      guest.giveBroker("net", link);
    },
    words: new Int32Array(channel, 0, 64),
  };
}

Deno.test("AsyncClient.serve() takes what is asked in the moment that it gave the turn back", () => {
  const { client: served, ask, words } = client();
  for (let answers = 1; answers <= 3; answers++) {
    ask(1);
    served.serve();
    assertEquals([words[WORDS.turn], words[WORDS.guestBell]], [TURNS.guest, answers]);
  }
});

Deno.test("AsyncClient.serve() leaves a frame alone that is not its, or no operation", () => {
  const { client: served, ask, words } = client();
  for (
    const [word, value] of [[WORDS.turn, TURNS.host], [WORDS.turn, TURNS.files], [
      WORDS.frameKind,
      FRAMES.result,
    ]] as const
  ) {
    ask(1);
    words[word] = value;
    const before = [...words];
    served.serve();
    assertEquals([...words], before);
  }
});

Deno.test("AsyncClient.serve() answers a turn once, however often the bell rings", async () => {
  const { client: served, ask, words } = client();
  ask(62, 7);
  for (let i = 0; i < 3; i++) served.serve();
  await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals([words[WORDS.turn], words[WORDS.guestBell]], [TURNS.guest, 1]);
  await served.close();
});
