/** What all pages share: who has signed in, the theme, the keys. */
import { PAGES } from "../../src/server/pages/layout.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { ServerProcess } from "../cli/server_process.ts";
import { checkAccessibility } from "../axe.ts";
import { ApiClient } from "./api_client.ts";
import { TestBrowser, untilReady } from "./browser.ts";
import { findLayoutFaults } from "./layout_faults.ts";

const browser = new TestBrowser(() => ServerProcess.start());

browser.test(
  "a wrong token is refused, the right one accepted, and signing out forgets it",
  async ({ open, server, context }) => {
    const { token = "" } = await server(), page = await open("/", { token: null });
    const dialog = page.getByRole("dialog", { name: "Sign in" }), field = dialog.getByLabel("Token");
    const submit = dialog.getByRole("button", { name: "Sign in" });
    assertEquals(await field.evaluate((field) => field === document.activeElement), true);
    await page.keyboard.press("Escape");
    assertEquals(await dialog.isVisible(), true);
    await submit.click();
    await dialog.getByText("Give the token that the server printed").waitFor();
    await field.fill("aegis_wrong");
    await submit.click();
    await dialog.getByText("The server does not know this token.").waitFor();
    assertEquals(await field.getAttribute("aria-invalid"), "true");
    assertEquals(await checkAccessibility(page), []);

    await field.fill(token);
    await submit.click();
    await untilReady(page);
    assertEquals(await page.locator("[data-part=user]").innerText(), "admin");
    assertEquals(await page.locator("#sign-in-token").inputValue(), "");
    // Kept for this tab alone: it outlives a reload, and no other tab has it.
    await page.reload();
    await untilReady(page);
    const other = await context.newPage();
    await other.goto(page.url());
    await untilReady(other, "sign-in");
    // Kept for the browser, where that is wished.
    await other.getByLabel("Token").fill(token);
    await other.getByLabel("Keep me signed in on this browser").check();
    await other.getByRole("dialog").getByRole("button", { name: "Sign in" }).click();
    await untilReady(other);
    const third = await context.newPage();
    await third.goto(page.url());
    await untilReady(third);
    await third.getByRole("button", { name: "Sign out" }).click();
    await untilReady(third, "sign-in");
    assertEquals(
      await third.evaluate(
        () => [localStorage.getItem("aegis.token"), sessionStorage.getItem("aegis.token")],
      ),
      [null, null],
    );
    // In the other tab that had the same token, too; where it is kept for the tab alone, it stays.
    await untilReady(other, "sign-in");
    assertEquals(await page.locator("html").getAttribute("data-ready"), "true");
  },
  { expected: [/status of 401/] },
);

browser.test(
  "more tabs than a browser has connections all work: some look now and then, until another one goes",
  async ({ open, server, context }) => {
    const first = await open("/pages/monitor.html"), others = [];
    for (let tab = 0; tab < 7; tab++) {
      const page = await context.newPage();
      await page.goto(first.url());
      await untilReady(page);
      others.push(page);
    }
    const last = others.at(-1), isIn = (state: string) => `[data-part=connection][data-state=${state}]`;
    assert(last !== undefined);
    await last.locator(isIn("crowded"), { hasText: "Not live" }).waitFor();
    await first.locator(isIn("live")).waitFor();
    const api = new ApiClient(await server());
    const hash = await api.module('(func (export "main") (loop $l (br $l)))');
    await api.start("seen without a stream", hash, { limits: { fuelLimit: "50000000" } });
    await last.getByText("seen without a stream").first().waitFor();
    for (const page of [first, ...others.slice(0, -1)]) await page.close();
    await last.locator(isIn("live")).waitFor();
  },
);

browser.test(
  "a token that was made worthless is asked for anew, and the page goes on",
  async ({ open, server }) => {
    const there = await server(), api = new ApiClient(there);
    const { secret } = await api.ask("POST", "/tokens", { name: "a-while", role: "admin" });
    const page = await open("/", { token: secret });
    await page.evaluate(() => document.body.dataset["same"] = "yes");
    await api.ask("DELETE", "/tokens/a-while");
    await page.getByRole("button", { name: "Week" }).click();
    const dialog = page.getByRole("dialog", { name: "Sign in" });
    await dialog.getByLabel("Token").fill(there.token ?? "");
    await dialog.getByRole("button", { name: "Sign in" }).click();
    await dialog.waitFor({ state: "hidden" });
    await page.locator('[data-range=week][aria-pressed="true"]').waitFor();
    assertEquals(await page.evaluate(() => document.body.dataset["same"]), "yes");
  },
  { expected: [/status of 401/] },
);

