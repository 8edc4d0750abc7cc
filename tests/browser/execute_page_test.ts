/** The page Execute: a module from a file or of the server, what is wrong said at its field, a run as it runs and ends. */
import { Buffer } from "node:buffer";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { checkAccessibility } from "../axe.ts";
import { ServerProcess } from "../cli/server_process.ts";
import type { Page } from "../playwright.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { TestBrowser } from "./browser.ts";
import { findLayoutFaults } from "./layout_faults.ts";

const POLICY = `fuel_limit = "unlimited"
timeout = "30m"
allow_logging = true
allow_alert = "info"
sensor = ["0=21,22,23", "1=60"]
`;

const browser = new TestBrowser(async () => {
  const file = await Deno.makeTempFile({ suffix: ".toml" });
  try {
    await Deno.writeTextFile(file, POLICY);
    return await ServerProcess.start(["--policy", file]);
  } finally {
    await Deno.remove(file);
  }
});

const PATH = "/pages/execute.html";

/** Functions with arguments of each type. */
const CALCULATOR = `(module
  (func (export "add") (param i32 i64 f64) (result i64 f64)
    (i64.add (local.get 1) (i64.extend_i32_s (local.get 0))) (local.get 2))
  (func (export "divide") (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func (export "vector") (param v128)))`;

const ENDLESS = `(module (memory 2) (func (export "main") (loop (br 0))))`;

const EVIL = `<img src=x onerror="document.title='evil'"></script>`;

/** Logs and prints what would be markup, under a name that would be, too. */
const HOSTILE = `(module
  (import "env" "log" (func $log (param i32 i32)))
  (import "env" "read_sensor" (func $read (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) ${JSON.stringify(EVIL)})
  (func (export ${JSON.stringify(EVIL)}) (result i32)
    (call $log (i32.const 0) (i32.const ${EVIL.length})) (call $read (i32.const 0))))`;

/** Gives the page a file, as a person chooses one. */
async function chooseFile(page: Page, name: string, content: string | Uint8Array): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.getByText("Choose a file").click();
  await (await chooser).setFiles({
    name,
    mimeType: "application/octet-stream",
    buffer: Buffer.from(content as string),
  }); // either will do
}

const run = (page: Page) => page.getByRole("button", { name: "Run", exact: true });
const results = (page: Page) => page.locator('[data-part="results"] output');

/** Waits until something holds. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 60_000;
  while (!await holds()) {
    assert(performance.now() < end, "it did not happen within a minute");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What a tile says. */
async function tile(page: Page, name: string): Promise<string> {
  return await page.locator(".tile", { hasText: name }).first().locator("dd").textContent() ?? "";
}

browser.test("a text module is chosen, a bad argument refused at its field, and the results come with their types", async ({ open }) => {
  const page = await open(PATH);
  assert(await run(page).isDisabled());
  await chooseFile(page, "broken.wat", "(module (func");
  await page.getByText("Cannot use broken.wat").waitFor();
  await chooseFile(page, "calculator.wat", CALCULATOR);
  await page.getByText("gets it with the first run").waitFor();

  await page.getByRole("combobox", { name: "Function" }).click();
  await page.getByRole("combobox", { name: "Function" }).pressSequentially("vec");
  await page.keyboard.press("Enter");
  await page.getByText("It cannot be called from here").waitFor();
  await page.getByRole("combobox", { name: "Function" }).click();
  await page.getByRole("option", { name: /^add/ }).click();
  await page.getByLabel("Argument 1, i32").fill("4294967296");
  await page.getByLabel("Argument 2, i64").fill("-9223372036854775807");
  await page.getByLabel("Argument 3, f64").fill("-inf");
  await page.keyboard.press("Control+Enter");
  await page.getByText(/Not a whole number from -2147483648/).waitFor();
  const first = page.getByLabel("Argument 1, i32");
  assertEquals(await first.getAttribute("aria-invalid"), "true");
  assert(await first.evaluate((field) => field === document.activeElement));
  await first.fill("-0x1");
  await page.getByLabel("Memory", { exact: true }).fill("9GiB");
  await run(page).click();
  await page.getByText("This server allows at most 64MiB").waitFor();
  await page.getByLabel("Memory", { exact: true }).fill("1MiB");
  await page.keyboard.press("Control+Enter");
  await page.getByText("Returned").waitFor();
  assertEquals(await results(page).allTextContents(), ["-9223372036854775808", "-inf"]);
  assertMatch(await tile(page, "Fuel"), /^\d+ of 1 M$/);
  assertMatch(page.url(), /\?module=[0-9a-f]{64}&function=add&task=[0-9a-f-]{36}$/);
  const command = await page.getByLabel("Command", { exact: true }).textContent() ?? "";
  assertStringIncludes(command, "aegis run calculator.wasm -e add");
  assertStringIncludes(command, "-- -1 -9223372036854775807 -inf");
  assertStringIncludes(
    await page.getByLabel("Program", { exact: true }).textContent() ?? "",
    "[-1, -9223372036854775807n, -Infinity]",
  );

  // What other pages link to, and what a person comes back to.
  await page.reload();
  await page.getByText("Returned").waitFor();
  assertEquals(await page.getByRole("combobox", { name: "Function" }).inputValue(), "add");
  assertEquals(await results(page).allTextContents(), ["-9223372036854775808", "-inf"]);
  assertEquals(await page.getByLabel("Argument 3, f64").inputValue(), "-inf");
  assertEquals(await page.getByLabel("Memory", { exact: true }).inputValue(), "1MiB");
  assertEquals(await checkAccessibility(page), []);
  assertEquals(await findLayoutFaults(page), []);
  await page.getByRole("combobox", { name: "Function" }).click();
  await page.getByRole("option", { name: /^divide/ }).click();
  await page.getByLabel("Argument 1, i32").fill("1");
  await page.getByLabel("Argument 2, i32").fill("0");
  await run(page).click();
  await page.getByText("Trapped: integer divide by zero").waitFor();
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 390, height: 844 });
  assertEquals(await findLayoutFaults(page), []);
  assertEquals(await checkAccessibility(page), []);
});

