/**
 * Long lists in a real browser: `deno task bench:list`. 5,000 tasks run once each; the list of their executions is opened,
 * scrolled and paged through, and what a person would notice is printed: how long each step takes, and the longest time in
 * which the page did not answer. Needs a Chromium, as the tests of pages do.
 *
 *     deno task bench:list [--executions 5000] [--parts 20]
 */
import { parseArgs } from "node:util";
import type { Figure } from "./page/figure.ts";
import { writeFigures } from "./page/write_figures.ts";
import { startServerProcess } from "./tasks/server_process.ts";
import { launchBrowser, openContext, untilReady } from "../tests/browser/browser.ts";
import { compileText } from "../tests/testsuite/module_bytes.ts";

const { values } = parseArgs({
  options: { executions: { type: "string", default: "5000" }, parts: { type: "string", default: "20" } },
});

/** Tasks of one request. */
const BATCH = 1000;

const PAGE = "/pages/tasks.html?view=executions";

const ADD = compileText(`(module (func (export "main") (param i32) (result i32) (local.get 0)))`);

/** Longest stretch in which the page ran programs without a pause, in milliseconds, since it was last asked. */
const WATCH = `globalThis.longest = 0;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, duration);
}).observe({ type: "longtask", buffered: true });`;

/** Scrolls down and up again, and gives the milliseconds of each frame. */
const SCROLL = `(async () => {
  const times = [], frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  for (let step = 0, last = await frame(); step < 120; step++) {
    scrollBy(0, step < 60 ? 120 : -120);
    const now = await frame();
    times.push(now - last);
    last = now;
  }
  return times;
})()`;

const STATUS = ".pager [role=status]";

const figures: Figure[] = [];

/** Notes times under a name, and says them. */
function told(name: string, times: readonly number[]): string {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (part: number) => (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN);
  figures.push(
    { name: `${name}, median`, value: at(0.5), unit: "ms" },
    { name: `${name}, slowest`, value: at(1), unit: "ms" },
  );
  return `median ${at(0.5).toFixed()} ms, slowest ${at(1).toFixed()} ms`;
}

const executions = Number(values.executions), parts = Number(values.parts);
await using server = await startServerProcess();
const module = await server.module(ADD);
for (let from = 0; from < executions; from += BATCH) {
  const rows = Array.from({ length: Math.min(BATCH, executions - from) }, (_, index) => [from + index]);
  await server.ask("POST", "/api/v1/batches", { module, name: "one of many", group: "many", rows });
}
const ended = async () =>
  (await server.ask("GET", "/api/v1/tasks?state=completed&limit=1") as { total: number }).total;
while (await ended() < executions) await new Promise((resolve) => setTimeout(resolve, 200));

const browser = await launchBrowser();
try {
  const context = await openContext(browser), page = await context.newPage();
  await page.addInitScript(WATCH);
  const opened: number[] = [];
  for (let time = 0; time < 5; time++) {
    const began = performance.now();
    await page.goto(`${server.url}${PAGE}`);
    await untilReady(page);
    await page.locator("tbody tr").first().waitFor();
    opened.push(performance.now() - began);
  }
  const rows = await page.locator("tbody tr").count(), status = page.locator(STATUS).first();
  console.log(`the list says: ${await status.innerText()}; ${rows} rows in the page`);
  console.log(
    `opened 5 times, until its rows are there: ${told("opened, until its rows are there", opened)}`,
  );

  const frames = await page.evaluate<number[]>(SCROLL);
  console.log(`scrolled down and up, 120 frames: ${told("a frame, scrolled", frames)} a frame`);

  const turned: number[] = [], next = page.getByRole("button", { name: "Next" }).first();
  for (let part = 0; part < parts && await next.isEnabled(); part++) {
    const before = await status.innerText(), began = performance.now();
    await next.click();
    await page.locator(STATUS).filter({ hasNotText: before }).first().waitFor();
    turned.push(performance.now() - began);
  }
  console.log(
    `next part, ${turned.length} times: ${told("next part", turned)}; then: ${await status.innerText()}`,
  );
  const longest = await page.evaluate<number>("globalThis.longest");
  console.log(`longest stretch without a pause in the page: ${longest.toFixed()} ms`);
  figures.push({ name: "longest stretch without a pause in the page", value: longest, unit: "ms" });
  await writeFigures(figures);
} finally {
  await browser.close();
}
