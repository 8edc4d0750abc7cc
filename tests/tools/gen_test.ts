import { findDependencies, renderTextModule } from "../../tools/bundle.ts";
import type { Bundle } from "../../tools/bundles.ts";
import { VERSION } from "../../src/cli/version.ts";
import {
  generate,
  generateAll,
  generateProgram,
  generatePrograms,
  generateTemplates,
  generateVersions,
} from "../../tools/gen.ts";
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "../assert.ts";

const BUNDLE: Bundle = {
  source: "src/guest/main.ts",
  target: "src/sandbox/guest_worker.gen.ts",
  constant: "GUEST_TEXT",
  doc: "A guest.",
};

const MAIN = `import { greet } from "./greeting.ts";
/** Answers the host. */
self.onmessage = (event: MessageEvent<string>): void => self.postMessage(greet(event.data));
`;
const GREETING = `export const unused = 1;
export const greet = (name: string): string => "hello " + name + "\\u2028 \${\`µ\`} " + 2n ** 64n;
`;

/** A small repository in a folder of its own, gone afterwards. */
async function withRepository(sources: Record<string, string>, use: (root: string) => Promise<void>) {
  const root = await Deno.makeTempDir({ prefix: "aegis_gen_" });
  try {
    for (const [path, text] of Object.entries({ "deno.json": "{}", ...sources })) {
      await Deno.mkdir(`${root}/${path.slice(0, path.lastIndexOf("/") + 1)}`, { recursive: true });
      await Deno.writeTextFile(`${root}/${path}`, text);
    }
    await Deno.mkdir(`${root}/src/sandbox`, { recursive: true });
    await use(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

const SOURCES = { "src/guest/main.ts": MAIN, "src/guest/greeting.ts": GREETING };

Deno.test("generateAll() writes what is missing, and finds it fresh after that", async () => {
  await withRepository(SOURCES, async (root) => {
    assertEquals(await generateAll(root, [BUNDLE], { check: true }), [BUNDLE.target]);
    assertEquals(await generateAll(root, [BUNDLE], { check: false }), [BUNDLE.target]);
    assertEquals(await generateAll(root, [BUNDLE], { check: false }), []);
    assertEquals(await generateAll(root, [BUNDLE], { check: true }), []);
  });
});

Deno.test("generateAll() with check finds a changed source and an edited target, and writes neither", async () => {
  await withRepository(SOURCES, async (root) => {
    await generateAll(root, [BUNDLE], { check: false });
    const fresh = await Deno.readTextFile(`${root}/${BUNDLE.target}`);

    await Deno.writeTextFile(`${root}/src/guest/greeting.ts`, GREETING.replace("hello", "good day"));
    assertEquals(await generateAll(root, [BUNDLE], { check: true }), [BUNDLE.target]);
    assertEquals(await Deno.readTextFile(`${root}/${BUNDLE.target}`), fresh);

    await Deno.writeTextFile(`${root}/src/guest/greeting.ts`, GREETING);
    await Deno.writeTextFile(`${root}/${BUNDLE.target}`, `${fresh}\n`);
    assertEquals(await generateAll(root, [BUNDLE], { check: true }), [BUNDLE.target]);
  });
});

Deno.test("generateProgram() makes one module that loads what stays beside it by where it lies", async () => {
  const sources = {
    "src/cli/main.ts": `import { TEXT } from "./text.gen.ts";
import { greet } from "../guest/greeting.ts";
console.log(greet(TEXT), Deno.args.length > 9 ? await import("later") : "");
`,
    "src/guest/greeting.ts": GREETING,
    "src/sandbox/text.gen.ts": 'export const TEXT: string = "world";\n',
  };
  const program = {
    source: "src/cli/main.ts",
    target: "src/cli/main.gen.js",
    beside: { "./text.gen.ts": "../sandbox/text.gen.ts", "later": "later" },
  };
  await withRepository(sources, async (root) => {
    assertEquals(await generatePrograms(root, [program], { check: false }), [program.target]);
    assertEquals(await generatePrograms(root, [program], { check: true }), []);
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-config", `${root}/${program.target}`],
    }).output();
    assertStringIncludes(new TextDecoder().decode(stdout), "hello world");
    const idle = { ...program, beside: { ...program.beside, "./gone.ts": "./gone.ts" } };
    await assertRejects(() => generateProgram(root, idle), Error, 'it does not load "./gone.ts"');
  });
});

Deno.test("generate() gives the same text wherever the repository lies", async () => {
  const texts: string[] = [];
  for (let place = 0; place < 2; place++) {
    await withRepository(SOURCES, async (root) => void texts.push(await generate(root, BUNDLE)));
  }
  assertEquals(texts[0], texts[1]);
});

Deno.test("a generated text runs as a Worker from a data URL", async () => {
  await withRepository(SOURCES, async (root) => {
    await generateAll(root, [BUNDLE], { check: false });
    const generated: { GUEST_TEXT: string } = await import(`file://${root}/${BUNDLE.target}`);
    assert(!generated.GUEST_TEXT.includes("unused"), "unused exports are dropped");
    const url = `data:application/javascript,${encodeURIComponent(generated.GUEST_TEXT)}`;
    const worker = new Worker(url, { type: "module", deno: { permissions: "none" } });
    const answer = await new Promise((resolve, reject) => {
      worker.onmessage = (event) => resolve(event.data);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage("you");
    });
    worker.terminate();
    assertEquals(answer, "hello you\u2028 ${`µ`} 18446744073709551616");
  });
});

Deno.test("generate() refuses an entry point that leaves something to load", async () => {
  const table: [what: string, source: string, reason: string][] = [
    ["export", `export const x = 1; self.close();`, "no plain script"],
    ["import.meta", `self.postMessage(import.meta.url);`, "no plain script"],
    ["dynamic import", `const at = self.name; self.postMessage(await import(at));`, "a dynamic import"],
    ["built-in module", `import { readFileSync } from "node:fs"; readFileSync("x");`, "node:fs"],
    ["file URL", `self.postMessage("file:///data");`, "a file URL"],
    ["web address", `self.postMessage("https://example.com/");`, "a web address"],
  ];
  for (const [what, source, reason] of table) {
    await withRepository({ "src/guest/main.ts": source }, async (root) => {
      const error = await assertRejects(() => generate(root, BUNDLE), Error, undefined, what);
      assertStringIncludes(error.message, reason, what);
      assertStringIncludes(error.message, BUNDLE.source, what);
    });
  }
});

Deno.test("generate() fails on a missing entry point and on one that is no TypeScript", async () => {
  await withRepository({}, async (root) => {
    await assertRejects(() => generate(root, BUNDLE), Deno.errors.NotFound);
  });
  await withRepository({ "src/guest/main.ts": "const = 1;" }, async (root) => {
    await assertRejects(() => generate(root, BUNDLE), Error, 'Cannot bundle "src/guest/main.ts"');
  });
});

Deno.test("generateTemplates() writes all files of templates/, and finds one that changed, came or went", async () => {
  const sources = { "templates/a/main.c": 'char *a = "\u2028";\n', "templates/a/.gitignore": "*.wasm\n" };
  await withRepository(sources, async (root) => {
    const target = "src/toolchain/templates.gen.ts";
    await Deno.mkdir(`${root}/src/toolchain`);
    const stale = () => generateTemplates(root, { check: true });
    assertEquals(await generateTemplates(root, { check: false }), [target]);
    assertEquals(await stale(), []);
    const { TEMPLATE_FILES } = await import(`file://${root}/${target}`) as {
      TEMPLATE_FILES: Record<string, string>;
    };
    assertEquals(TEMPLATE_FILES, { "a/main.c": sources["templates/a/main.c"], "a/.gitignore": "*.wasm\n" });
    await Deno.writeTextFile(`${root}/templates/a/main.c`, "changed");
    assertEquals(await stale(), [target]);
    await Deno.writeTextFile(`${root}/templates/a/main.c`, sources["templates/a/main.c"]);
    await Deno.remove(`${root}/templates/a/.gitignore`);
    assertEquals(await stale(), [target]);
  });
});

Deno.test("findDependencies() finds nothing in a plain script", () => {
  assertEquals(findDependencies(`var t=e=>e+1;self.onmessage=e=>postMessage(t(e.data));`, ["/home/me"]), []);
  assertEquals(findDependencies(`await 0;throw Error('Cannot link import "env" "log": none')`, []), []);
});

Deno.test("findDependencies() finds statements, imports that run later, source maps and paths", () => {
  const table: [text: string, reason: RegExp][] = [
    [`import "./x.ts";`, /no plain script/],
    [`export{a};var a`, /no plain script/],
    [`import("./x.ts")`, /a dynamic import/],
    [`import.source("./x.wasm")`, /a dynamic import/],
    [`var a="npm:watr"`, /a package/],
    [`var a="node:fs"`, /a package/],
    [`//# sourceMappingURL=x.js.map`, /a source map/],
    [`var at="/home/me/aegis/src"`, /a path of this machine: \/home\/me$/],
  ];
  for (const [text, reason] of table) {
    assertMatch(findDependencies(text, ["/", "", "/home/me"]).join("; "), reason, text);
  }
});

Deno.test("renderTextModule() says where the text comes from and quotes it", () => {
  assertEquals(
    renderTextModule(BUNDLE, 'a"\\\n\u2028'),
    `// Generated from src/guest/main.ts; do not edit: run "deno task gen".
/** A guest. */
export const GUEST_TEXT: string =
  "a\\"\\\\\\n\u2028";
`,
  );
});

Deno.test("generateVersions() writes the version of the command into both packages, and nothing else", async () => {
  const config = (version: string) =>
    `{\n  "name": "@aegis/core",\n  "version": "${version}",\n  "x": "0.0.0"\n}\n`;
  const paths = ["deno.jsr.json", "deno.cli.json"];
  await withRepository(
    { "deno.jsr.json": config("0.0.0"), "deno.cli.json": config(VERSION) },
    async (root) => {
      assertEquals(await generateVersions(root, { check: true }), ["deno.jsr.json"]);
      assertEquals(await generateVersions(root, { check: false }), ["deno.jsr.json"]);
      assertEquals(await generateVersions(root, { check: true }), []);
      for (const path of paths) assertEquals(await Deno.readTextFile(`${root}/${path}`), config(VERSION));
    },
  );
});
