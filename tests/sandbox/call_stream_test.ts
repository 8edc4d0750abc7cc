/** The order of things in a stream of calls, with callers that a test ends by hand; no guests. */
import { AegisError, type CallInputs, type CallValue, type Outcome, type StreamResult } from "../../mod.ts";
import { CallStream } from "../../src/sandbox/call_stream.ts";
import { type PoolStreamOptions, readStreamOptions } from "../../src/sandbox/stream_options.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";
import { settled } from "./pool_rig.ts";

/** Numbers from 0, and what was done to the source of them. */
class Numbers implements AsyncIterable<readonly CallValue[]> {
  pulled = 0;
  returned = 0;
  /** What the source throws instead of that number. */
  failAt: number | undefined;
  /** What a pull waits for. */
  gate: Promise<void> = Promise.resolve();

  constructor(readonly length: number) {}

  [Symbol.asyncIterator](): AsyncIterator<readonly CallValue[]> {
    return {
      next: async () => {
        await this.gate;
        if (this.pulled === this.failAt) throw new RangeError("the source is broken");
        if (this.pulled >= this.length) return { done: true, value: undefined };
        return { done: false, value: [this.pulled++] };
      },
      return: () => {
        this.returned++;
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }
}

interface Call {
  readonly args: readonly CallValue[];
  readonly signal: AbortSignal;
  end(outcome: Outcome): void;
  fail(error: unknown): void;
}

interface StreamRig {
  readonly stream: CallStream;
  /** Calls that are under way, in the order in which they began. */
  readonly calls: Call[];
  /** Calls that were begun. */
  readonly begun: () => number;
}

/** @param lanes calls at once */
function rig(inputs: CallInputs, options: PoolStreamOptions = {}, lanes = 4, cancels = true): StreamRig {
  const calls: Call[] = [];
  let begun = 0;
  const call = (args: readonly CallValue[], signal: AbortSignal): Promise<Outcome> => {
    begun++;
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const leave = () => void calls.splice(calls.indexOf(one), 1);
    const one: Call = {
      args,
      signal,
      end: (outcome) => (leave(), resolve(outcome)),
      fail: (error) => (leave(), reject(error)),
    };
    calls.push(one);
    signal.addEventListener("abort", () => one.end({ kind: "aborted", reason: "cancelled" }));
    return promise;
  };
  const plan = readStreamOptions(options, { concurrency: lanes, of: "pool" });
  const stream = new CallStream("f", inputs, { plan, caller: { call, lanes, cancels } });
  return { stream, calls, begun: () => begun };
}

function value(of: number): Outcome {
  return { kind: "value", values: [of] };
}

/** Ends the call with that argument with ten times it. */
function finish({ calls }: StreamRig, input: number): void {
  const found = calls.find(({ args }) => args[0] === input);
  assert(found !== undefined, `call ${input} is under way`);
  found.end(value(input * 10));
}

/** Reads to the end; indexes with the first value, and what it threw. */
async function readAll(stream: CallStream): Promise<string[]> {
  const read: string[] = [];
  try {
    for await (const { index, outcome } of stream) read.push(`${index}:${textOf(outcome)}`);
  } catch (error) {
    read.push(error instanceof AegisError ? error.code : String(error));
  }
  return read;
}

function textOf(outcome: Outcome): string {
  return outcome.kind === "value" ? String(outcome.values[0]) : outcome.kind;
}

async function nextIndex(
  read: Promise<IteratorResult<StreamResult, undefined>>,
): Promise<number | undefined> {
  return (await read).value?.index;
}

Deno.test("a stream takes nothing before it is read, and never more than its window has room for", async () => {
  const numbers = new Numbers(100), started = rig(numbers, { concurrency: 6 }, 4), { stream } = started;
  await settled();
  assertEquals([numbers.pulled, started.begun()], [0, 0]);
  const first = stream.next();
  await settled();
  assertEquals([numbers.pulled, started.begun()], [6, 4]);
  for (const input of [0, 1, 2, 3]) finish(started, input);
  await settled();
  assertEquals(await nextIndex(first), 0);
  assertEquals([numbers.pulled, started.begun()], [7, 7], "one was read, one more was taken");
  for (const input of [4, 5, 6]) finish(started, input);
  await settled();
  assertEquals(numbers.pulled, 7, "nobody reads");
  assertEquals(await nextIndex(stream.next()), 1);
  await settled();
  assertEquals(numbers.pulled, 8);
  await stream.return();
});

Deno.test("a stream that is ordered waits for the first, one that is not gives what comes", async () => {
  for (const [ordered, expected] of [[true, "0:0,1:10,2:20"], [false, "2:20,0:0,1:10"]] as const) {
    const started = rig([[0], [1], [2]], { ordered }), all = readAll(started.stream);
    await settled();
    for (const input of [2, 0, 1]) {
      finish(started, input);
      await settled();
    }
    assertEquals((await all).join(), expected);
  }
});

Deno.test("a slow call of an ordered stream holds up the source, and nothing is kept beyond the window", async () => {
  const numbers = new Numbers(100),
    started = rig(numbers, { concurrency: 4 }, 2),
    read = started.stream.next();
  await settled();
  for (const input of [1, 2, 3]) {
    finish(started, input);
    await settled();
  }
  assertEquals([numbers.pulled, started.begun(), started.calls.length], [4, 4, 1]);
  finish(started, 0);
  assertEquals(await nextIndex(read), 0);
  await started.stream.return();
});

Deno.test("inputs come from lists, generators and streams, and arguments are those of the moment", async () => {
  const reused = [0];
  const sources: readonly CallInputs[] = [
    [[0], [1], [2]],
    new Set([[0], [1], [2]]),
    ReadableStream.from([[0], [1], [2]]),
    (function* () {
      for (reused[0] = 0; reused[0] < 3; reused[0]++) yield reused;
    })(),
  ];
  for (const source of sources) {
    const started = rig(source, { concurrency: 3 }, 1), all = readAll(started.stream);
    for (const input of [0, 1, 2]) {
      await settled();
      finish(started, input);
    }
    assertEquals((await all).join(), "0:0,1:10,2:20");
  }
  for (const wrong of ["abc", 7, null, {}] as unknown[]) {
    assertEquals(
      assertThrows(() => rig(wrong as CallInputs), AegisError).code,
      "TypeMismatch",
      String(wrong),
    );
  }
});

Deno.test("a source that throws is thrown behind the results before it", async () => {
  const numbers = new Numbers(100);
  numbers.failAt = 5;
  const started = rig(numbers, { concurrency: 8 }, 2), all = readAll(started.stream);
  for (const input of [0, 1, 2, 3, 4]) {
    await settled();
    finish(started, input);
  }
  assertEquals((await all).join(), "0:0,1:10,2:20,3:30,4:40,RangeError: the source is broken");
  assertEquals(await started.stream.next(), { done: true, value: undefined });
});

Deno.test("a call that is misuse is thrown in its place; what is behind it is cancelled, the source closed", async () => {
  const numbers = new Numbers(100),
    started = rig(numbers, { concurrency: 6 }, 4),
    all = readAll(started.stream);
  await settled();
  started.calls[2]?.fail(new AegisError("TypeMismatch", "wrong"));
  await settled();
  assertEquals(started.calls.map(({ args }) => args[0]), [0, 1, 3], "and no more are begun");
  assertEquals(numbers.returned, 0);
  finish(started, 1);
  finish(started, 0);
  assertEquals((await all).join(), "0:0,1:10,TypeMismatch");
  assertEquals([started.calls.length, started.begun(), numbers.returned, numbers.pulled], [0, 4, 1, 6]);
});

Deno.test("an input that is no array is misuse of that input", async () => {
  const started = rig([[0], 7 as unknown as CallValue[], [2]]), all = readAll(started.stream);
  await settled();
  finish(started, 0);
  assertEquals((await all).join(), "0:0,TypeMismatch");
});

Deno.test("an outcome without a value is a result like others", async () => {
  const started = rig([[0], [1]]), all = readAll(started.stream);
  await settled();
  started.calls[0]?.end({ kind: "exit", status: 3 });
  finish(started, 1);
  assertEquals((await all).join(), "0:exit,1:10");
});

Deno.test("a reader who leaves closes the source, and calls are cancelled or waited for", async () => {
  for (const cancels of [true, false]) {
    const numbers = new Numbers(100),
      started = rig(numbers, { concurrency: 3 }, 3, cancels),
      { stream } = started;
    const first = stream.next();
    await settled();
    const signals = started.calls.map(({ signal }) => signal);
    finish(started, 0);
    assertEquals(await nextIndex(first), 0);
    await settled();
    assertEquals([started.calls.length, numbers.pulled], [3, 4]);
    const waiting = stream.next(), left = stream.return();
    await settled();
    assertEquals(signals[1]?.aborted, cancels);
    assertEquals(started.calls.length, cancels ? 0 : 3);
    if (!cancels) {
      let over = false;
      void left.then(() => over = true);
      finish(started, 1);
      finish(started, 2);
      await settled();
      assert(!over, "one is under way still");
      finish(started, 3);
    }
    assertEquals([await left, await waiting], [{ done: true, value: undefined }, {
      done: true,
      value: undefined,
    }]);
    assertEquals([numbers.returned, numbers.pulled], [1, 4]);
    assertEquals(await stream.return(), { done: true, value: undefined });
    assertEquals(numbers.returned, 1, "once");
  }
});

Deno.test("a break ends a generator amid its loop", async () => {
  let closed = 0;
  const source = (async function* () {
    try {
      for (let n = 0;; n++) {
        await null;
        yield [n];
      }
    } finally {
      closed++;
    }
  })();
  const started = rig(source, { concurrency: 2 }, 2);
  setTimeout(() => finish(started, 0), 1);
  for await (const { index } of started.stream) {
    assertEquals(index, 0);
    break;
  }
  assertEquals([closed, started.calls.length], [1, 0]);
});

Deno.test("an abort cancels what is under way, drops what was not read, and closes a source that hangs", async () => {
  const numbers = new Numbers(100), controller = new AbortController();
  const started = rig(numbers, { concurrency: 4, signal: controller.signal }, 2), { stream } = started;
  const first = stream.next();
  await settled();
  finish(started, 0);
  await first;
  finish(started, 1);
  numbers.gate = new Promise(() => {});
  const second = stream.next();
  await settled();
  await second;
  const third = stream.next();
  await settled();
  controller.abort(new Error("enough"));
  const error = await assertRejects(() => third, AegisError);
  assertEquals([error.code, error.cause, started.calls.length], ["Cancelled", controller.signal.reason, 0]);
  assertEquals(await stream.next(), { done: true, value: undefined });
  assertEquals(numbers.returned, 1);
});

Deno.test("an abort while nobody reads cancels at once, and drops what was not read", async () => {
  const controller = new AbortController();
  const started = rig(new Numbers(9), { concurrency: 4, signal: controller.signal }, 3), { stream } = started;
  const first = stream.next();
  await settled();
  finish(started, 0);
  finish(started, 1);
  await first;
  controller.abort();
  await settled();
  assertEquals([started.calls.length, started.begun()], [0, 4]);
  assertEquals((await assertRejects(() => stream.next(), AegisError)).code, "Cancelled");
});

Deno.test("a stream with a signal that was aborted before takes nothing", async () => {
  const numbers = new Numbers(3), { stream } = rig(numbers, { signal: AbortSignal.abort() });
  assertEquals((await assertRejects(() => stream.next(), AegisError)).code, "Cancelled");
  assertEquals(numbers.pulled, 0);
});

Deno.test("a stream listens to its signal while there is something to cancel, and no longer", async () => {
  const { signal } = new AbortController();
  let listening = 0;
  const add = signal.addEventListener.bind(signal), remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>) => (listening++, add(...args));
  signal.removeEventListener = (...args: Parameters<typeof remove>) => (listening--, remove(...args));
  const started = rig([[0], [1]], { signal }), { stream } = started;
  await settled();
  assertEquals(listening, 0, "nobody has read");
  const first = stream.next();
  assertEquals(listening, 1);
  await settled();
  finish(started, 0);
  finish(started, 1);
  await first;
  await settled();
  assertEquals(listening, 1, "a result is left");
  await stream.next();
  await settled();
  assertEquals(listening, 0, "the end has yet to be read");
  assertEquals([(await stream.next()).done, listening], [true, 0]);
  const left = rig([[0]], { signal });
  void left.stream.next();
  await settled();
  await left.stream.return();
  assertEquals(listening, 0, "who leaves takes it back");
});

Deno.test("a signal that aborts before the first read ends a stream at that read", async () => {
  const numbers = new Numbers(3), controller = new AbortController();
  const { stream } = rig(numbers, { signal: controller.signal });
  controller.abort();
  assertEquals((await assertRejects(() => stream.next(), AegisError)).code, "Cancelled");
  assertEquals(numbers.pulled, 0);
});

Deno.test("a generator that gives a promise which rejects is closed", async () => {
  const closed: string[] = [];
  function* promises() {
    try {
      yield [0];
      yield Promise.reject(new RangeError("not there"));
    } finally {
      closed.push("generator");
    }
  }
  const started = rig(promises() as unknown as CallInputs, { concurrency: 1 }), all = readAll(started.stream);
  await settled();
  finish(started, 0);
  assertEquals((await all).join(), "0:0,RangeError: not there");
  assertEquals(closed, ["generator"]);
});

Deno.test("a source that throws, or that cannot begin, is not closed", async () => {
  let begun = 0;
  const none = { [Symbol.iterator]: () => (begun++, fail()) } as unknown as CallInputs;
  const fail = () => {
    throw new RangeError("cannot begin");
  };
  assertEquals((await readAll(rig(none).stream)).join(), "RangeError: cannot begin");
  assertEquals(begun, 1);
  const numbers = new Numbers(3);
  numbers.failAt = 0;
  assertEquals((await readAll(rig(numbers).stream)).join(), "RangeError: the source is broken");
  assertEquals(numbers.returned, 0);
});

Deno.test("a ReadableStream that hangs is cancelled, with what is read of it", async () => {
  let cancelled = 0;
  const source = new ReadableStream<readonly CallValue[]>({
    pull: () => new Promise(() => {}),
    cancel: () => void cancelled++,
  });
  const { stream } = rig(source), read = stream.next();
  await settled();
  await stream.return();
  assertEquals([await read, cancelled, source.locked], [{ done: true, value: undefined }, 1, false]);
});

Deno.test("results can go on as a web stream, which holds up the source as well", async () => {
  const numbers = new Numbers(5), started = rig(numbers, { concurrency: 1 }, 1);
  const reader = ReadableStream.from(started.stream).getReader();
  await settled();
  assertEquals(numbers.pulled, 0);
  const read = reader.read();
  await settled();
  finish(started, 0);
  assertEquals((await read).value, { index: 0, outcome: value(0) });
  await settled();
  assertEquals(numbers.pulled, 2);
  await reader.cancel();
  assertEquals([numbers.returned, started.calls.length], [1, 0]);
});

Deno.test("readStreamOptions() refuses what is none", () => {
  const wrong: readonly [unknown, string][] = [
    [{ concurrency: 0 }, "concurrency"],
    [{ concurrency: 1.5 }, "concurrency"],
    [{ ordered: "yes" }, "ordered"],
    [{ signal: 5 }, "signal"],
    [{ timeout: "soon" }, "timeout"],
    [{ window: 1 }, "window"],
  ];
  for (const [options, field] of wrong) {
    const error = assertThrows(
      () => readStreamOptions(options as PoolStreamOptions, { concurrency: 1, of: "pool" }),
      AegisError,
    );
    assertEquals([error.code, error.field], ["InvalidOption", field]);
  }
  const error = assertThrows(
    () => readStreamOptions({ ordered: false }, { concurrency: 1, of: "sandbox" }),
    AegisError,
  );
  assertEquals([error.code, error.field], ["InvalidOption", "ordered"]);
});
