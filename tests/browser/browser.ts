/**
 * Tests of pages in a real browser. A file makes one {@linkcode TestBrowser}; each of its tests has a context of its own,
 * so no cookie, storage or cache of another. Chromium starts with the first test and ends after the last. Where there is
 * none, the tests are ignored, and a line says so.
 */
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "../playwright.ts";
import { canRun, findChromium } from "./find_chromium.ts";
import { judgeFaults, type PageFault, watchFaults } from "./page_faults.ts";

/** Milliseconds: many times what is needed here, so that a slow machine passes and a page that hangs does not last. */
const STEP = 30_000, TEST = 120_000, START = 60_000, END = 15_000;

const CHROMIUM = findChromium(Deno.env.get("AEGIS_CHROMIUM"));

/** Whether there is a browser that starts; without one the tests of pages are ignored. */
export const browserAvailable: boolean = CHROMIUM !== undefined && canRun(CHROMIUM);

if (!browserAvailable) {
  console.log(
    CHROMIUM === undefined
      ? "Chromium is not on this machine, nor does AEGIS_CHROMIUM name one: pages are not tested in a browser"
      : `Chromium at ${CHROMIUM} does not start: pages are not tested in a browser`,
  );
}

/** What a context has unless a test says otherwise: nothing moves, and times are the same everywhere. */
const CONTEXT: BrowserContextOptions = {
  viewport: { width: 1440, height: 900 },
  reducedMotion: "reduce",
  locale: "en-GB",
  timezoneId: "UTC",
};

/** Starts Chromium. @throws {Error} where there is none */
export function launchBrowser(): Promise<Browser> {
  if (CHROMIUM === undefined) throw new Error("Cannot start Chromium: there is none; see AEGIS_CHROMIUM");
  return chromium.launch({ executablePath: CHROMIUM, timeout: START });
}

/** A context with times that are bounded. */
export async function openContext(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({ ...CONTEXT, ...options });
  context.setDefaultTimeout(STEP);
  context.setDefaultNavigationTimeout(STEP);
  return context;
}

/** A server that pages are opened on, and the token of its administrator; undefined where it asks for none. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly token: string | undefined;
}

/** Each tab of the context that comes to the server is signed in there, until it signs out. */
export async function signIn(
  context: BrowserContext,
  { url, token }: { readonly url: string; readonly token: string },
): Promise<void> {
  await context.addInitScript(([origin, token]) => {
    if (location.origin !== origin || sessionStorage.getItem("test.signed-in") !== null) return;
    sessionStorage.setItem("test.signed-in", "once");
    sessionStorage.setItem("aegis.token", token);
  }, [new URL(url).origin, token] as const);
}

/** Waits until a page of the dashboard says that it shows its first data, or that it asks for a token. */
export async function untilReady(page: Page, state: "true" | "sign-in" = "true"): Promise<void> {
  await page.locator(`html[data-ready="${state}"]`).waitFor({ state: "attached" });
}

/** What a test gets. */
export interface InBrowser<Server extends TestServer> {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What has gone wrong in the page so far. */
  readonly faults: readonly PageFault[];
  /** The server of the file's tests, the same for all of them, which starts when it is first asked for. */
  server(): Promise<Server>;
  /**
   * Goes to a page of that server, such as `/pages/tasks.html`, and waits until it shows its first data.
   *
   * @param token who is signed in: the administrator unless another is given; null for nobody, whom the page asks
   */
  open(path: string, options?: { readonly token?: string | null }): Promise<Page>;
}

export interface BrowserTestOptions {
  /** Faults that the test brings about: each has to happen, and no other. */
  readonly expected?: readonly RegExp[];
  /** Its viewport, its colour scheme and the like. */
  readonly context?: BrowserContextOptions;
}

/** Rejects after a time, unless it is stopped before. */
function deadline(milliseconds: number, what: string): { readonly passed: Promise<never>; stop(): void } {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`${what} took more than ${milliseconds / 1000} s`)),
    milliseconds,
  );
  return { passed: promise, stop: () => clearTimeout(timer) };
}

export class TestBrowser<Server extends TestServer> {
  readonly #start: () => Promise<Server>;
  #browser: Promise<Browser> | undefined;
  #server: Promise<Server> | undefined;

  /** @param start starts the server of the file's tests */
  constructor(start: () => Promise<Server>) {
    this.#start = start;
    Deno.test.afterAll(() => this.close());
  }

  /** A test in a page of its own. It fails with its function, and with any fault of the page that is not expected. */
  test(
    name: string,
    act: (given: InBrowser<Server>) => Promise<void>,
    options: BrowserTestOptions = {},
  ): void {
    Deno.test({
      name,
      ignore: !browserAvailable,
      // The pipe to the browser is read on, whatever test runs.
      sanitizeOps: false,
      sanitizeResources: false,
      fn: () => this.#run(act, options),
    });
  }

  async #run(
    act: (given: InBrowser<Server>) => Promise<void>,
    { expected, context: wishes }: BrowserTestOptions,
  ): Promise<void> {
    this.#browser ??= launchBrowser();
    const context = await openContext(await this.#browser, wishes), faults = watchFaults(context);
    const limit = deadline(TEST, "the test");
    try {
      const page = await context.newPage(), server = () => this.#server ??= this.#start();
      const open: InBrowser<Server>["open"] = async (path, { token } = {}) => {
        const there = await server(), signedIn = token === undefined ? there.token ?? "" : token;
        if (signedIn !== null) await signIn(context, { url: there.url, token: signedIn });
        await page.goto(new URL(path, there.url).href);
        await untilReady(page, signedIn === null ? "sign-in" : "true");
        return page;
      };
      await Promise.race([act({ page, context, faults, server, open }), limit.passed]);
      // What the pages have said until now arrives before their answers.
      for (const page of context.pages()) await page.evaluate("0");
    } catch (error) {
      // Faults often are the cause of what the test has missed.
      for (const { kind, text, at } of faults) console.error(`${kind}: ${text} (${at})`);
      throw error;
    } finally {
      limit.stop();
      await context.close();
    }
    judgeFaults(faults, expected);
  }

  /** Ends browser and server. */
  async close(): Promise<void> {
    const browser = this.#browser, server = this.#server, limit = deadline(END, "the end of the browser");
    this.#browser = this.#server = undefined;
    try {
      await Promise.race([(await browser)?.close(), limit.passed]);
    } finally {
      limit.stop();
      await (await server)?.[Symbol.asyncDispose]();
    }
  }
}
