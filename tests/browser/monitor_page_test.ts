import { assert, assertEquals, assertMatch } from "../assert.ts";
import { ServerProcess } from "../cli/server_process.ts";
import { ApiClient } from "./api_client.ts";
import { signIn, TestBrowser, untilReady } from "./browser.ts";
import { GrantingServer } from "./granting_server.ts";

const browser = new TestBrowser(() => GrantingServer.start());

/** A name that would be markup and program if it were not text. */
const HOSTILE = `<img src=x onerror="document.title='taken'">`;

const LOOP = `(func (export "main") (loop $l (br $l)))`;

/** Logs as many lines as it is told, then reads a sensor that nobody grants. */
const TALKER = `(import "env" "log" (func $log (param i32 i32)))
  (import "env" "read_sensor" (func $read_sensor (param i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 0) "<b>a line</b>")
  (func (export "say") (param $count i32)
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $count)))
        (call $log (i32.const 0) (i32.const 13))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))
    (drop (call $read_sensor (i32.const 7))))`;

/** The same, which says so before. */
const SAID_LOOP = `(import "env" "log" (func $log (param i32 i32)))
  (memory (export "memory") 1) (data (i32.const 0) "off it goes")
  (func (export "main") (call $log (i32.const 0) (i32.const 11)) (loop $l (br $l)))`;

browser.test("the page Monitor shows the fuel of a running loop rise, has it paused, resumed and stopped", async ({ open, server }) => {
  const api = new ApiClient(await server());
  await api.start(HOSTILE, await api.module(SAID_LOOP), {
    limits: { fuelLimit: "unlimited", timeout: "10m" },
  });
  const page = await open("/pages/monitor.html"), row = page.locator("[data-part=guests] tr");
  await row.waitFor();
  assert((await row.innerText()).includes(HOSTILE));
  await page.locator("[data-part=log]").getByText("off it goes").waitFor();
  const fuel = async () =>
    BigInt((await row.locator("td[title$=units]").getAttribute("title") ?? "").replace(/\D/g, "") || "0");
  const first = await fuel();
  await page.waitForFunction(
    (first) =>
      BigInt(
        (document.querySelector("[data-part=guests] td[title$=units]")?.getAttribute("title") ?? "").replace(
          /\D/g,
          "",
        ) || "0",
      ) > BigInt(first),
    String(first),
  );
  await page.locator("[data-part=now]").getByText(/^\d.*core/).waitFor();
  await page.getByRole("img", { name: /^Fuel, Fuel [\d.]+.*\/s$/ }).waitFor();

  await row.getByRole("button", { name: /^Pause/ }).click();
  await row.getByText("paused").waitFor();
  await row.getByRole("button", { name: /^Resume/ }).click();
  await row.getByText("running").waitFor();
  await row.getByRole("button", { name: /^Stop/ }).click();
  await row.waitFor({ state: "detached" });
  await page.getByText("No task has a guest now.").waitFor();
  await page.locator("[data-part=audit] tr").first().getByText("task stop").waitFor();
  assert((await page.locator("[data-part=audit] tr").first().innerText()).includes(HOSTILE));
  assertEquals(await page.locator("main img").count(), 0);
  assertEquals(await page.title(), "Monitor – Aegis");
});

browser.test("the view of the page Monitor stands still while it is paused, and shows what it is told to", async ({ open }) => {
  const page = await open("/pages/monitor.html?span=1m"),
    chart = page.locator("[data-part=memory-chart] [role=img]");
  const spans = page.getByRole("group", { name: "How much is shown" });
  assertEquals(await spans.locator("[aria-pressed=true]").innerText(), "1 min");
  await spans.getByRole("button", { name: "5 min" }).click();
  assertEquals(new URL(page.url()).search, "?span=5m");
  await chart.locator("canvas").waitFor();
  const last = () => page.locator("[data-part=memory-chart] tbody th").first().innerText();
  await page.locator("[data-part=memory-chart]").getByText("Values").click();
  const before = await last();
  await page.waitForFunction(
    (before) => document.querySelector("[data-part=memory-chart] tbody th")?.textContent !== before,
    before,
  );
  await page.keyboard.press("p");
  const still = await last();
  // More samples come: another page hears of them.
  const other = await page.context().newPage();
  await other.goto(page.url());
  await untilReady(other);
  const samples = () => other.locator("[data-part=memory-chart] tbody th").first().textContent();
  await other.locator("[data-part=memory-chart]").getByText("Values").click();
  const seen = await samples();
  await other.waitForFunction(
    (seen) => document.querySelector("[data-part=memory-chart] tbody th")?.textContent !== seen,
    seen,
  );
  assertEquals(await last(), still);
  await page.getByRole("button", { name: "Resume the view" }).click();
  assert(await last() !== still);
});

