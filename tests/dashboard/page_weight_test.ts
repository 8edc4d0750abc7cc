import { assert, assertEquals } from "../assert.ts";
import { pageRoutes } from "../../src/server/pages/page_routes.ts";

/** Bytes that the first page and all that it loads may have, as they are before anything compresses them. */
const MOST = 150_000;

Deno.test("the first page with its style, its programs and its picture stays below 150 kB", async () => {
  const app = pageRoutes(), encoder = new TextEncoder();
  const sizeOf = async (path: string) => {
    const response = await app.request(path), text = await response.text();
    assertEquals(response.status, 200, path);
    return { text, size: encoder.encode(text).length };
  };
  const page = await sizeOf("/"),
    loaded = [...page.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path = ""]) => path);
  assert(loaded.includes("/assets/dashboard.js") && loaded.includes("/assets/style.css"), loaded.join());
  let total = page.size;
  for (const path of new Set(loaded)) total += (await sizeOf(path)).size;
  assert(total < MOST, `the first page is ${total} bytes`);
  assert(total > 50_000, `the first page is ${total} bytes: what it loads is missing`);
});
