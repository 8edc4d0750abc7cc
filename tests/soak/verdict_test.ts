/** The soak's own judgement: what grows is found, what only swings is not. */
import { assert, assertEquals } from "../assert.ts";
import { failures } from "./document.ts";
import { plot } from "./plot.ts";
import type { ProcessFacts, Sample } from "./samples.ts";
import { fittedGrowth, judge } from "./verdict.ts";
import { Work } from "./work.ts";

const MEBIBYTE = 1024 * 1024;

/** An hour of samples that swing, with what is said over them. */
function hour(change: (sample: Sample, part: number) => Sample = (sample) => sample): Sample[] {
  return Array.from({ length: 1800 }, (_, index) => {
    const swing = Math.sin(index / 7), at = 2 * index;
    const facts: ProcessFacts = {
      memory: (200 + 20 * swing) * MEBIBYTE,
      childMemory: (300 + 100 * swing) * MEBIBYTE,
      threads: 10 + Math.round(2 * swing),
      descriptors: 70 + Math.round(10 * swing),
      children: 4 + Math.round(2 * swing),
    };
    const latency = { p50: 20 + 5 * swing, p99: 90 + 50 * swing };
    return change({
      at,
      server: facts,
      library: facts,
      disk: 5 * MEBIBYTE,
      delay: 10 + swing,
      health: latency,
      task: latency,
      honest: 30,
      hostile: 20,
    }, index / 1800);
  });
}

const failed = (samples: readonly Sample[], wrong: readonly string[] = []) =>
  failures({ judged: judge(samples), wrong, left: [] });

Deno.test("judge() finds nothing in figures that swing", () => {
  assertEquals(failed(hour()), []);
});

Deno.test("judge() finds memory, threads, descriptors, processes, disk and latency that grow", () => {
  const grows: Record<string, (sample: Sample, part: number) => Sample> = {
    "server: resident memory": (sample, part) => ({
      ...sample,
      server: { ...sample.server, memory: sample.server.memory + 150 * part * MEBIBYTE },
    }),
    "library: resident memory": (sample, part) => ({
      ...sample,
      library: { ...sample.library, memory: sample.library.memory + 200 * part * MEBIBYTE },
    }),
    "server: threads": (sample, part) => ({
      ...sample,
      server: { ...sample.server, threads: sample.server.threads + 12 * part },
    }),
    "library: descriptors": (sample, part) => ({
      ...sample,
      library: { ...sample.library, descriptors: sample.library.descriptors + 60 * part },
    }),
    "library: child processes": (sample, part) => ({
      ...sample,
      library: { ...sample.library, children: sample.library.children + 6 * part },
    }),
    "server: data on disk": (sample, part) => ({ ...sample, disk: sample.disk + 300 * part * MEBIBYTE }),
    "health, p50": (sample, part) => ({ ...sample, health: { ...sample.health, p50: 20 + 400 * part } }),
  };
  for (const [name, change] of Object.entries(grows)) {
    const [first = "", ...more] = failed(hour(change));
    assert(first.startsWith(`${name}: `) && more.length === 0, `${name}: ${[first, ...more]}`);
  }
});

Deno.test("fittedGrowth() is that of the line through the points, and none of too few", () => {
  assertEquals(fittedGrowth([[0, 1], [1, 3], [2, 5]]), 4);
  assertEquals(fittedGrowth([[0, 1], [1, 2]]), 0);
  assertEquals(fittedGrowth([]), 0);
});

Deno.test("fittedGrowth() tells a steady rise from minutes in which others have the machine", () => {
  const noise = (index: number) => Math.sin(index * 12.9898) * 5;
  const points = (of: (index: number) => number) =>
    Array.from({ length: 900 }, (_, index) => [2 * index, of(index) + noise(index)] as const);
  const busy = fittedGrowth(points((index) => index > 600 && index < 780 ? 12_000 : 15));
  const rising = fittedGrowth(points((index) => 15 + index / 30));
  assert(Math.abs(busy) < 10, `${busy}`);
  assert(rising > 20 && rising < 40, `${rising}`);
});

Deno.test("Work counts what came to something else than it must, and what threw", async () => {
  const work = new Work();
  const kind = (name: string, run: () => Promise<string>) => ({ name, honest: true, run, ends: "right" });
  await work.once(kind("one", () => Promise.resolve("right")), 0);
  await work.once(kind("one", () => Promise.resolve("lost")), 1);
  await work.once(kind("two", () => Promise.reject(new Error("gone"))), 2);
  assertEquals(work.tallies["one"]?.outcomes, { right: 1, lost: 1 });
  assertEquals([work.tallies["one"]?.wrong, work.tallies["two"]?.wrong], [1, 1]);
  assertEquals(work.wrong, ["one: lost, not right", "two: threw gone, not right"]);
  assertEquals(failed(hour(), work.wrong).length, 2);
  assertEquals(work.take().honest, 3);
});

Deno.test("plot() draws every panel, without a number that is none", () => {
  const picture = plot(hour(), "An hour");
  assertEquals(picture.match(/class="title"/g)?.length, 4);
  assert(!/NaN|undefined|Infinity/.test(picture));
  assert(!/NaN|undefined|Infinity/.test(plot(hour().slice(0, 2), "A moment")));
});