browser.test("a token that may only look is marked on each page", async ({ open, server }) => {
  const { secret } = await new ApiClient(await server()).ask("POST", "/tokens", {
    name: "looker",
    role: "read",
  });
  for (const { path } of Object.values(PAGES)) {
    const page = await open(path, { token: secret });
    assertEquals(await page.getByText("Read-only", { exact: true }).isVisible(), true, path);
    assertEquals(await page.locator("[data-part=user]").innerText(), "looker", path);
    assertEquals(await page.locator("html").getAttribute("data-role"), "read", path);
  }
});

browser.test("the theme that is chosen is kept over a reload, on all pages, and charts take its colours", async ({ open }) => {
  const page = await open("/"),
    ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await page.getByRole("button", { name: "Use the dark theme" }).click();
  const dark = await ground();
  assert(light !== dark);
  assertEquals(await checkAccessibility(page), []);
  await page.reload();
  await untilReady(page);
  assertEquals(await ground(), dark);
  await page.goto(new URL("/pages/monitor.html", page.url()).href);
  await untilReady(page);
  assertEquals(await ground(), dark);
  // What is painted has the colours of the theme, too: the picture changes with it.
  const canvas = page.locator("[data-part=memory-chart] canvas");
  await canvas.waitFor();
  const texts = () =>
    canvas.evaluate((canvas) => {
      const { data } = (canvas as HTMLCanvasElement).getContext("2d")?.getImageData(0, 0, 36, 140) ??
        { data: [] };
      let brightest = 0;
      for (let at = 0; at < data.length; at += 4) {
        if ((data[at + 3] ?? 0) > 200) brightest = Math.max(brightest, data[at] ?? 0);
      }
      return brightest;
    });
  await page.getByRole("button", { name: "Pause the view" }).click();
  const brightOnDark = await texts();
  await page.getByRole("button", { name: "Use the light theme" }).click();
  const darkOnLight = await texts();
  assert(brightOnDark > 140 && darkOnLight < 120, `${brightOnDark} and ${darkOnLight}`);
});

browser.test("keys lead to pages, to the search and to the list of them, and are text in fields", async ({ open }) => {
  const page = await open("/");
  await page.keyboard.press("?");
  const list = page.getByRole("dialog", { name: "Keys" });
  assertMatch(await list.innerText(), /g\s*m\s+Monitor/);
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  assertEquals(new URL(page.url()).pathname, "/");
  await list.getByRole("button", { name: "Close" }).click();
  assertEquals(await list.isVisible(), false);
  await page.keyboard.press("g");
  await page.keyboard.press("m");
  await page.waitForURL("**/pages/monitor.html");
  await untilReady(page);
  await page.keyboard.press("/");
  const search = page.getByLabel("Text or task");
  assertEquals(await search.evaluate((field) => field === document.activeElement), true);
  await page.keyboard.type("gt?p");
  assertEquals(await search.inputValue(), "gt?p");
  await search.blur();
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await page.waitForURL("**/pages/tasks.html");
});

for (const { path, title } of Object.values(PAGES)) {
  browser.test(
    `the page ${title} of a server without work is right in the dark, and fits a narrow window`,
    async ({ open }) => {
      const page = await open(path);
      assertEquals(await checkAccessibility(page), []);
      await page.setViewportSize({ width: 360, height: 780 });
      assertEquals(await findLayoutFaults(page), []);
      assertEquals(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
      // The first thing that the Tab key leads to is the way past the head.
      await page.keyboard.press("Tab");
      assertEquals(await page.evaluate(() => document.activeElement?.textContent), "Skip to the content");
      await page.keyboard.press("Enter");
      assertEquals(await page.evaluate(() => document.activeElement?.id), "main");
    },
    { context: { colorScheme: "dark" } },
  );
}
