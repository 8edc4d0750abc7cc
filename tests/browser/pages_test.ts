/** What holds of each page of the dashboard, on a server with a day of work in it. */
import { type PageName, PAGES } from "../../src/server/pages/layout.ts";
import { assertEquals } from "../assert.ts";
import { checkAccessibility } from "../axe.ts";
import { TestBrowser } from "./browser.ts";
import { BusyServer } from "./busy_server.ts";
import { findLayoutFaults } from "./layout_faults.ts";

const browser = new TestBrowser(() => BusyServer.start({ still: true }));

/** A wide window in light colours, and a narrow one in dark ones. */
const WINDOWS = {
  "wide and light": { viewport: { width: 1440, height: 900 }, colorScheme: "light" },
  "narrow and dark": { viewport: { width: 390, height: 844 }, colorScheme: "dark" },
} as const;

for (const [name, { path, title }] of Object.entries(PAGES) as [PageName, typeof PAGES[PageName]][]) { // its rows
  for (const [kind, context] of Object.entries(WINDOWS)) {
    browser.test(`the page ${name}, ${kind}, shows itself without a fault`, async ({ open }) => {
      const page = await open(path);
      assertEquals(await page.title(), `${title} – Aegis`);
      assertEquals(await findLayoutFaults(page), []);
      assertEquals(await checkAccessibility(page), []);
    }, { context });
  }
}

browser.test(
  "a page asks for a token where there is none, and shows nothing before",
  async ({ open, server }) => {
    const page = await open("/", { token: null });
    assertEquals(await checkAccessibility(page), []);
    await page.getByLabel("Token").fill((await server()).token ?? "");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.locator('html[data-ready="true"]').waitFor({ state: "attached" });
  },
  { expected: [/status of 401/] },
);
