/**
 * `deno task screenshots`: pictures of the five pages with real work in them, light and dark, wide and narrow, for the
 * documents; and what a script can see is wrong with them. It ends with status 1 where something is.
 *
 *     deno task screenshots [--out FOLDER] [--format webp|png] [--only dashboard,monitor]
 */
import { type PageName, PAGES } from "../../src/server/pages/layout.ts";
import { checkAccessibility } from "../axe.ts";
import type { Browser } from "../playwright.ts";
import { launchBrowser, openContext, signIn, untilReady } from "./browser.ts";
import { BusyServer } from "./busy_server.ts";
import { findLayoutFaults } from "./layout_faults.ts";
import { watchFaults } from "./page_faults.ts";

const ROOT = new URL("../../", import.meta.url);

const SIZES = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } } as const;

const THEMES = ["light", "dark"] as const;

const FORMATS = ["webp", "png"] as const;

/** Bytes of the largest picture, and the qualities of WebP that are tried until one is small enough. */
const LARGEST = 150_000, QUALITIES = [90, 80, 70, 55, 40] as const;

/** Milliseconds after the first data in which what moves comes to rest: charts, live figures. */
const SETTLE = 1500;

interface Wishes {
  readonly out: string;
  readonly format: typeof FORMATS[number];
  readonly pages: readonly PageName[];
}

function readWishes(args: readonly string[]): Wishes {
  let out = new URL("docs/pictures", ROOT).pathname, format: Wishes["format"] = "webp";
  let pages = Object.keys(PAGES) as PageName[]; // its keys
  for (let index = 0; index < args.length; index += 2) {
    const [name, value = ""] = args.slice(index, index + 2);
    const known = FORMATS.find((format) => format === value), named = value.split(",");
    if (name === "--out" && value !== "") out = value;
    else if (name === "--format" && known !== undefined) format = known;
    else if (name === "--only" && named.every((page) => Object.hasOwn(PAGES, page))) {
      pages = pages.filter((page) => named.includes(page));
    } else {
      throw new Error(
        `Cannot read "${name} ${value}": use --out FOLDER, --format ${FORMATS.join("|")}, ` +
          `--only ${Object.keys(PAGES).join(",")}`,
      );
    }
  }
  return { out, format, pages };
}

interface Shot {
  readonly page: PageName;
  readonly size: keyof typeof SIZES;
  readonly theme: typeof THEMES[number];
  readonly format: Wishes["format"];
}

/** What is shown where a page can show one thing or another. */
function pathOf(page: PageName, { modules }: BusyServer): string {
  const { path } = PAGES[page];
  if (page === "inspect") return `${path}?module=${modules.get("pi")}#overview`;
  return page === "execute" ? `${path}?module=${modules.get("math")}&function=main` : path;
}

/** Takes a picture of a page, and looks for what is wrong with it. */
async function takePicture(
  browser: Browser,
  server: BusyServer,
  { page: name, size, theme, format }: Shot,
): Promise<{ readonly bytes: Uint8Array; readonly faults: readonly string[] }> {
  const context = await openContext(browser, { viewport: SIZES[size], colorScheme: theme });
  try {
    const happened = watchFaults(context), page = await context.newPage();
    await signIn(context, server);
    await page.goto(new URL(pathOf(name, server), server.url).href);
    await untilReady(page);
    if (name === "execute") {
      await page.getByText("() -> (i32)").waitFor();
      await page.keyboard.press("Control+Enter");
      await page.getByText("Returned").waitFor();
    }
    await page.waitForTimeout(SETTLE);
    // The debugger makes WebP, which playwright does not ask it for.
    const debug = await context.newCDPSession(page);
    const capture = async (quality?: number) => {
      const { data } = await debug.send("Page.captureScreenshot", {
        format,
        ...(quality === undefined ? {} : { quality }),
      });
      return Uint8Array.fromBase64(data);
    };
    let bytes = await capture(format === "png" ? undefined : QUALITIES[0]);
    for (const quality of format === "png" ? [] : QUALITIES.slice(1)) {
      if (bytes.length > LARGEST) bytes = await capture(quality);
    }
    const layout = await findLayoutFaults(page), access = await checkAccessibility(page);
    return {
      bytes,
      faults: [
        ...layout.map(({ kind, element, detail }) => `${kind}: ${element}: ${detail}`),
        ...access.flatMap(({ rule, targets, details }) =>
          targets.map((target, index) => `${rule}: ${target}: ${details[index] ?? ""}`)
        ),
        ...happened.map(({ kind, text, at }) => `${kind}: ${text} (${at})`),
        ...bytes.length > LARGEST ? [`picture: ${bytes.length} bytes are more than ${LARGEST}`] : [],
      ],
    };
  } finally {
    await context.close();
  }
}

async function main(args: readonly string[]): Promise<number> {
  const { out, format, pages } = readWishes(args);
  await using server = await BusyServer.start();
  const browser = await launchBrowser();
  let faults = 0;
  try {
    await Deno.mkdir(out, { recursive: true });
    for (const page of pages) {
      for (const size of ["wide", "narrow"] as const) {
        for (const theme of THEMES) {
          const picture = await takePicture(browser, server, { page, size, theme, format });
          const path = `${out}/${page}-${theme}-${size}.${format}`;
          await Deno.writeFile(path, picture.bytes);
          console.log(`${path}: ${Math.ceil(picture.bytes.length / 1000)} kB`);
          for (const fault of picture.faults) console.log(`  ${fault}`);
          faults += picture.faults.length;
        }
      }
    }
  } finally {
    await browser.close();
  }
  console.log(faults === 0 ? "no faults" : `${faults} faults`);
  return faults === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
