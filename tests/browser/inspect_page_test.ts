/** The page Inspect: what it shows of modules, whatever they are. */
import { Buffer } from "node:buffer";
import { compile } from "watr";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { checkAccessibility } from "../axe.ts";
import { ServerProcess } from "../cli/server_process.ts";
import type { Page } from "../playwright.ts";
import { TestBrowser, untilReady } from "./browser.ts";
import { findLayoutFaults } from "./layout_faults.ts";

const browser = new TestBrowser(() => ServerProcess.start());

const MARKUP = "<img src=x onerror=alert(1)>";

/** A module with something of each kind. Function 2 is long, so that the end of its code is out of sight. */
const WAT = `(module $everything
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "env" "${MARKUP}" (func $strange (param i32)))
  (memory $heap (export "memory") 1)
  (table $targets 2 funcref)
  (global $counter (export "counter") (mut i32) (i32.const 7))
  (type $unary (func (param i32) (result i32)))
  (func $long (export "long") (param $x i32) (result i32)
    ${"(local.set $x (i32.add (local.get $x) (i32.const 1)))\n".repeat(150)}
    (if (i32.eqz (local.get $x)) (then (call $strange (i32.const 424242))))
    (local.get $x))
  (func $grow (export "<b>bold</b>") (param i32) (result i32)
    (call_indirect $targets (type $unary) (memory.grow (local.get 0)) (i32.const 0)))
  (elem $first (table $targets) (i32.const 0) func $long $grow)
  (data $greeting (i32.const 16) "Hello, bytes"))`;

/** A section of names that calls the module `all of it` and function 3 `grow <i>more</i>`. */
function withNames(bytes: Uint8Array): Uint8Array {
  const text = (text: string) => [text.length, ...new TextEncoder().encode(text)];
  const part = (id: number, content: readonly number[]) => [id, content.length, ...content];
  const names = [
    ...text("name"),
    ...part(0, text("all of it")),
    ...part(1, [1, 3, ...text("grow <i>more</i>")]),
  ];
  return new Uint8Array([...bytes, ...part(0, names)]);
}

function file(name: string, content: string | Uint8Array) {
  return {
    name,
    mimeType: "application/octet-stream",
    buffer: Buffer.from(content),
  };
}

/** Chooses a file, and waits until it is shown. */
async function choose(page: Page, given: ReturnType<typeof file>): Promise<void> {
  await page.locator("#inspected-file").setInputFiles(given);
  await page.getByRole("heading", { name: given.name, exact: true }).waitFor();
}

const tab = (page: Page, name: string) => page.getByRole("tab", { name });

/** Waits for a row of a table that has a text. */
const row = (page: Page, table: string, text: string) =>
  page.getByRole("table", { name: table, exact: true }).getByRole("row").filter({ hasText: text }).first();

browser.test("a text module that is chosen is shown part by part, and uploaded when asked", async ({ open, context }) => {
  const page = await open("/pages/inspect.html");
  await page.getByText("It is not uploaded").waitFor();
  await choose(page, file("everything.wat", WAT));
  await page.getByText("in this browser alone").waitFor();
  const overview = page.getByRole("tabpanel", { name: "Overview" });
  for (const text of ["everything.wat", "text, shown as the binary module", "What was found"]) {
    await overview.getByText(text).first().waitFor();
  }
  await overview.getByRole("link", { name: "Functions 4" }).waitFor();
  assertEquals(await page.evaluate("document.querySelectorAll('main img, main b').length"), 0);

  // Arrows go from tab to tab, and the address keeps the place.
  await tab(page, "Overview").focus();
  await page.keyboard.press("ArrowRight");
  await page.getByRole("tabpanel", { name: "Findings" }).getByText("An import that no run provides")
    .waitFor();
  assertEquals(await page.evaluate("location.hash"), "#findings");
  await page.getByRole("heading", { name: "Medium" }).waitFor();
  const growth = page.getByRole("listitem").filter({ hasText: "The code lets memories grow" });
  await growth.getByRole("link", { name: "function 3" }).click();
  await page.getByRole("heading", { name: "<b>bold</b>", exact: true }).waitFor();
  assertStringIncludes(await page.locator(".window-target").innerText(), "memory.grow");

  await tab(page, "Capabilities").click();
  const clock = page.getByRole("row").filter({ hasText: "clock_time_get" });
  await clock.getByText("--allow-clock").waitFor();
  await clock.getByText("not granted").waitFor();
  await clock.getByText("allow_clock = true").waitFor();

  await tab(page, "Sections").click();
  await row(page, "Sections", "data").waitFor();
  assert(await page.locator(".section-bar a").count() > 8);
  await page.locator(".section-bar .section-data").click();
  await page.getByText("in the section data").waitFor();
  assertStringIncludes(await page.locator(".window-bytes").innerText(), "Hello,");

  await tab(page, "Contents").click();
  await row(page, "Exports", "<b>bold</b>").waitFor();
  for (
    const [list, text] of [
      ["Imports", MARKUP],
      ["Functions", "long"],
      ["Memories", "1 pages"],
      ["Tables", "2 funcref"],
      ["Globals", "mut i32"],
      ["Segments", "active, memory 0"],
    ] as const
  ) {
    await page.getByRole("link", { name: list }).click();
    await row(page, list, text).waitFor();
  }
  await page.getByRole("link", { name: "Tags" }).click();
  await page.getByText("The module has no tags.").waitFor();
  await page.getByRole("link", { name: "Functions" }).click();
  await row(page, "Functions", "clock").waitFor();
  await page.locator("h1").click();
  await page.keyboard.press("/");
  await page.keyboard.type("lon");
  await page.getByText("1 of 4 have this text").waitFor();
  await row(page, "Functions", "(i32) -> (i32)").waitFor();

  await page.getByRole("button", { name: "Upload" }).click();
  await page.getByText("kept by the server").waitFor();
  const execute = await page.getByRole("link", { name: "Execute" }).last().getAttribute("href");
  assertStringIncludes(execute ?? "", "/pages/execute.html?module=");
  assertStringIncludes(page.url(), `?module=${execute?.split("=")[1]}`);

  // Whoever is given the address sees the same.
  const other = await context.newPage();
  await other.goto(page.url());
  await untilReady(other);
  await row(other, "Functions", "clock").waitFor();
});

