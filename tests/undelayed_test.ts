import { assert, assertEquals, assertRejects } from "./assert.ts";
import { delaySoFar, undelayed } from "./undelayed.ts";

const LINUX = Deno.build.os === "linux";

Deno.test("undelayed() makes an attempt once that succeeds, or that fails with nobody in its way", async () => {
  let attempts = 0;
  assertEquals(await undelayed(0, () => Promise.resolve(++attempts)), 1);
  await assertRejects(() => undelayed(60_000, () => Promise.reject(new Error(`${++attempts}`))), Error, "2");
  assertEquals(attempts, 2);
});

Deno.test("undelayed() makes a failed attempt again while the process is kept waiting, and fails at last", async () => {
  let attempts = 0;
  const late = () => ++attempts < 3 ? Promise.reject(new Error("late")) : Promise.resolve("in time");
  assertEquals(await undelayed(0, late), "in time");
  attempts = -100;
  await assertRejects(() => undelayed(0, late), Error, "late");
  assertEquals(attempts, -95);
});

Deno.test({
  name: "delaySoFar() grows while more threads compute than there are processors",
  ignore: !LINUX,
  async fn() {
    const code =
      `const end = performance.now() + 400; while (performance.now() < end); postMessage(0); close();`;
    const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" })), before = delaySoFar();
    const workers = Array.from({ length: 2 * navigator.hardwareConcurrency }, () => {
      const worker = new Worker(url, { type: "module" });
      return { worker, ended: new Promise((resolve) => worker.onmessage = resolve) };
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const waited = delaySoFar() - before;
    await Promise.all(workers.map(({ ended }) => ended));
    for (const { worker } of workers) worker.terminate();
    URL.revokeObjectURL(url);
    assert(waited > 50, `${waited} ms`);
  },
});
