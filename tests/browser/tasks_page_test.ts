/** The page Tasks as a person uses it: makes tasks, orders them about, looks at what they did. */
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { checkAccessibility } from "../axe.ts";
import type { Locator, Page } from "../playwright.ts";
import { ApiClient } from "./api_client.ts";
import { TestBrowser } from "./browser.ts";
import { GrantingServer } from "./granting_server.ts";
import { findLayoutFaults } from "./layout_faults.ts";

const PAGE = "/pages/tasks.html";

/** Text that would do something where it became markup. */
const HOSTILE = "<img src=x onerror=globalThis.hacked=1>";

/** Logs that text, asks for a sensor, and gives 7. */
const LOGGING = `(import "aegis:log" "log" (func $log (param i32 i32 i32)))
  (import "env" "read_sensor" (func $read (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "${HOSTILE}")
  (func (export "main") (result i32)
    (call $log (i32.const 2) (i32.const 0) (i32.const ${HOSTILE.length}))
    (drop (call $read (i32.const 3)))
    (i32.const 7))`;

const ANSWER = `(func (export "main") (result i32) (i32.const 42))`;

const ENDLESS = `(func (export "main") (loop $l (br $l)))`;

const browser = new TestBrowser(() => GrantingServer.start());

/** The row of a task or an execution. */
function row(page: Page, text: string): Locator {
  return page.locator("tbody tr").filter({ hasText: text });
}

/** Waits until a badge in it says so. */
async function untilState(place: Locator, state: string): Promise<void> {
  await place.locator(`.badge-${state}`).first().waitFor();
}

/** Nothing of what others have named was markup or program, and nothing is wrong to look at. */
async function checkView(page: Page): Promise<void> {
  assertEquals(await page.evaluate("globalThis.hacked"), undefined);
  assertEquals(await findLayoutFaults(page), []);
  assertEquals(await checkAccessibility(page), []);
}

browser.test("a task is made of a text module, runs, and what it did is told to scale and in words", async ({ open }) => {
  const page = await open(PAGE), name = `reads ${HOSTILE}`;
  const dialog = page.getByRole("dialog", { name: "New task" });
  await page.keyboard.press("n");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.evaluate(([text, name]) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([text], name));
    for (const type of ["dragover", "drop"]) {
      document.body.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    }
  }, [`(module ${LOGGING})`, `${HOSTILE}.wat`] as const);
  await dialog.getByLabel("Name of the task").fill(name);
  await dialog.getByText("keeps it").or(dialog.getByText("gets it")).waitFor();
  await checkView(page);
  await dialog.getByRole("button", { name: "Make the task" }).click();
  const made = row(page, name);
  await untilState(made, "completed");
  assertStringIncludes(await made.innerText(), `${HOSTILE}.wat`);

  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name }).waitFor();
  await page.getByRole("region", { name: "Log", exact: true }).getByText(HOSTILE).waitFor();
  await untilState(page.locator("tbody"), "succeeded");
  assertEquals(await page.title(), `${name} – Aegis`);
  await checkView(page);

  await page.locator("tbody tr[data-execution] a").first().click();
  const list = page.getByRole("region", { name: "Timeline as a list" });
  await list.getByText("Ended: Returned").waitFor();
  const said = await list.innerText();
  for (const text of ["Queued", "Started", `log info: ${HOSTILE}`, "sensor read 3"]) {
    assertStringIncludes(said, text);
  }
  assertStringIncludes(await page.locator("[data-part=run-outcome]").innerText(), "Returned [7]");
  assertStringIncludes(
    await page.getByRole("img", { name: /^Timeline: / }).getAttribute("aria-label") ?? "",
    "Denials: 1",
  );
  await page.getByLabel("Source").selectOption("denial");
  await page.getByText("1 of 2 lines shown.").waitFor();
  await checkView(page);

  const first = page.url();
  await page.getByRole("button", { name: "Run again" }).click();
  await page.waitForURL((url) => url.href !== first);
  await untilState(page.locator("[data-part=run-badge]"), "succeeded");
  await page.getByRole("link", { name: "Previous" }).click();
  await page.waitForURL(first);
});