browser.test("a loop without end is seen to use fuel, stands still, goes on and is stopped", async ({ open }) => {
  const page = await open(PATH);
  await chooseFile(page, "endless.wasm", compileText(ENDLESS));
  await page.getByText("gets it with the first run").waitFor();
  await page.getByLabel("Fuel", { exact: true }).fill("unlimited");
  await page.getByLabel("Timeout").fill("20m");
  await run(page).click();
  const fuel = async () => await tile(page, "Fuel");
  await until(async () => /\d [GMTk]$/.test(await fuel()));
  const before = await fuel();
  await until(async () => await fuel() !== before);
  await page.locator(".run-charts canvas").first().waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByText("Stands still until it is resumed").waitFor();
  assertEquals(await page.getByRole("button", { name: "Pause" }).count(), 0);
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByText("Runs", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("Was stopped", { exact: true }).waitFor();
  assertMatch(await tile(page, "Memory"), /^128 KiB of 64 MiB$/);
  await page.getByRole("button", { name: "Run again" }).click();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("Was stopped", { exact: true }).waitFor();
});

browser.test("names and log lines that would be markup are text, and what the server grants is chosen", async ({ open }) => {
  const page = await open(PATH);
  await chooseFile(page, `${EVIL}.wasm`, compileText(HOSTILE));
  await page.getByText("gets it with the first run").waitFor();
  assertEquals(await page.getByRole("combobox", { name: "Function" }).inputValue(), EVIL);
  await page.getByText("On this server: sensor 0 reads 3 values").waitFor();
  await page.getByLabel("Sensor 0 reads").fill("4, x");
  await run(page).click();
  await page.getByText(/Whole numbers from -2147483648/).waitFor();
  await page.getByLabel("Sensor 0 reads").fill("81");
  await run(page).click();
  await page.getByText("Returned").waitFor();
  assertEquals(await results(page).allTextContents(), ["81"]);
  await page.locator(".log-text", { hasText: EVIL }).waitFor();
  assertEquals(await page.locator("img[src='x']").count(), 0);
  assertEquals(await page.title(), "Execute – Aegis");
  assertEquals(await findLayoutFaults(page), []);

  await page.getByLabel("This run may use").selectOption("strict");
  await run(page).click();
  await page.getByText("Asked for what it may not have").waitFor();
});

browser.test("who may only look can choose a module by the address, and run nothing", async ({ open, server }) => {
  const { url, token } = await server(), headers = { Authorization: `Bearer ${token}` };
  const kept = await fetch(`${url}/api/v1/modules?name=watched`, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/wasm" },
    body: compileText(`(module (func (export "other")) (func (export "divide") (param i32 i32)))`),
  });
  const { hash } = await kept.json() as { hash: string }; // as the schema says
  const made = await fetch(`${url}/api/v1/tokens`, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify({ name: "looker", role: "read" }),
  });
  const { secret: looker } = await made.json() as { secret: string }; // as above
  const page = await open(`${PATH}?module=${hash}&function=divide`, { token: looker });
  await page.getByLabel("Argument 2, i32").fill("1");
  assertEquals(await page.getByRole("combobox", { name: "Function" }).inputValue(), "divide");
  assert(await run(page).isDisabled());
  assertStringIncludes(await run(page).getAttribute("title") ?? "", "to look");
  await page.keyboard.press("Control+Enter");
  assertEquals(await checkAccessibility(page), []);
  const tasks = await (await fetch(`${url}/api/v1/tasks?module=${hash}`, { headers })).json();
  assertEquals((tasks as { total: number }).total, 0); // as the schema says
});
