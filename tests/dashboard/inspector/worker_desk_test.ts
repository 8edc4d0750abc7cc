import { WorkerDesk } from "../../../src/dashboard/inspector/worker_desk.ts";
import { WorkerError } from "../../../src/dashboard/inspector/worker_failure.ts";
import type { WorkerPort, WorkerReply } from "../../../src/dashboard/inspector/worker_messages.ts";
import { assertEquals, assertRejects } from "../../assert.ts";

/** A Worker that answers when it is told to. */
class FakeWorker implements WorkerPort {
  onmessage: WorkerPort["onmessage"] = null;
  onmessageerror: WorkerPort["onmessageerror"] = null;
  onerror: WorkerPort["onerror"] = null;
  readonly posted: unknown[] = [];
  terminated = 0;

  postMessage(message: unknown): void {
    if (message === "cannot be posted") throw new TypeError("It cannot be cloned");
    this.posted.push(message);
  }

  terminate(): void {
    this.terminated++;
  }

  reply(data: WorkerReply): void {
    this.onmessage?.(new MessageEvent("message", { data }));
  }

  fail(message: string): void {
    const event = new ErrorEvent("error", { message, cancelable: true });
    this.onerror?.(event);
    assertEquals(event.defaultPrevented, true);
  }
}

/** Longer than any test takes. */
const LONG = 600_000;

function desk(timeLimit = LONG): { worker: FakeWorker; desk: WorkerDesk } {
  const worker = new FakeWorker();
  return { worker, desk: new WorkerDesk({ worker, task: "do it", timeLimit }) };
}

async function rejected(promise: Promise<unknown>): Promise<[string, string]> {
  const error = await assertRejects(() => promise, WorkerError);
  return [error.code, error.message];
}

Deno.test("WorkerDesk posts one request at a time, in their order", async () => {
  const { worker, desk: asked } = desk();
  const first = asked.ask("first"), second = asked.ask("second");
  assertEquals(worker.posted, ["first"]);
  worker.reply({ answer: 1 });
  assertEquals(worker.posted, ["first", "second"]);
  worker.reply({ answer: 2 });
  assertEquals([await first, await second], [1, 2]);
  asked.close();
});

Deno.test("WorkerDesk goes on after a request that failed", async () => {
  const { worker, desk: asked } = desk();
  const first = rejected(asked.ask("first")), second = asked.ask("second");
  worker.reply({ failure: { code: "ModuleInvalid", message: "It is wrong", offset: 7 } });
  assertEquals(await first, ["ModuleInvalid", "It is wrong"]);
  worker.reply({ answer: 2 });
  assertEquals([await second, asked.closed, worker.terminated], [2, false, 0]);
  asked.close();
});

Deno.test("WorkerDesk ends the Worker with the first request that takes too long", async () => {
  const { worker, desk: asked } = desk(5);
  const why = ["Timeout", "Cannot do it: it took longer than 5.00ms and was stopped"];
  const [first, second] = [rejected(asked.ask("first")), rejected(asked.ask("second"))];
  assertEquals([await first, await second], [why, why] as [[string, string], [string, string]]);
  assertEquals([worker.terminated, worker.posted, asked.closed], [1, ["first"], true]);
  assertEquals(await rejected(asked.ask("third")), why as [string, string]);
  worker.reply({ answer: 1 });
  asked.close();
  assertEquals(worker.terminated, 1);
});

Deno.test("WorkerDesk rejects what is under way when it is closed, and what comes later", async () => {
  const { worker, desk: asked } = desk();
  const first = rejected(asked.ask("first"));
  asked.close();
  assertEquals(await first, ["Closed", "Cannot do it: it was closed"]);
  assertEquals(await rejected(asked.ask("second")), ["Closed", "Cannot do it: it was closed"]);
  assertEquals(worker.terminated, 1);
});

Deno.test("WorkerDesk says why a Worker failed", async () => {
  const failing = desk(), silent = desk(), garbled = desk(), uncloned = desk();
  const answers = [failing, silent, garbled].map(({ desk: asked }) => rejected(asked.ask("it")));
  answers.push(rejected(uncloned.desk.ask("cannot be posted")));
  failing.worker.fail("Out of memory");
  silent.worker.fail("");
  garbled.worker.onmessageerror?.(new MessageEvent("messageerror"));
  assertEquals(await Promise.all(answers), [
    ["Failed", "Cannot do it: Out of memory"],
    ["Failed", "Cannot do it: its program cannot be loaded"],
    ["Failed", "Cannot do it: its answer cannot be read"],
    ["Failed", "Cannot do it: It cannot be cloned"],
  ]);
  for (const { worker } of [failing, silent, garbled, uncloned]) assertEquals(worker.terminated, 1);
});
