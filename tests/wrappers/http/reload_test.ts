/** A module is replaced while requests are under way: none is lost. */
import { AegisError } from "../../../mod.ts";
import { compileText } from "../../testsuite/module_bytes.ts";
import { assert, assertEquals, assertRejects } from "../../assert.ts";
import { printing, served } from "./rig.ts";

Deno.test("a module is replaced under load and no request is lost; a broken one changes nothing", async () => {
  await using site = await served(printing("A: 1\n\nold"), { concurrency: 2 });
  const { runtime, handler } = site, texts: string[] = [];
  let going = true;
  const load = Array.from({ length: 4 }, async () => {
    while (going) {
      const [status, text] = await site.ask("/");
      assertEquals(status, 200);
      texts.push(text);
    }
  });
  while (texts.length < 20) await new Promise((resolve) => setTimeout(resolve, 5));
  const broken = await runtime.loadBytes(
    compileText('(module (import "no" "such" (func)) (func (export "_start")))'),
  );
  await assertRejects(() => handler.reload(broken), AegisError);
  const silent = await runtime.loadBytes(compileText("(module)"));
  await assertRejects(() => handler.reload(silent), AegisError);
  assertEquals(new Set(texts), new Set(["old"]));
  await handler.reload(await runtime.loadBytes(compileText(printing("A: 1\n\nnew"))));
  const after = texts.length;
  while (texts.length < after + 20) await new Promise((resolve) => setTimeout(resolve, 5));
  going = false;
  await Promise.all(load);
  assertEquals([texts.at(-1), handler.stats().reloads], ["new", 1]);
});

Deno.test("a handler that is closed lets requests end within the grace, and takes no more", async () => {
  await using site = await served("examples/http/shout.wasm", { timeout: "10s" });
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(), writer = writable.getWriter();
  const asking = site.ask("/", { method: "POST", body: readable });
  await writer.write(new TextEncoder().encode("late"));
  const closing = site.handler.close({ grace: "10s" });
  assertEquals((await site.ask("/"))[0], 503);
  await writer.close();
  assertEquals(await asking, [200, "LATE"]);
  await closing;

  await using spinning = await served('(module (func (export "_start") (loop $l (br $l))))');
  const late = spinning.ask("/"), began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await spinning.handler.close({ grace: 100 });
  assertEquals((await late)[0], 503);
  assert(performance.now() - began < 5000);
});