browser.test("a task that runs is paused, resumed and stopped; its history is filtered and saved", async ({ open, server }) => {
  const there = new ApiClient(await server()), module = await there.module(ENDLESS, "endless");
  const limits = { fuelLimit: "unlimited", timeout: "10m" };
  const id = await there.make({ name: "endless", module, limits, start: true });
  const page = await open(`${PAGE}?task=${id}`), state = page.locator("[data-part=task-badge]");
  await untilState(state, "running");
  await page.locator("[data-part=task-meters] .tile").filter({ hasText: /Fuel\s*[1-9]/ }).first().waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await untilState(state, "paused");
  await page.getByRole("button", { name: "Resume" }).click();
  await untilState(state, "running");
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await untilState(state, "stopped");
  await untilState(page.locator("tr[data-execution]"), "stopped");
  await page.locator("[data-part=task-live]").waitFor({ state: "hidden" });

  await page.getByRole("button", { name: /^✕?\s*failed/ }).click();
  await page.getByText("No execution fits this filter.").waitFor();
  assertStringIncludes(page.url(), "status=failed");
  await page.goBack();
  await page.locator("tr[data-execution]").waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Export JSON lines" }).click(),
  ]);
  assertEquals(JSON.parse(await Deno.readTextFile(await download.path())).task, id);

  await page.getByLabel(/^Start by a schedule/).fill("0 5 * * *");
  await page.getByLabel(/^Time zone/).fill("Europe/Paris");
  await page.getByRole("button", { name: "Add schedule" }).click();
  const isOn = page.getByRole("checkbox", { name: "On: 0 5 * * *" });
  await isOn.uncheck();
  await page.locator("td").filter({ hasText: /^off$/ }).waitFor();
  await page.getByRole("button", { name: "Remove 0 5 * * *" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await isOn.waitFor({ state: "detached" });

  await page.getByRole("button", { name: "Duplicate" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Make it" }).click();
  await page.getByRole("heading", { level: 1, name: "endless copy" }).waitFor();
  await checkView(page);
});

browser.test("filters stand in the address, and rows change under a focus that stays", async ({ open, server, context }) => {
  const there = new ApiClient(await server()),
    module = await there.module(ANSWER, "answer"),
    group = "of the filters";
  for (const name of ["first", "second", "third"]) {
    await there.make({ name: `${name} of three`, module, group });
  }
  await there.make({ name: "another", module });
  const page = await open(`${PAGE}?group=${encodeURIComponent(group)}`), rows = page.locator("tbody tr");
  assertEquals(await rows.count(), 3);
  await page.getByRole("button", { name: /ready/ }).filter({ hasText: "3" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("second");
  await row(page, "first of three").waitFor({ state: "detached" });
  await page.getByLabel("Made").selectOption("day");
  await page.waitForURL(/within=day/);
  await page.goBack();
  assertEquals(await page.getByLabel("Made").inputValue(), "");
  await page.goBack();
  await row(page, "first of three").waitFor();
  assertEquals(await page.getByLabel("Name").inputValue(), "");
  await page.goForward();
  await row(page, "first of three").waitFor({ state: "detached" });
  const other = await context.newPage();
  await other.goto(page.url());
  await row(other, "second of three").waitFor();
  assertEquals(await other.locator("tbody tr").count(), 1);
  await other.close();
  await page.goBack();
  await row(page, "first of three").waitFor();

  await page.locator("h1:visible").click();
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("x");
  const focused = () => page.evaluate(() => document.activeElement?.textContent);
  assertEquals(await focused(), "second of three");
  await there.ask("POST", "/tasks/bulk", { action: "start", group });
  await there.make({ name: "fourth of three", module, group });
  await row(page, "fourth of three").waitFor();
  for (const name of ["first", "second", "third"]) {
    await untilState(row(page, `${name} of three`), "completed");
  }
  assertEquals(await focused(), "second of three");
  assert(await row(page, "second of three").getByRole("checkbox").isChecked());
  await page.getByRole("button", { name: /completed/ }).click();
  await row(page, "fourth of three").waitFor({ state: "detached" });
  await checkView(page);
  await page.getByRole("link", { name: "Executions", exact: true }).click();
  await page.getByLabel("Task, error or log").fill("second of");
  await page.getByText("1–1 of 1 executions").waitFor();
  assertStringIncludes(await row(page, "second of three").innerText(), "answer");
  await checkView(page);
});

browser.test("many tasks are asked at once, and those that refuse are told; deletion is confirmed", async ({ open, server }) => {
  const there = new ApiClient(await server()),
    module = await there.module(ANSWER, "answer"),
    group = "of many";
  await there.ask("POST", "/batches", {
    name: "one",
    group,
    module,
    rows: Array.from({ length: 120 }, () => []),
  });
  await there.make({ name: "stays", module });
  const page = await open(`${PAGE}?group=${encodeURIComponent(group)}`);
  const all = page.getByLabel("Select all on this page"),
    bar = page.getByRole("region", { name: "Selected tasks" });
  await page.getByRole("button", { name: /completed/ }).filter({ hasText: "120" }).waitFor();
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByText("101–120 of 120 tasks").waitFor();
  await page.getByRole("button", { name: "Previous" }).click();
  await page.getByText("1–100 of 120 tasks").waitFor();
  await all.check();
  await bar.getByText("100 selected").waitFor();
  await checkView(page);
  await bar.getByRole("button", { name: "Pause" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("0 of 100 tasks paused. 100 refused.").waitFor();
  assertStringIncludes(await dialog.innerText(), 'Cannot pause a task that is "completed"');
  await dialog.getByRole("button", { name: "Close" }).click();

  await all.check();
  await bar.getByRole("button", { name: "Select all 120 that fit" }).click();
  await bar.getByText("120 selected").waitFor();
  await bar.getByRole("button", { name: "Delete" }).click();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await bar.getByRole("button", { name: "Delete" }).click();
  await dialog.getByRole("heading", { name: "Delete 120 tasks?" }).waitFor();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await page.getByText("No task fits these filters.").waitFor();
  assertEquals((await there.ask("GET", `/tasks?group=${encodeURIComponent(group)}`)).total, 0);
  assertEquals((await there.ask("GET", "/tasks?text=stays")).total, 1);
});

browser.test("who may only look sees everything and can change nothing", async ({ open, server }) => {
  const there = new ApiClient(await server()), module = await there.module(ANSWER, "answer");
  const { secret: token } = await there.ask("POST", "/tokens", { name: "guest", role: "read" });
  const id = await there.make({ name: "looked at", module, start: true });
  const page = await open(`${PAGE}?text=looked`, { token });
  await untilState(row(page, "looked at"), "completed");
  assert(await page.getByRole("button", { name: "New task" }).isDisabled());
  for (const button of await row(page, "looked at").getByRole("button").all()) {
    assert(await button.isDisabled());
  }
  await row(page, "looked at").getByRole("checkbox").check();
  const bar = page.getByRole("region", { name: "Selected tasks" });
  assert(await bar.getByRole("button", { name: "Delete" }).isDisabled());
  await checkView(page);
  await open(`${PAGE}?task=${id}`, { token });
  for (const name of ["Start", "Delete", "Duplicate"]) {
    assert(await page.getByRole("button", { name, exact: true }).isDisabled(), name);
  }
  assertEquals(await page.getByRole("button", { name: "Add schedule" }).count(), 0);
  await page.locator("tr[data-execution] a").click();
  await page.getByText("Ended: Returned").waitFor();
  assert(await page.getByRole("button", { name: "Run again" }).isDisabled());
});

browser.test("narrow and dark, each view shows itself without a fault", async ({ open, server }) => {
  const there = new ApiClient(await server()), module = await there.module(LOGGING, HOSTILE.repeat(3));
  const id = await there.make({ name: HOSTILE.repeat(4), module, group: HOSTILE.repeat(4), start: true });
  const page = await open(`${PAGE}?task=${id}`);
  await untilState(page.locator("tr[data-execution]"), "succeeded");
  await checkView(page);
  await page.locator("tr[data-execution] a").click();
  await page.getByText("Ended: Returned").waitFor();
  await checkView(page);
  for (const search of ["", "?view=executions"]) {
    await open(`${PAGE}${search}`);
    await page.locator("tbody tr").first().waitFor();
    await checkView(page);
  }
}, { context: { viewport: { width: 390, height: 844 }, colorScheme: "dark" } });

browser.test("a server that ends and comes back is followed without a reload", async ({ open, server }) => {
  const running = await server(),
    there = new ApiClient(running),
    module = await there.module(ANSWER, "answer");
  const page = await open(`${PAGE}?text=restart`), connection = page.locator("[data-part=connection]");
  await page.evaluate("globalThis.kept = true");
  await there.make({ name: "before the restart", module });
  await row(page, "before the restart").waitFor();
  await running.end();
  await connection.getByText("Connection lost").waitFor();
  await page.getByLabel("Select before the restart").check();
  await running.startAgain();
  await there.make({ name: "after the restart", module });
  await connection.getByText("Live").waitFor();
  await row(page, "after the restart").waitFor();
  assert(await page.getByLabel("Select before the restart").isChecked());
  assertEquals(await page.evaluate("globalThis.kept"), true);
}, { expected: [/ERR_/] });

browser.test(
  "a function's name of 100,000 characters, and one that turns the direction of text, harm no page",
  async ({ open, page, server }) => {
    const api = new ApiClient(await server()), long = "W".repeat(100_000);
    const turned = await api.start("turns \u202e text", await api.module('(func (export "main"))', "turned"));
    const hash = await api.module(`(func (export "${long}"))`, "long");
    const id = await api.start("long", hash, { function: long });
    const runOf = async (task: string) => {
      const path = `/executions?task=${task}&status=succeeded`;
      while ((await api.ask("GET", path)).total === 0) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const { items } = await api.ask("GET", path) as unknown as { items: { id: number }[] }; // as it answers
      return `?execution=${items[0]?.id}`;
    };
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    await open(`${PAGE}?task=${id}`);
    assertEquals(await width(), 1440);
    await open(`${PAGE}${await runOf(id)}`);
    await page.locator("[data-part=run-values] code").getByText("WWWW").waitFor();
    assertEquals(await width(), 1440);
    await open(`${PAGE}${await runOf(turned)}`);
    const name = page.locator("[data-part=run-task]");
    assertEquals(await name.innerText(), "turns \u202e text");
    assertEquals(await name.evaluate((link) => getComputedStyle(link).unicodeBidi), "isolate");
  },
);
