import { waitForCalm } from "../../tools/calm_machine.ts";
import { assertEquals } from "../assert.ts";

/** A machine whose samples get these shares, the last one for ever; each pause takes its time. */
function machine(shares: readonly number[], patience = 60_000) {
  let time = 0, samples = 0;
  const controller = new AbortController();
  const options = {
    patience,
    signal: controller.signal,
    sample: () => {
      time += 200;
      return shares[Math.min(samples++, shares.length - 1)] ?? 0;
    },
    pause: (milliseconds: number) => {
      time += milliseconds;
      return Promise.resolve();
    },
    now: () => time,
  };
  return { options, controller, told: () => ({ time, samples }) };
}

Deno.test("waitForCalm() wants several good samples in a row", async () => {
  const calm = machine([1]), disturbed = machine([1, 1, 1, 1, 0.5, 0.95]);
  assertEquals(await waitForCalm(calm.options), true);
  assertEquals(calm.told().samples, 5);
  assertEquals(await waitForCalm(disturbed.options), true);
  assertEquals(disturbed.told().samples, 10);
});

Deno.test("waitForCalm() goes on when patience ends, and when it is told to", async () => {
  const busy = machine([0.89], 5000), ended = machine([0.2]);
  assertEquals(await waitForCalm(busy.options), false);
  assertEquals(busy.told(), { time: 5000, samples: 10 });
  ended.controller.abort();
  assertEquals(await waitForCalm(ended.options), false);
  assertEquals(ended.told().samples, 0);
});

Deno.test("waitForCalm() measures a share of real work", async () => {
  const signal = new AbortController().signal;
  const before = performance.now(), calm = await waitForCalm({ patience: 600, signal });
  const took = performance.now() - before;
  assertEquals([calm, took >= 400], [false, true], `${took} ms: fewer samples than it wants fit in`);
});
