/** Files beside modules: what lies in the folder, and nothing else of this machine. */
import { HttpFailure, type StaticFiles, staticFiles } from "../../../wrappers.ts";
import { isServed } from "../../../src/wrappers/http/static_files.ts";
import { AegisError } from "../../../mod.ts";
import { assertEquals, assertThrows } from "../../assert.ts";

/** A folder with files, and a secret beside it. */
async function withFiles(test: (files: StaticFiles, root: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const root = `${folder}/public`;
    await Deno.mkdir(`${root}/sub/.git`, { recursive: true });
    await Deno.writeTextFile(`${folder}/secret.txt`, "secret");
    await Deno.writeTextFile(`${root}/page.html`, "0123456789");
    await Deno.writeTextFile(`${root}/sub/index.html`, "index");
    await Deno.writeTextFile(`${root}/.env`, "secret");
    await Deno.writeTextFile(`${root}/sub/.git/config`, "secret");
    await Deno.writeTextFile(`${root}/a b.txt`, "space");
    await Deno.writeTextFile(`${root}/empty`, "");
    await Deno.symlink("../secret.txt", `${root}/link.txt`);
    await Deno.symlink(folder, `${root}/up`);
    await Deno.symlink(".env", `${root}/env.txt`);
    await Deno.symlink("page.html", `${root}/good.html`);
    await Deno.symlink("loop", `${root}/loop`);
    await Deno.symlink("/dev/zero", `${root}/zero`);
    await test(staticFiles(root, { route: "/f" }), root);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function ask(
  files: StaticFiles,
  path: string,
  init: RequestInit = {},
): Promise<readonly [number, string, Headers]> {
  try {
    const { status, headers, body } = await files.handle(new Request(`http://h${path}`, init));
    return [status, body === null ? "" : await new Response(body).text(), headers];
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
    return [error.status, "", new Headers()];
  }
}

Deno.test("files are served with their types, tags and times, and folders by their index", async () => {
  await withFiles(async (files) => {
    const [status, text, headers] = await ask(files, "/f/page.html");
    assertEquals([status, text, headers.get("content-type"), headers.get("content-length")], [
      200,
      "0123456789",
      "text/html; charset=utf-8",
      "10",
    ]);
    assertEquals([headers.get("x-content-type-options"), headers.get("server")], ["nosniff", null]);
    assertEquals((await ask(files, "/f/sub/"))[1], "index");
    const moved = await ask(files, "/f/sub?x=1");
    assertEquals([moved[0], moved[2].get("location")], [301, "/f/sub/?x=1"]);
    assertEquals((await ask(files, "/f/a%20b.txt"))[1], "space");
    assertEquals((await ask(files, "/f/good.html"))[1], "0123456789", "a link that stays inside");
    assertEquals((await ask(files, "/f/empty")).slice(0, 2), [200, ""]);
    const tag = headers.get("etag") ?? "", time = headers.get("last-modified") ?? "";
    for (
      const held of [{ "if-none-match": tag }, { "if-none-match": `"x", ${tag}` }, {
        "if-modified-since": time,
      }]
    ) {
      assertEquals((await ask(files, "/f/page.html", { headers: held }))[0], 304);
    }
    assertEquals(
      (await ask(files, "/f/page.html", { headers: { "if-none-match": '"x"', "if-modified-since": time } }))[
        0
      ],
      200,
    );
    const [head, none, headHeaders] = await ask(files, "/f/page.html", { method: "HEAD" });
    assertEquals([head, none, headHeaders.get("content-length")], [200, "", "10"]);
    assertEquals((await ask(files, "/f/page.html", { method: "POST", body: "x" }))[0], 405);
  });
});

Deno.test("parts of files are served as they are asked for", async () => {
  await withFiles(async (files) => {
    const cases: readonly (readonly [range: string, status: number, text: string])[] = [
      ["bytes=0-3", 206, "0123"],
      ["bytes=4-", 206, "456789"],
      ["bytes=-2", 206, "89"],
      ["bytes=-99", 206, "0123456789"],
      ["bytes=9-100", 206, "9"],
      ["bytes=10-", 416, ""],
      ["bytes=-0", 416, ""],
      ["bytes=5-4", 200, "0123456789"],
      ["bytes=0-1,3-4", 200, "0123456789"],
      ["bytes=-", 200, "0123456789"],
      ["bytes=99999999999999999999-", 200, "0123456789"],
      ["words", 200, "0123456789"],
    ];
    for (const [range, status, text] of cases) {
      assertEquals(
        (await ask(files, "/f/page.html", { headers: { range } })).slice(0, 2),
        [status, text],
        range,
      );
    }
  });
});

Deno.test("no path leads out of the folder, to a hidden file, a link that leaves, or a device", async () => {
  await withFiles(async (files) => {
    const paths = [
      "/f/..%2fsecret.txt",
      "/f/%2e%2e/secret.txt",
      "/f/sub/..%2f..%2fsecret.txt",
      "/f/..%5csecret.txt",
      "/f/%2e%2e%2fsecret.txt",
      "/f/sub%2findex.html",
      "/f/sub/..%2fpage.html",
      "/f//secret.txt",
      "/f//etc/passwd",
      "/f/%2fetc%2fpasswd",
      "/f/.env",
      "/f/%2eenv",
      "/f/sub/.git/config",
      "/f/env.txt",
      "/f/link.txt",
      "/f/up/secret.txt",
      "/f/up",
      "/f/loop",
      "/f/zero",
      "/f/page.html%00.txt",
      "/f/page.html/",
      "/f/page.html/x",
      "/f/%ff",
      "/f/",
      `/f/${"x".repeat(5000)}`,
      "/f/none",
    ];
    for (const path of paths) assertEquals((await ask(files, path)).slice(0, 2), [404, ""], path);
  });
});

Deno.test("a path that is not below the route is no file, whoever asks for it", async () => {
  await withFiles(async (files) => {
    for (const path of ["/g/page.html", "/ff/page.html", "/page.html", "/"]) {
      assertEquals((await ask(files, path))[0], 404, path);
    }
  });
});

Deno.test("isServed() knows a directory of each system, and hidden names on the way", () => {
  const cases: readonly (readonly [real: string, root: string, separator: "/" | "\\", served: boolean])[] = [
    ["/srv/a/b", "/srv", "/", true],
    ["/srv2/a", "/srv", "/", false],
    ["/a", "/", "/", true],
    ["/srv/.a/b", "/srv", "/", false],
    ["C:\\srv\\a\\b", "C:\\srv", "\\", true],
    ["C:\\a", "C:\\", "\\", true],
    ["C:\\srv2\\a", "C:\\srv", "\\", false],
    ["C:\\srv\\.git\\a", "C:\\srv", "\\", false],
    ["\\\\.\\NUL", "C:\\srv", "\\", false],
  ];
  for (const [real, root, separator, served] of cases) {
    assertEquals(isServed(real, root, separator), served, real);
  }
});

Deno.test("staticFiles() refuses what is no directory", () => {
  for (const path of [import.meta.filename ?? "", "/none/at/all"]) {
    assertEquals(assertThrows(() => staticFiles(path), AegisError).field, "static");
  }
});
