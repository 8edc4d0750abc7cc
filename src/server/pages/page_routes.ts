/**
 * The dashboard's pages and their files. They hold no data and are the same for everybody, so they are sent to whoever asks:
 * what they show, they get from the API, with the token of who has signed in.
 */
import { createHash } from "node:crypto";
import { Hono } from "hono";
import { ASSETS } from "./assets.ts";
import { dashboardPage } from "./dashboard_page.ts";
import { executePage } from "./execute_page.ts";
import { inspectPage } from "./inspect_page.ts";
import { type Markup, type PageName, PAGES } from "./layout.ts";
import { monitorPage } from "./monitor_page.ts";
import { tasksPage } from "./tasks_page.ts";

/** Makes each page. */
const MAKERS: Readonly<Record<PageName, () => Markup>> = {
  dashboard: dashboardPage,
  tasks: tasksPage,
  execute: executePage,
  inspect: inspectPage,
  monitor: monitorPage,
};

/**
 * What a page may load: files of this server. No script and no style stands in a page, and no text becomes markup: who gets
 * a name or a log line into a page has text there.
 */
export const PAGE_POLICY = [
  "default-src 'none'",
  ...["script", "style", "img", "connect", "worker"].map((kind) => `${kind}-src 'self'`),
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types aegis-workers", // addresses of the programs that pages start as Workers
].join("; ");

interface PageFile {
  readonly path: string;
  readonly type: string;
  readonly text: string;
}

/** Paths that are pages or their files. */
export function isPagePath(path: string): boolean {
  return path === "/" || path.startsWith("/pages/") || path.startsWith("/assets/");
}

export function pageRoutes(): Hono {
  const app = new Hono(), names = Object.keys(PAGES) as PageName[]; // its keys
  const pages = names.map((name): PageFile => ({
    path: PAGES[name].path,
    type: "text/html; charset=utf-8",
    text: textOf(MAKERS[name]()),
  }));
  const files = Object.entries(ASSETS).map(([name, asset]): PageFile => ({
    path: `/assets/${name}`,
    ...asset,
  }));
  for (const { path, type, text } of [...pages, ...files]) {
    const tag = `"${createHash("sha256").update(text).digest("base64url")}"`;
    app.get(path, (c) => {
      c.header("Content-Security-Policy", PAGE_POLICY);
      c.header("Cache-Control", "no-cache"); // asked for each time, and sent where it is another one
      c.header("ETag", tag);
      if (c.req.header("if-none-match") === tag) return c.body(null, 304);
      return c.body(text, 200, { "Content-Type": type });
    });
  }
  return app;
}

function textOf(markup: Markup): string {
  if (markup instanceof Promise) throw new Error("Cannot send a page that is waited for: pages hold no data");
  return String(markup).trimStart();
}
