import { ErrorQueue } from "../../src/cli/error_queue.ts";
import { assertEquals } from "../assert.ts";
import { AEGIS } from "./server_process.ts";

Deno.test("ErrorQueue drops what nobody reads, and says how much when somebody does", async () => {
  const read = Promise.withResolvers<void>();
  let written = "";
  const queue = new ErrorQueue(async (bytes) => {
    await read.promise;
    written += new TextDecoder().decode(bytes);
  }, 10);
  for (const text of ["one\n", "two\n", "three\n", "four\n"]) queue.add(text);
  await queue.settled(1);
  assertEquals(written, "");
  read.resolve();
  await queue.settled(1000);
  assertEquals(written, "one\ntwo\n2 lines were dropped: nobody read them in time\n");
  queue.add("five\n");
  await queue.settled(1000);
  assertEquals(written.endsWith("\nfive\n"), true);
});

Deno.test("aegis mcp answers a client that never reads stderr", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...AEGIS, "mcp", "examples/mcp/notes.wasm"],
    cwd: new URL("../../", import.meta.url),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter(), most = 500;
  const send = (message: Record<string, unknown>) =>
    writer.write(new TextEncoder().encode(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`));
  const clientInfo = { name: "t".repeat(100), version: "1" };
  await send({
    id: 0,
    method: "initialize",
    params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo },
  });
  await send({ method: "notifications/initialized" });
  const timer = setTimeout(() => child.kill("SIGKILL"), 30_000);
  let lines = 0;
  // One after the other: more at once than a session may have would be refused.
  const ask = () => send({ id: lines, method: "resources/read", params: { uri: "notes://help" } });
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const ended = text.split("\n").length - 1;
    for (let count = 0; count < ended; count++) if (++lines <= most) await ask();
    if (lines > most) break;
  }
  clearTimeout(timer);
  await Promise.all([writer.close(), new Response(child.stderr).text(), child.status]);
  assertEquals(lines, most + 1);
});
