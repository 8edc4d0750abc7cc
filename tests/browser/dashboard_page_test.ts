import { assert, assertEquals, assertMatch } from "../assert.ts";
import { ServerProcess } from "../cli/server_process.ts";
import { ApiClient } from "./api_client.ts";
import { TestBrowser } from "./browser.ts";

const browser = new TestBrowser(() => ServerProcess.start());

/** A name that would be markup and program if it were not text. */
const HOSTILE = `<img src=x onerror="document.title='taken'"> & <b>bold</b>`;

browser.test("the page Dashboard of a server without tasks says what to do first, and all counts are there", async ({ open, server }) => {
  const page = await open("/"), { url } = await server();
  const first = page.getByRole("region", { name: "Run a first task" });
  assertEquals(await first.isVisible(), true);
  assertEquals(
    await first.getByRole("link", { name: "Open Execute" }).getAttribute("href"),
    "/pages/execute.html",
  );
  assertMatch(
    await first.locator("code[data-part=command]").innerText(),
    /^aegis task add .+ --start --server http:/,
  );
  assert((await first.innerText()).includes(new URL(url).port));
  const tiles = await page.locator(".state-tiles .tile").allInnerTexts();
  assertEquals(tiles.map((text) => text.split(/\s+/).at(-1)), Array.from({ length: 10 }, () => "0"));
  assertEquals(
    await page.locator("[data-state=failed]").getAttribute("href"),
    "/pages/tasks.html?status=failed",
  );
  assertEquals(await page.getByText("No executions in this time").count(), 2);
  const health = await page.getByRole("region", { name: "Health" }).innerText();
  for (const word of ["ready", "Up for", "V8", "0 running, 0 queued", "Listeners", "none"]) {
    assert(health.includes(word), `${word} is not in ${health}`);
  }
});

browser.test("counts, executions and charts of the page Dashboard follow what happens, and names stay text", async ({ open, server, context }) => {
  const api = new ApiClient(await server());
  // What the page looks at by itself from time to time is left out: events alone bring it to look.
  await context.addInitScript(() =>
    void (globalThis.setInterval = (() => 0) as unknown as typeof setInterval)
  ); // none is cleared
  const page = await open("/");
  const answer = await api.module(`(func (export "main") (result i32) (i32.const 42))`);
  const trap = await api.module(`(func (export "main") unreachable)`);
  const count = (state: string) => page.locator(`[data-state=${state}] .tile-value`);
  const becomes = (state: string, text: string) =>
    count(state).filter({ hasText: new RegExp(`^${text}$`) }).waitFor();

  await api.start(HOSTILE, answer);
  await becomes("completed", "1");
  await becomes("all", "1");
  assertEquals(await page.getByRole("region", { name: "Run a first task" }).count(), 0);
  const id = await api.start("fails", trap);
  await becomes("failed", "1");
  await api.ask("POST", "/schedules", { task: id, cron: "0 4 * * *" });

  const rows = page.locator("[data-part=executions] tr");
  await rows.nth(1).waitFor();
  assertMatch(await rows.nth(0).innerText(), /failed\s+fails/);
  assert((await rows.nth(1).innerText()).includes(HOSTILE));
  assertMatch(
    await rows.nth(0).getByRole("link").getAttribute("href") ?? "",
    /^\/pages\/tasks\.html\?execution=\d+$/,
  );
  const events = page.locator("[data-part=events]");
  await events.getByText("schedule create").waitFor();
  assert((await events.innerText()).includes("task create"));
  assertEquals(
    await events.getByRole("link", { name: "fails" }).first().getAttribute("href"),
    `/pages/tasks.html?task=${id}`,
  );
  // Sums of the range, and the chart in words.
  await page.locator("[data-part=range-facts]").getByText("50 %").waitFor();
  const chart = page.getByRole("img", { name: /^Executions by how they ended/ });
  assertEquals(
    await chart.getAttribute("aria-label"),
    "Executions by how they ended, succeeded 1, failed 1, stopped 0, interrupted 0, running 0",
  );
  assertEquals(await chart.locator("canvas").count(), 1);
  assertEquals(await page.title(), "Dashboard – Aegis");
  assertEquals(await page.locator("main img, main b").count(), 0);
  // The next look at schedules.
  await page.reload();
  await page.locator("[data-part=schedules]").getByRole("link", { name: "fails" }).waitFor();
});

browser.test("the range of the page Dashboard stands in its address, and its values in a table", async ({ open, server }) => {
  const api = new ApiClient(await server());
  await api.start("of the range", await api.module(`(func (export "main"))`));
  const page = await open("/"), ranges = page.getByRole("group", { name: "How far back" });
  const chosen = () => ranges.locator("[aria-pressed=true]").innerText();
  assertEquals(await chosen(), "Hour");
  await ranges.getByRole("button", { name: "30 days" }).click();
  assertEquals([new URL(page.url()).search, await chosen()], ["?range=month", "30 days"]);
  await page.reload();
  await page.locator('html[data-ready="true"]').waitFor({ state: "attached" });
  assertEquals(await chosen(), "30 days");
  const panel = page.getByRole("region", { name: "Executions", exact: true });
  await panel.getByText("Values").click();
  assertEquals(await panel.locator("tbody tr").count(), 15);
  assertMatch(await panel.locator("tbody tr").first().innerText(), /^\d+ \w+.+\t[1-9]/);
  await ranges.getByRole("button", { name: "Week" }).click();
  await page.goBack();
  assertEquals([new URL(page.url()).search, await chosen()], ["?range=month", "30 days"]);
});

browser.test("a chart tells the values under the pointer", async ({ open }) => {
  const page = await open("/"), plot = page.locator("[data-part=memory-chart] .u-over");
  await plot.waitFor();
  const box = await plot.boundingBox();
  assert(box !== null);
  await page.mouse.move(box.x + box.width - 2, box.y + box.height / 2);
  const tip = page.locator("[data-part=memory-chart] .chart-tip");
  await tip.waitFor();
  assertMatch(await tip.innerText(), /\d\d:\d\d:\d\d\s+Process\s*[\d.]+ MiB/);
  await page.mouse.move(box.x, box.y - 60);
  await tip.waitFor({ state: "hidden" });
});
