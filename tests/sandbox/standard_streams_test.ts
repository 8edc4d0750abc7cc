import { AegisError } from "../../src/core/errors.ts";
import { StandardInput } from "../../src/sandbox/standard_input.ts";
import { StandardOutput } from "../../src/sandbox/standard_output.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";

const encoder = new TextEncoder(), decoder = new TextDecoder();

async function all(input: StandardInput, most = 4): Promise<string> {
  let text = "";
  for (;;) {
    const bytes = await input.read(most);
    if (bytes.length === 0) return text;
    text += decoder.decode(bytes);
  }
}

function pieces(...list: readonly (readonly [number, string])[]): Uint8Array {
  const parts = list.map(([stream, text]) => {
    const bytes = encoder.encode(text), part = new Uint8Array(5 + bytes.length);
    part[0] = stream;
    new DataView(part.buffer).setUint32(1, bytes.length, true);
    part.set(bytes, 5);
    return part;
  });
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

Deno.test("StandardInput gives bytes and text in the pieces that are asked for, from the start in each life", async () => {
  for (const source of ["hello", encoder.encode("hello")]) {
    const input = new StandardInput(source);
    assertEquals(await all(input), "hello");
    assertEquals((await input.read(1)).length, 0);
    input.restart();
    assertEquals(await all(input), "hello");
  }
  assertEquals(await all(new StandardInput()), "");
});

Deno.test("StandardInput reads a stream only when it is asked to, and goes on where it was", async () => {
  let pulls = 0;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulls++;
      if (pulls > 3) controller.close();
      else controller.enqueue(encoder.encode(`piece ${pulls};`));
    },
  }, { highWaterMark: 0 });
  const input = new StandardInput(source);
  assertEquals(pulls, 0);
  assertEquals(decoder.decode(await input.read(5)), "piece");
  input.restart();
  assertEquals(await all(input), " 1;piece 2;piece 3;");
});

Deno.test("StandardInput.ready() waits for input no longer than it may, and loses none that comes late", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const input = new StandardInput(readable), writer = writable.getWriter();
  assertEquals(await input.ready(10), false);
  writer.write(encoder.encode("late"));
  assertEquals(await input.ready(1000), true);
  assertEquals(decoder.decode(await input.read(10)), "late");
  writer.close();
  assertEquals(await input.ready(1000), true);
  await input.close();
});

Deno.test("StandardInput refuses what is no input", () => {
  // As a caller without types passes it.
  assertThrows(() => new StandardInput(5 as unknown as string), AegisError, "stdin");
});

Deno.test("StandardOutput keeps each stream up to its limit, and says where it cut", async () => {
  const output = new StandardOutput(4, {});
  await output.write(pieces([1, "ab"], [2, "x"], [1, "cd"]));
  assertEquals(output.kept.truncated, false);
  await output.write(pieces([1, "ef"], [2, "yz"]));
  const { stdout, stderr, truncated } = output.kept;
  assertEquals([decoder.decode(stdout), decoder.decode(stderr), truncated], ["abcd", "xyz", true]);
  output.restart();
  assertEquals([output.kept.stdout.length, output.kept.truncated], [0, false]);
});

Deno.test("StandardOutput hands a stream to its sink, waits for it, and passes on what it throws", async () => {
  const seen: string[] = [];
  const output = new StandardOutput(100, {
    stdout: async (bytes) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      seen.push(decoder.decode(bytes));
    },
    stderr: () => {
      throw new Error("full");
    },
  });
  await output.write(pieces([1, "a"], [1, "b"]));
  assertEquals(seen, ["a", "b"]);
  await assertRejects(async () => await output.write(pieces([2, "x"])), Error, "full");
  assertEquals(output.kept.stdout.length, 0);
});

Deno.test("StandardOutput refuses malformed pieces whatever their lengths say", async () => {
  const output = new StandardOutput(100, {});
  for (const bytes of [[1], [1, 5, 0, 0, 0, 65], [3, 0, 0, 0, 0], [1, 255, 255, 255, 255]]) {
    await assertRejects(async () => await output.write(Uint8Array.from(bytes)), RangeError);
  }
  assert(output.kept.stdout.length <= 100);
});

Deno.test("StandardInput keeps what a read that was abandoned would have taken", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const input = new StandardInput(readable), writer = writable.getWriter();
  const abandoned = input.read(10);
  input.abandon();
  writer.write(encoder.encode("kept"));
  assertEquals((await abandoned).length, 0);
  assertEquals(decoder.decode(await input.read(10)), "kept");
  input.close();
});

Deno.test("StandardInput lets timers run although its source gives empty pieces without end", async () => {
  const input = new StandardInput(
    new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(new Uint8Array(0)) }),
  );
  const reading = input.read(1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  input.abandon();
  assertEquals((await reading).length, 0);
  input.close();
});

Deno.test("StandardOutput keeps what a slow sink still works at out of the next life, and writes in order", async () => {
  const seen: string[] = [];
  const output = new StandardOutput(100, {
    stdout: async (bytes) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      seen.push(decoder.decode(bytes));
    },
  });
  const old = output.write(pieces([1, "old"], [2, "old"]));
  output.restart();
  await Promise.all([old, output.write(pieces([1, "a"])), output.write(pieces([1, "b"], [2, "new"]))]);
  assertEquals(decoder.decode(output.kept.stderr), "new");
  assertEquals(seen.filter((text) => text !== "old"), ["a", "b"]);
});
