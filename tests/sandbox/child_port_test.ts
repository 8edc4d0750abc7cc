/** The port to a program in a child process, with children that our program is not. */
import { startChildPort } from "../../src/sandbox/child_port.ts";
import { encodeData } from "../../src/protocol/data.ts";
import { packet, PACKETS } from "../../src/relay/wire.ts";
import { assertEquals, assertMatch } from "../assert.ts";

/** Asks a child with this program until it fails; how it did, and how many answers came before. */
async function ask(program: string, request: Uint8Array): Promise<{ readonly why: string; answers: number }> {
  const failed = Promise.withResolvers<string>();
  const port = startChildPort({ execPath: Deno.execPath(), program, workerProgram: "", answerSize: 100 });
  let answers = 0;
  port.onerror = ({ message }) => failed.resolve(message);
  port.onmessage = () => {
    if (++answers < 16) port.postMessage(request);
    else failed.resolve("it goes on");
  };
  port.postMessage(request);
  const late = setTimeout(() => failed.resolve("it goes on"), 3000);
  const why = await failed.promise;
  clearTimeout(late);
  port.terminate();
  return { why, answers };
}

const ANSWERS = `const answer = new Uint8Array([${packet(PACKETS.report, encodeData(1)).join()}]);
  setInterval(() => Deno.stdout.writeSync(answer), 5);`;

Deno.test("startChildPort() takes no answers of a child that reads no requests", async () => {
  const { why, answers } = await ask(ANSWERS, new Uint8Array(1_000_000));
  assertMatch(why, /^it sent what it may not: .* unread$/);
  assertEquals(answers, 0);
});

Deno.test("startChildPort() takes no more answers than there were requests", async () => {
  const { why } = await ask(
    `Deno.stdout.writeSync(new Uint8Array([${
      [0, 1].map(() => packet(PACKETS.report, encodeData(1)).join())
    }])); setInterval(() => {}, 1000);`,
    new Uint8Array(),
  );
  assertMatch(why, /^it sent what it may not: /);
});

Deno.test("startChildPort() quotes what a program says of its failure", async () => {
  const failed = packet(PACKETS.failed, new TextEncoder().encode("\u001b[2Jall is well"));
  const { why } = await ask(
    `Deno.stdout.writeSync(new Uint8Array([${failed.join()}])); setInterval(() => {}, 1000);`,
    new Uint8Array(),
  );
  assertEquals(why, 'its program failed: "\\u001b[2Jall is well"');
});