browser.test("denials and lines of logs come to the page Monitor as they happen, and lines are chosen and bounded", async ({ open, server }) => {
  const api = new ApiClient(await server()), module = await api.module(TALKER);
  const page = await open("/pages/monitor.html"),
    log = page.locator("[data-part=log]"),
    lines = log.locator(".log-line");
  const say = (name: string, count: number) => api.start(name, module, { function: "say", args: [count] });
  const notice = (text: string | RegExp) => page.locator("[data-part=log-notice]").getByText(text).waitFor();
  await say("talker", 2);
  const denial = page.locator("[data-part=denials] tr").filter({ hasText: "talker" });
  await denial.waitFor();
  assertMatch(await denial.innerText(), /sensor read 7\s+no sensor grant names 7\s+1$/);
  assertMatch(await denial.getByRole("link").getAttribute("href") ?? "", /\?execution=\d+$/);

  await log.getByText("<b>a line</b>").nth(1).waitFor();
  assertEquals(await log.locator("b").count(), 0);
  const all = await lines.count();
  await page.getByLabel("Level").selectOption("warning");
  assertEquals(await log.getByText("<b>a line</b>").first().isVisible(), false);
  assertEquals(await lines.filter({ hasText: "denial" }).first().isVisible(), true);
  await page.getByLabel("Level").selectOption("");
  await page.keyboard.press("/");
  await page.keyboard.type("nowhere");
  await notice(`0 of ${all} lines fit the filter.`);
  await page.getByLabel("Text or task").fill("TALK");
  await notice(`${all} lines.`);
  await page.getByLabel("Text or task").fill("");

  // It keeps to the end, unless somebody looks at what was before.
  const fromEnd = () => log.evaluate((list) => list.scrollHeight - list.scrollTop - list.clientHeight);
  await say("many", 400);
  await lines.nth(all + 400).waitFor();
  assert(await fromEnd() < 2);
  await log.evaluate((list) => list.scrollTop = 0);
  await page.getByRole("button", { name: "To the end" }).waitFor();
  await say("more", 300);
  await lines.nth(all + 700).waitFor();
  assertEquals(await log.evaluate((list) => list.scrollTop), 0);
  await page.getByRole("button", { name: "To the end" }).click();
  assert(await fromEnd() < 2);

  await page.getByRole("button", { name: "Pause", exact: true }).click();
  const there = await lines.count();
  await say("most", 500);
  await notice(/Paused: [45]\d\d lines wait/);
  assertEquals(await lines.count(), there);
  await page.getByRole("button", { name: "Resume", exact: true }).click();
  await notice("1,000 lines, the latest.");
  assertEquals(await lines.count(), 1000);
  await page.getByRole("button", { name: "Clear" }).click();
  assertEquals(await lines.count(), 0);
});

browser.test("who may only look is shown guests and cannot order anything", async ({ open, server }) => {
  const api = new ApiClient(await server());
  const { secret } = await api.ask("POST", "/tokens", { name: "looker", role: "read" });
  const task = await api.start("not to be touched", await api.module(LOOP), {
    limits: { fuelLimit: "unlimited", timeout: "10m" },
  });
  const page = await open("/pages/monitor.html", { token: secret });
  const buttons = page.locator("[data-part=guests] tr").filter({ hasText: "not to be touched" }).getByRole(
    "button",
  );
  await buttons.first().waitFor();
  assertEquals(await buttons.count(), 2);
  for (const button of await buttons.all()) {
    assertEquals(await button.isDisabled(), true);
    assertMatch(await button.getAttribute("title") ?? "", /may only look/);
  }
  await api.ask("POST", `/tasks/${task}/stop`);
});

browser.test(
  "a page goes on by itself when its server was away, without being loaded again",
  async ({ page, context }) => {
    const data = await Deno.makeTempDir({ prefix: "aegis_away_" });
    let server = await ServerProcess.start([], data);
    try {
      const { url, token } = server, port = Number(new URL(url).port);
      await signIn(context, { url, token: token ?? "" });
      await page.goto(`${url}/pages/monitor.html`);
      await untilReady(page);
      await page.evaluate(() => document.body.dataset["same"] = "yes");
      await server.end();
      await page.locator('[data-part=connection][data-state="lost"]').waitFor();
      assertMatch(await page.locator("[data-part=connection]").innerText(), /Connection lost/);
      server = await ServerProcess.start([], data, port);
      await page.locator('[data-part=connection][data-state="live"]').waitFor();
      const api = new ApiClient({ url, token });
      await api.ask("POST", "/tasks", { name: "after the break", module: await api.module(LOOP) });
      await page.locator("[data-part=audit]").getByText("after the break").waitFor();
      assertEquals(await page.locator(".notice").count(), 0);
      assertEquals(await page.evaluate(() => document.body.dataset["same"]), "yes");
    } finally {
      await server.end();
      await Deno.remove(data, { recursive: true });
    }
  },
  { expected: [/net::ERR_/] },
);