browser.test("the code is searched, and a hit leads to its line; calls lead to what they call", async ({ open }) => {
  const page = await open("/pages/inspect.html");
  await choose(page, file("named.wasm", withNames(compile(WAT))));
  await page.getByText("all of it").waitFor();
  await tab(page, "Code").click();
  await page.getByRole("heading", { name: "long" }).waitFor();
  assertEquals(await page.getByText("424242").count(), 0); // far down, so not there yet
  await page.getByRole("searchbox", { name: "Search all code" }).fill("424242");
  await page.keyboard.press("Enter");
  await page.getByText("1 line.").waitFor();
  await row(page, "Lines that have the text", "i32.const 424242").getByRole("link").first().click();
  const target = page.getByRole("table", { name: "Code" }).locator(".window-target");
  await target.waitFor();
  assertStringIncludes(await target.innerText(), "i32.const 424242");
  await row(page, "Code", "call 1").getByRole("link").last().click();
  await page.getByText("It is imported: its code is elsewhere.").waitFor();
  await page.getByRole("textbox", { name: "Go to function" }).fill("grow <i");
  await page.keyboard.press("Enter");
  await row(page, "Code", "call_indirect").waitFor();
  await page.getByRole("heading", { name: "grow <i>more</i>", exact: true }).waitFor();
  await page.getByRole("searchbox", { name: "Search all code" }).fill("nowhere at all");
  await page.keyboard.press("Enter");
  await page.getByText("No line has this text.").waitFor();
});

browser.test("bytes: offsets are gone to, text is found, however large the file is", async ({ open }) => {
  const page = await open("/pages/inspect.html");
  // A custom section makes a valid module of any size.
  const size = 32 * 1024 * 1024, bytes = new Uint8Array(8 + 1 + 4 + size);
  bytes.set([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0]);
  bytes.set([0x80 | size & 0x7f, 0x80 | size >> 7 & 0x7f, 0x80 | size >> 14 & 0x7f, size >> 21], 9);
  bytes.set([3, 0x62, 0x69, 0x67], 13);
  bytes.set(new TextEncoder().encode("needle"), bytes.length - 100);
  await page.evaluate(([head, length, tail]) => {
    // Too large to be passed by the rig.
    const made = new Uint8Array(length);
    made.set(head);
    made.set(tail, length - 100);
    const transfer = new DataTransfer();
    transfer.items.add(new File([made], "big.wasm"));
    const field = document.querySelector<HTMLInputElement>("#inspected-file") as HTMLInputElement; // or it throws
    field.files = transfer.files;
    field.dispatchEvent(new Event("change"));
  }, [[...bytes.subarray(0, 17)], bytes.length, [...new TextEncoder().encode("needle")]] as const);
  await page.getByText("kept by the server").or(page.getByText("in this browser alone")).waitFor();
  await tab(page, "Bytes").click();
  await row(page, "Bytes", "00 61 73 6d").waitFor();
  await page.getByRole("textbox", { name: "Offset" }).fill("0x1234567");
  await page.keyboard.press("Enter");
  await row(page, "Bytes", "0x1234560").locator("mark").first().waitFor();
  await page.getByText("in the custom section big").waitFor();
  assertEquals(await page.evaluate("location.hash"), "#bytes/0x1234567");
  await page.getByRole("combobox", { name: "What is searched for" }).selectOption("text");
  await page.getByRole("searchbox", { name: "Search the bytes" }).fill("needle");
  await page.keyboard.press("Enter");
  await row(page, "Bytes", "needle").locator("mark").first().waitFor();
  // The scroll bar stands for more rows than there are pixels; its ends are theirs.
  const table = page.getByRole("table", { name: "Bytes" });
  await table.evaluate((element) => element.scrollTop = element.scrollHeight);
  await row(page, "Bytes", `0x${(bytes.length - 1 & ~15).toString(16)}`).waitFor();
  await table.evaluate((element) => element.scrollTop = 0);
  await row(page, "Bytes", "00 61 73 6d").waitFor();
  const first = async () => {
    const rows = await table.getByRole("row").allInnerTexts();
    return Number.parseInt(rows[1]?.slice(2) ?? "", 16);
  };
  await table.evaluate((element) => element.scrollTop = (element.scrollHeight - element.clientHeight) / 2);
  let middle = 0; // until the rows are drawn anew
  for (const end = performance.now() + 10_000; middle === 0 && performance.now() < end;) {
    middle = await first();
  }
  assert(Math.abs(middle - size / 2) < size / 100, `${middle} is in the middle`);
  // A small step is one of rows, as everywhere.
  await table.evaluate((element) => element.scrollTop += 240);
  await row(page, "Bytes", `0x${(middle + 400).toString(16)}`).waitFor();
  assertEquals(await first(), middle + 160);
  assert(await table.getByRole("row").count() < 60, "only what is seen exists");
  await page.getByRole("textbox", { name: "Offset" }).fill("0xffffffff");
  await page.keyboard.press("Enter");
  await page.getByText("is behind the end").waitFor();
});

