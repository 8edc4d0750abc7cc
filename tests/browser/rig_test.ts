/** The rig itself: what is wrong with a page fails its test, and what is right does not. */
import { readTotals, TESTS_LOCK } from "../../tools/run_tests.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";
import { checkAccessibility } from "../axe.ts";
import { ServerProcess } from "../cli/server_process.ts";
import { becomes, environmentOf, HAS_PROC } from "../isolation/child_processes.ts";
import { browserAvailable, TestBrowser } from "./browser.ts";
import { canRun, findChromium } from "./find_chromium.ts";
import { findLayoutFaults } from "./layout_faults.ts";
import { judgeFaults, type PageFault } from "./page_faults.ts";

const ROOT = new URL("../../", import.meta.url);

/** The policy of the dashboard, with what its workers need. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "worker-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; " +
  "require-trusted-types-for 'script'; trusted-types rig";

/** Serves a page and what it names, all under the policy. */
class SmallServer implements AsyncDisposable {
  readonly url: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor({ body, ...files }: { readonly body: string; readonly [path: `/${string}`]: string }) {
    const page =
      `<!doctype html><html lang="en"><head><title>A page</title><link rel="stylesheet" href="/style.css">` +
      `<script src="/script.js" defer></script></head><body><main><h1>A page</h1>${body}</main></body></html>`;
    const texts: Readonly<Record<string, string>> = {
      "/": page,
      "/style.css": "",
      "/script.js": "",
      ...files,
    };
    const types: Readonly<Record<string, string>> = { css: "text/css", js: "text/javascript" };
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
      const path = new URL(url).pathname, text = texts[path];
      if (text === undefined) return new Response(null, { status: path === "/favicon.ico" ? 204 : 404 });
      const type = types[path.split(".")[1] ?? ""] ?? "text/html";
      return new Response(text, {
        headers: { "Content-Type": `${type}; charset=utf-8`, "Content-Security-Policy": POLICY },
      });
    });
    this.url = `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

const browser = new TestBrowser(() => ServerProcess.start()), servers = new AsyncDisposableStack();
Deno.test.afterAll(() => servers.disposeAsync());

/** A server that outlives its test, as the browser may still ask it for an icon. */
const serve = (files: { readonly body: string; readonly [path: `/${string}`]: string }) =>
  servers.use(new SmallServer(files));

/** Faults in a form to compare: the words are the browser's, and change with it. */
const kindsOf = (faults: readonly PageFault[]) => [...new Set(faults.map(({ kind }) => kind))].sort();

browser.test("a page without faults passes: no fault, nothing that axe finds, no fault of layout", async ({ page, faults }) => {
  const server = serve({
    body:
      `<p>Text</p><label>Name <input name="name"></label> <button type="button">Go</button><img src="/a.svg" alt="">`,
    "/a.svg": "",
  });
  await page.goto(server.url);
  assertEquals(await checkAccessibility(page), []);
  assertEquals(await findLayoutFaults(page), []);
  assertEquals(await page.evaluate(() => [innerWidth, devicePixelRatio]), [1440, 1]);
  assertEquals(faults, []);
});

browser.test("style and script in the page itself are faults of its policy", async ({ page, faults }) => {
  const server = serve({
    body: `<p style="color: red">Text</p><script>globalThis.ran = true</script>`,
  });
  await page.goto(server.url);
  assertEquals(await page.evaluate("typeof ran"), "undefined");
  assertEquals(kindsOf(faults), ["policy"]);
  assertEquals(faults.length, 2);
}, { expected: [/inline style/, /inline script/] });

browser.test("text that becomes markup or program is a fault of the policy", async ({ page, faults }) => {
  const server = serve({
    body: "",
    "/script.js": `for (const act of [() => document.body.innerHTML = "<b>x</b>", () => eval("1"),
      () => new Worker("/worker.js")]) try { act() } catch {}`,
  });
  await page.goto(server.url);
  assertEquals(kindsOf(faults), ["policy"]);
}, { expected: [/'TrustedHTML'/, /'TrustedScript'/, /'TrustedScriptURL'/] });

browser.test("a request to another host is a fault of the policy", async ({ page, faults }) => {
  const server = serve({
    body: `<img src="http://localhost:9/a.png" alt="">`,
    "/script.js": `fetch("http://localhost:9/").catch(() => {})`,
  });
  await page.goto(server.url);
  assertEquals(kindsOf(faults), ["policy"]);
}, { expected: [/img-src/, /connect-src/, /Content Security Policy/] });

browser.test(
  "errors on the console, errors that nobody caught, and files that are not there are faults",
  async ({ page, faults }) => {
    const server = serve({
      body: `<img src="/nowhere.png" alt="">`,
      "/script.js": `console.error("said", 5); console.warn("no fault"); console.log("no fault");
      void Promise.reject(new Error("rejected")); throw new Error("thrown")`,
    });
    await page.goto(server.url);
    assert(await becomes(() => faults.length === 4));
    assertEquals(kindsOf(faults), ["console", "uncaught"]);
  },
  { expected: [/^said 5$/, /rejected/, /thrown/, /404/] },
);

browser.test("errors in a worker are faults of its page", async ({ page, faults }) => {
  const server = serve({
    body: "",
    "/script.js": `const policy = trustedTypes.createPolicy("rig", { createScriptURL: (url) => url });
      new Worker(policy.createScriptURL("/worker.js")).onmessage = () => document.documentElement.dataset.ready = "true"`,
    "/worker.js": `console.error("of the worker"); setTimeout(() => { throw new Error("of its timer") });
      setTimeout(() => postMessage("done"), 50)`,
  });
  await page.goto(server.url);
  await page.locator('html[data-ready="true"]').waitFor({ state: "attached" });
  assert(faults.some(({ kind }) => kind === "uncaught") || faults.length >= 2, JSON.stringify(faults));
}, { expected: [/of the worker/, /of its timer/] });

browser.test("axe finds a picture without a text, a field without a label, text that is too pale", async ({ page }) => {
  const server = serve({
    body: `<img src="/a.svg"><input name="name"><p class="pale">Text</p>`,
    "/a.svg": "",
    "/style.css": ".pale { color: #bbb }",
  });
  await page.goto(server.url);
  const found = await checkAccessibility(page);
  assertEquals(found.map(({ rule, targets }) => [rule, ...targets]), [
    ["color-contrast", "p"],
    ["image-alt", "img"],
    ["label", "input"],
  ]);
  assertStringIncludes(found[0]?.details[0] ?? "", "#bbbbbb");
});

browser.test("findLayoutFaults() finds what is too wide, cut or covered, and nothing that scrolls", async ({ page }) => {
  const server = serve({
    body: `<div id="wide">wide</div>
      <p id="cut"><span id="inner">a text that is longer than its box</span></p>
      <p id="flat">one line<br>another</p>
      <p id="dots">a text that is longer than its box</p>
      <div id="scrolls"><p>a text that is longer than its box</p></div>
      <span id="reader">for readers of the screen</span>
      <button id="under">under</button><button id="over">over</button>
      <button id="hidden">hidden</button>`,
    "/style.css": `p, #scrolls { width: 90px; white-space: nowrap }
      #wide { width: 2000px }
      #cut, #flat, #dots { overflow: hidden }
      #flat { height: 1lh }
      #dots { text-overflow: ellipsis }
      #scrolls { overflow: auto }
      #reader { position: absolute; width: 1px; height: 1px; overflow: hidden }
      #over, #hidden { margin-left: -20px }
      #hidden { visibility: hidden }`,
  });
  await page.goto(server.url);
  const found = await findLayoutFaults(page);
  assertEquals(found.map(({ kind, element }) => `${kind} ${element.split(" ")[0]}`), [
    "wide div#wide",
    "cut span#inner",
    "cut p#flat",
    "overlap button#under",
  ]);
});

