import { findTraces, findTracesBelow } from "../../tools/traces.ts";
import { assertEquals } from "../assert.ts";

/** Joined at run time, so that this file passes the check that it tests. */
const HOST = ["registry", "npmjs", "org"].join(".");

Deno.test("findTraces() finds the machine's own paths, with their lines", () => {
  const text = `one\nsee /home/me/aegis/src\nthree /home/me\n`;
  assertEquals(findTraces("README.md", text, ["/home/me/aegis", "/home/me"]), [
    { path: "README.md", line: 2, what: 'the path "/home/me/aegis"' },
    { path: "README.md", line: 3, what: 'the path "/home/me"' },
  ]);
});

Deno.test("findTraces() takes a path of one segment for no evidence", () => {
  assertEquals(findTraces("README.md", "mount it at /app or /root\n", ["/app", "/root", "/", ""]), []);
});

Deno.test("findTraces() finds registry hosts anywhere, and any address in the lock file", () => {
  for (const host of [HOST, "jsr.io".concat("/@std/path"), "npm.".concat("jsr.io")]) {
    assertEquals(findTraces("docs/x.md", `https://${host}`, []).length, 1, host);
  }
  for (const path of ["deno.lock", "mcp.lock", "tests/deno.lock"]) {
    assertEquals(findTraces(path, `"tarball": "https://example.com/x.tgz"`, []), [
      { path, line: 1, what: "an address" },
    ]);
  }
  assertEquals(findTraces("docs/x.md", `"https://example.com/x.tgz", jsr:@aegis/core`, []), []);
});

Deno.test("findTracesBelow() reads every folder but those that are not ours", async () => {
  const root = await Deno.makeTempDir({ prefix: "aegis_traces_" });
  try {
    for (const folder of ["src/core", "node_modules/x", ".git", ".ci"]) {
      await Deno.mkdir(`${root}/${folder}`, { recursive: true });
      await Deno.writeTextFile(`${root}/${folder}/file`, `\n${HOST}`);
    }
    await Deno.writeFile(`${root}/binary.wasm`, new Uint8Array([0, 0x61, 0x73, 0x6d, 0xff, 0xfe]));
    assertEquals(
      (await findTracesBelow(root, [root])).map(({ path, line }) => `${path}:${line}`),
      [".ci/file:2", "src/core/file:2"],
    );
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