browser.test("garbage is told so with its offset, and its bytes are shown", async ({ open }) => {
  const page = await open("/pages/inspect.html#overview");
  const bytes = compile(`(module (func (export "f")))`);
  await choose(page, file("broken.wasm", bytes.subarray(0, bytes.length - 3)));
  await page.getByRole("heading", { name: "It cannot be read as a module" }).waitFor();
  await page.getByRole("tabpanel").getByRole("link", { name: /0x/ }).click();
  await row(page, "Bytes", "00 61 73 6d").waitFor();
  assertEquals(await page.getByRole("button", { name: "Upload" }).count(), 0);
  await choose(page, file("noise.wasm", new Uint8Array([0, 255, 254, 1, 2, 3])));
  await row(page, "Bytes", "00 ff fe 01 02 03").waitFor();
  assertEquals(await page.evaluate("location.hash"), "#bytes"); // the offset was one of the module before
  await choose(page, file("wrong.wat", "(module\n  (func (nonsense)))"));
  await page.getByRole("heading", { name: "The text is no module" }).waitFor();
  await page.goto(new URL(`/pages/inspect.html?module=${"0".repeat(64)}`, page.url()).href);
  await page.getByText("The server does not keep this module.").waitFor();
}, { expected: [/status of 404/] });

browser.test("a module that takes too long is told so, and read again when asked", async ({ open, page }) => {
  const asked = Promise.withResolvers<void>();
  await page.route("**/assets/inspector.js", async (route) => {
    asked.resolve();
    await route.fulfill({ contentType: "text/javascript", body: "/* never answers */" });
  });
  await page.clock.install();
  await open("/pages/inspect.html#overview");
  await page.locator("#inspected-file").setInputFiles(file("slow.wat", "(module)"));
  await page.getByText("Looking into slow.wat").waitFor();
  await asked.promise;
  await page.clock.fastForward(31_000);
  await page.getByRole("heading", { name: "It takes too long" }).waitFor();
  await page.unroute("**/assets/inspector.js");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("A run under the default limits takes it.").waitFor();
});

for (
  const [kind, context] of Object.entries(
    {
      "wide and light": { viewport: { width: 1440, height: 900 }, colorScheme: "light" },
      "narrow and dark": { viewport: { width: 390, height: 844 }, colorScheme: "dark" },
    } as const,
  )
) {
  browser.test(`each part of a module, ${kind}, shows itself without a fault`, async ({ open }) => {
    const page = await open("/pages/inspect.html");
    await choose(page, file("everything.wat", WAT));
    const ends: readonly (readonly [tab: string, text: string])[] = [
      ["Overview", "What was found"],
      ["Findings", "An import that no run provides"],
      ["Capabilities", "--allow-clock"],
      ["Sections", "magic and version"],
      ["Contents", "counter"],
      ["Code", "local.get 0"],
      ["Bytes", "00 61 73 6d"],
    ];
    for (const [name, text] of ends) {
      await tab(page, name).click();
      await page.getByRole("tabpanel", { name }).getByText(text).first().waitFor();
      assertEquals([name, await findLayoutFaults(page)], [name, []]);
      assertEquals([name, await checkAccessibility(page)], [name, []]);
    }
  }, { context });
}