browser.test("findLayoutFaults() finds text beyond the edges of a window that hides it", async ({ page }) => {
  const server = serve({
    body: `<p id="far">far out</p><p id="before">before the edge</p>`,
    "/style.css": `html { overflow-x: hidden } p { white-space: nowrap }
      #far { margin-left: 1420px } #before { margin-left: -40px }`,
  });
  await page.goto(server.url);
  assertEquals((await findLayoutFaults(page)).map(({ kind, element }) => [kind, element]), [
    ["wide", 'p#far "far out"'],
    ["cut", 'p#before "before the edge"'],
  ]);
});

browser.test("each test begins without what another has kept", async ({ page }) => {
  const server = serve({ body: "" });
  for (const context of [page.context(), undefined]) {
    const another = context ?? await page.context().browser()?.newContext();
    assert(another !== undefined);
    const other = await another.newPage();
    await other.goto(server.url);
    assertEquals(await other.evaluate(() => localStorage.length), 0);
    await other.evaluate(() => localStorage.setItem("kept", "yes"));
    if (context === undefined) await another.close();
  }
});

browser.test("what a page has is what a test says: a narrow window, dark colours", async ({ page }) => {
  const [width, dark] = await page.evaluate(() => [
    innerWidth,
    matchMedia("(prefers-color-scheme: dark)").matches,
  ]);
  assertEquals(width, 390);
  assertEquals(dark, true);
}, { context: { viewport: { width: 390, height: 844 }, colorScheme: "dark" } });

