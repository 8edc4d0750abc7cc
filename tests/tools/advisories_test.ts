import { ADVISED_LOCKS, lockedPackages, readAuditReport } from "../../tools/advisories.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";

const ROOT = new URL("../../", import.meta.url);

function hasNpm(): boolean {
  try {
    return new Deno.Command("npm", { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

/** Answers as npm's registry does: of the packages that it is asked for, those that are listed here have an advisory. */
function startRegistry(listed: Readonly<Record<string, string>>, status = 200) {
  const asked: Record<string, readonly string[]>[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const unpacked = request.body?.pipeThrough(new DecompressionStream("gzip"));
    const packages = await new Response(unpacked).json() as Record<string, readonly string[]>; // `as`: npm's request
    asked.push(packages);
    const found = Object.entries(listed).filter(([name]) => name in packages).map(([name, title], id) =>
      [name, [{ id, url: "about:blank", title, severity: "high", vulnerable_versions: ">=0" }]] as const
    );
    return Response.json(Object.fromEntries(found), { status });
  });
  return { server, asked };
}

async function runTool(port: number): Promise<{ readonly code: number; readonly said: string }> {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "tools/advisories.ts"],
    cwd: ROOT,
    env: { npm_config_registry: `http://127.0.0.1:${port}`, npm_config_fetch_retries: "0" },
    stderr: "null",
  }).output();
  return { code, said: new TextDecoder().decode(stdout) };
}

Deno.test({
  name:
    "the tool asks for every locked package in its version, tells of advisories, and says when nobody answers",
  ignore: !hasNpm(),
  async fn() {
    const listed = startRegistry({ hono: "a hole" }),
      silent = startRegistry({}, 405),
      clean = startRegistry({});
    try {
      const [found, unanswered, none] = await Promise.all(
        [listed, silent, clean].map(({ server }) => runTool(server.addr.port)),
      );
      assertEquals(found?.code, 1);
      assertStringIncludes(found?.said ?? "", "high: hono: a hole");
      assertEquals(unanswered?.code, 3);
      assertEquals(
        unanswered?.said.match(/\d+ packages were not checked: 405/g)?.length,
        ADVISED_LOCKS.length,
      );
      assertEquals(none?.code, 0);
      assertEquals(none?.said.match(/\d+ packages, 0 known advisories/g)?.length, ADVISED_LOCKS.length);
      for (const [index, path] of ADVISED_LOCKS.entries()) {
        const sent = clean.asked[index] ?? {};
        for (const { name, version } of lockedPackages(Deno.readTextFileSync(new URL(path, ROOT)))) {
          assert(sent[name]?.includes(version), `${path}: ${name}@${version}`);
        }
      }
    } finally {
      for (const { server } of [listed, silent, clean]) await server.shutdown();
    }
  },
});

Deno.test("lockedPackages() reads names with scopes and peers, and refuses what is no package", () => {
  const lock = (key: string) => JSON.stringify({ npm: { [key]: {} } });
  assertEquals(lockedPackages(lock("@a/b@1.2.3_c@4.0.0_@d+e@5.0.0")), [{ name: "@a/b", version: "1.2.3" }]);
  assertEquals(lockedPackages(lock("a_b@1.0.0")), [{ name: "a_b", version: "1.0.0" }]);
  assertEquals(lockedPackages("{}"), []);
  assertThrows(() => lockedPackages(lock("a")), Error, 'Cannot read "a" in the lock');
});

Deno.test("readAuditReport() takes what it cannot read for no answer", () => {
  assertEquals(readAuditReport(""), { unanswered: "npm printed no report" });
  assertEquals(readAuditReport('{"message": "405"}'), { unanswered: "405" });
  assertEquals(readAuditReport("{}"), { unanswered: "npm gave no reason" });
  assertEquals(readAuditReport('{"vulnerabilities": {}}'), { advisories: [] });
});

Deno.test("every package that is asked for by name stands in RATIONALE.md with what it is for", () => {
  const text = Deno.readTextFileSync(new URL("RATIONALE.md", ROOT)), missing = new Set<string>();
  for (const path of ADVISED_LOCKS) {
    const { specifiers } = JSON.parse(Deno.readTextFileSync(new URL(path, ROOT))) as {
      readonly specifiers: Readonly<Record<string, string>>;
    };
    for (const specifier of Object.keys(specifiers)) {
      const name = specifier.replace(/^npm:/, "").replace(/(?<=.)@.*$/, "");
      if (!new RegExp(`^\\| \`${name}\` +\\|`, "m").test(text)) missing.add(name);
    }
  }
  assertEquals([...missing], []);
});
