/**
 * The one place that imports `playwright-core`. It is named with its version here, and not in `deno.json`, whose packages
 * everybody fetches who runs the command. It drives a Chromium that is on the machine, and brings none.
 */
export { chromium } from "npm:playwright-core@1.65.1";
export type {
  Browser,
  BrowserContext,
  BrowserContextOptions,
  Locator,
  Page,
} from "npm:playwright-core@1.65.1";