/** Runs the tests that have to fail. @returns what they print, and their totals */
async function runFixture(env: Record<string, string>) {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", "--no-prompt", TESTS_LOCK, "tests/browser/failing_fixture.ts"],
    cwd: ROOT,
    env: { ...env, NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  return { text: text + new TextDecoder().decode(stderr), totals: readTotals(text) };
}

Deno.test({
  name: "TestBrowser fails the tests that cause faults, and no process of the browser outlives their file",
  ignore: !browserAvailable,
  async fn() {
    const mark = `AEGIS_RIG=${crypto.randomUUID()}`, [name = "", value = ""] = mark.split("=");
    const { text, totals } = await runFixture({ [name]: value });
    assertEquals(totals, { passed: 1, failed: 3, ignored: 0 }, text);
    for (const said of ["console: said", "uncaught: Error: thrown", "console: the cause"]) {
      assertStringIncludes(text, said);
    }
    const left = () =>
      !HAS_PROC ? [] : [...Deno.readDirSync("/proc")].map((entry) => Number(entry.name))
        .filter((pid) => pid > 0 && pid !== Deno.pid && environmentOf(pid).includes(mark));
    assert(await becomes(() => left().length === 0), `processes ${left().join(", ")} are left`);
  },
});

Deno.test("without a browser tests of pages are ignored, and a line says so", async () => {
  const { text, totals } = await runFixture({ AEGIS_CHROMIUM: "none" });
  assertEquals(totals, { passed: 0, failed: 0, ignored: 4 }, text);
  assertStringIncludes(text, "pages are not tested in a browser");
});

Deno.test("judgeFaults() takes what was expected, and throws for all else and for what did not come", () => {
  const faults: PageFault[] = [{ kind: "console", text: "status of 404", at: "http://127.0.0.1/:1" }];
  judgeFaults([]);
  judgeFaults(faults, [/404/]);
  assertStringIncludes(
    assertThrows(() => judgeFaults(faults), Error).message,
    "console: status of 404 (http://127.0.0.1/:1)",
  );
  assertStringIncludes(
    assertThrows(() => judgeFaults(faults, [/404/, /500/]), Error).message,
    "expected and did not come: /500/",
  );
});

Deno.test("findChromium() takes the one that is named, else looks in usual places, and refuses a wrong name", () => {
  const os = "linux", exists = (path: string) => path === "/usr/bin/chromium-browser" || path === "/opt/own";
  assertEquals(findChromium("/opt/own", { os, exists }), "/opt/own");
  assertEquals(findChromium(undefined, { os, exists }), "/usr/bin/chromium-browser");
  assertEquals(findChromium("", { os, exists }), "/usr/bin/chromium-browser");
  assertEquals(findChromium("none", { os, exists }), undefined);
  assertEquals(findChromium(undefined, { os, exists: () => false }), undefined);
  assertStringIncludes(
    assertThrows(() => findChromium("/nowhere", { os, exists }), Error).message,
    'AEGIS_CHROMIUM "/nowhere"',
  );
});

Deno.test({
  name: "canRun() knows a program that starts from one that does not",
  ignore: Deno.build.os === "windows",
  fn() {
    assertEquals(canRun(Deno.execPath()), true);
    assertEquals(canRun(new URL(import.meta.url).pathname), false);
  },
});
