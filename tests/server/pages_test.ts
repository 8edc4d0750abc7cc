import { assert, assertEquals, assertMatch } from "../assert.ts";
import { ServerRig } from "./rig.ts";
import { PAGES } from "../../src/server/pages/layout.ts";
import { PAGE_POLICY } from "../../src/server/pages/page_routes.ts";

const PATHS = Object.values(PAGES).map(({ path }) => path), NO_TOKEN = { Authorization: "" };

/** Paths of what a page loads or leads to, in this server. */
function linksOf(text: string): string[] {
  return [...text.matchAll(/(?:src|href)="(\/[^"]*)"/g)].map(([, path = ""]) => path);
}

Deno.test("G58 pages are sent to whoever asks, with a policy that has no script or style stand in them, and hold none", async () => {
  await using rig = await ServerRig.start();
  for (const path of PATHS) {
    const { status, body, response } = await rig.ask("GET", path, { headers: NO_TOKEN }), text = String(body);
    assertEquals([status, response.headers.get("content-type")], [200, "text/html; charset=utf-8"], path);
    assertEquals(response.headers.get("content-security-policy"), PAGE_POLICY);
    assertEquals(response.headers.get("cache-control"), "no-cache");
    assertMatch(text, /^<!DOCTYPE html>/);
    assertEquals(text.match(/<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:/gi), null, path);
    assertEquals((await rig.ask("HEAD", path, { headers: NO_TOKEN })).status, 200);
  }
  assertMatch(PAGE_POLICY, /default-src 'none'; script-src 'self'; style-src 'self';/);
  assertEquals(PAGE_POLICY.match(/unsafe|data:|\*|https?:/), null);
});

Deno.test("all that pages load and lead to is there, and is asked for again only where it has changed", async () => {
  await using rig = await ServerRig.start();
  const links = new Set<string>();
  for (const path of PATHS) {
    for (const link of linksOf(String((await rig.ask("GET", path)).body))) links.add(link);
  }
  assert(links.size > PATHS.length + 6);
  for (const link of links) {
    const { status, response } = await rig.ask("GET", link, { headers: NO_TOKEN });
    assertEquals(status, 200, link);
    assertEquals(response.headers.get("x-content-type-options"), "nosniff");
    const tag = response.headers.get("etag") ?? "";
    assertMatch(tag, /^"[\w-]{43}"$/, link);
    const again = await rig.ask("GET", link, { headers: { ...NO_TOKEN, "If-None-Match": tag } });
    assertEquals([again.status, again.body], [304, ""], link);
    assertEquals((await rig.ask("GET", link, { headers: { "If-None-Match": '"other"' } })).status, 200);
  }
});

Deno.test("G58 what pages need no token for is looked at alone, and under the server's own name", async () => {
  await using rig = await ServerRig.start();
  for (const path of ["/", "/pages/tasks.html", "/assets/style.css"]) {
    assertEquals((await rig.ask("POST", path, { headers: NO_TOKEN })).status, 401, path);
    assertEquals((await rig.ask("GET", path, { headers: { Host: "evil.example" } })).status, 421, path);
  }
  for (
    const path of ["/pages/none.html", "/assets/none.js", "/assets/../server_app.ts", "/assets/%2e%2e/x"]
  ) {
    assertEquals((await rig.ask("GET", path)).status, 404, path);
  }
  // A link of another site leads to a page, which holds nothing; what that page asks for comes from itself.
  const linked = { ...NO_TOKEN, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate" };
  assertEquals((await rig.ask("GET", "/pages/tasks.html", { headers: linked })).status, 200);
  assertEquals((await rig.ask("GET", "/api/v1/tasks", { headers: linked })).status, 403);
});

Deno.test("pages and their files stand in the program: it reads no file for them", async () => {
  const routes = new URL("../../src/server/pages/page_routes.ts", import.meta.url).href;
  const program = `import { pageRoutes } from ${JSON.stringify(routes)};
    const app = pageRoutes();
    for (const path of ${
    JSON.stringify([...PATHS, "/assets/uplot.js", "/assets/style.css", "/assets/tasks.js"])
  }) {
      const response = await app.request(path);
      console.log(response.status, (await response.text()).length > 500);
    }`;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--no-check",
      `--lock=${new URL("../deno.lock", import.meta.url).pathname}`,
      "-",
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
    cwd: new URL("../..", import.meta.url).pathname,
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(program));
  await writer.close();
  const { stdout, stderr } = await child.output();
  assertEquals(
    [new TextDecoder().decode(stdout).trim().split("\n"), new TextDecoder().decode(stderr)],
    [Array(8).fill("200 true"), ""],
  );
});
