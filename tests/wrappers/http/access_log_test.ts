/** Each request is told of once, with what became of its answer. */
import { accessLine, answerResponse } from "../../../src/wrappers/http/access_log.ts";
import { type AccessEntry, HttpFailure, httpSite } from "../../../wrappers.ts";
import { assertEquals, assertRejects } from "../../assert.ts";
import { printing, served } from "./rig.ts";

Deno.test("an answer that its client leaves while a piece is awaited is told of once", async () => {
  const told: (readonly [number, number | undefined])[] = [];
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => controller.enqueue(new Uint8Array(3)),
  });
  const response = answerResponse({ status: 200, headers: new Headers(), body }, (bytes, failure) => {
    told.push([bytes, failure?.status]);
  });
  const reader = response.body?.getReader();
  await reader?.read();
  const waiting = reader?.read();
  await new Promise((resolve) => setTimeout(resolve)); // until the piece is asked for
  await reader?.cancel();
  assertEquals((await waiting)?.done, true);
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(told, [[3, 499]]);
});

Deno.test("a guest that fails amid its answer is a 502 in the log, one that takes too long a 504, and one line each", async () => {
  const endless = "(loop $l (br $l))", much = "A: 1\n\n" + "x".repeat(70_000);
  for (const [then, status] of [["unreachable", 502], [endless, 504]] as const) {
    await using one = await served(printing(much, then), { timeout: "500ms" });
    const log: AccessEntry[] = [];
    const site = httpSite({ modules: [one.handler], onAccess: (entry) => void log.push(entry) });
    const response = await site.fetch(new Request("http://localhost/"));
    assertEquals(response.status, 200);
    await assertRejects(() => response.bytes(), HttpFailure);
    await new Promise((resolve) => setTimeout(resolve));
    assertEquals(log.map((entry) => entry.status), [status]);
    assertEquals(one.log.map(({ kind, text }) => [kind, text.slice(0, 4)]), [["failure", `${status}:`]]);
  }
});

Deno.test("a backslash of a client's is none of the log's", () => {
  const entry = { time: "t", method: "GET", status: 200, bytes: 0, duration: 0, module: undefined } as const;
  assertEquals(
    accessLine({ ...entry, remote: "a b", target: "/?\\x0a\n" }),
    "t a\\x20b GET /?\\x5cx0a\\x0a 200 0B 0.0ms -",
  );
});
