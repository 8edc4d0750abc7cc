/** A process that serves: who may ask for its end, and how often. */
import { serveUntilAsked } from "../../src/cli/serve_until_asked.ts";
import { AegisError } from "../../mod.ts";
import { assertEquals, assertStringIncludes } from "../assert.ts";

/** Serves something that ends when it is told to, and takes note of all that happens. */
function rig(): {
  readonly told: string[];
  readonly wish: WritableStreamDefaultWriter<Uint8Array>;
  readonly closing: PromiseWithResolvers<void>;
  readonly run: (
    serving?: { readonly ended?: Promise<void>; readonly fails?: AegisError },
  ) => Promise<number>;
} {
  const told: string[] = [], { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const closing = Promise.withResolvers<void>();
  return {
    told,
    wish: writable.getWriter(),
    closing,
    run: ({ ended, fails } = {}) =>
      serveUntilAsked(async () => {
        await Promise.resolve();
        if (fails !== undefined) throw fails;
        return {
          ...(ended === undefined ? {} : { ended }),
          close: () => {
            told.push("close");
            return closing.promise;
          },
        };
      }, {
        io: { err: (text) => void told.push(text), colour: false },
        wishes: readable,
        exit: (status) => void told.push(`exit ${status}`),
      }),
  };
}

Deno.test("serveUntilAsked() closes at the first wish, and is over at once at the second", async () => {
  const { told, wish, closing, run } = rig(), ended = run();
  await wish.write(Uint8Array.of(1));
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(told, ["close"]);
  await wish.write(Uint8Array.of(2));
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals(told, ["close", "exit 130"]);
  closing.resolve();
  assertEquals(await ended, 0);
  await wish.close();
});

Deno.test("serveUntilAsked() closes when the first process is gone, and when what it serves has ended", async () => {
  for (const byItself of [false, true]) {
    const { told, wish, closing, run } = rig(), over = Promise.withResolvers<void>();
    closing.resolve();
    const ended = run({ ended: over.promise });
    if (byItself) over.resolve();
    else await wish.close();
    assertEquals([await ended, told], [0, ["close"]]);
    if (byItself) await wish.close();
  }
});

Deno.test("serveUntilAsked() tells why nothing could be served, and why it could not be closed", async () => {
  const first = rig();
  assertEquals(await first.run({ fails: new AegisError("InvalidOption", "Cannot serve that") }), 2);
  assertStringIncludes(first.told.join(""), "error: Cannot serve that");
  await first.wish.close();
  const second = rig();
  second.closing.reject(new Error("Cannot close that"));
  second.closing.promise.catch(() => {});
  const ended = second.run();
  await second.wish.close();
  assertEquals(await ended, 1);
  assertStringIncludes(second.told.join(""), "Cannot close that");
});
