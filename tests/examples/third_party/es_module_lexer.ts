import type { Instance, Session } from "../instance.ts";
import { callUnsigned, readWords, writeUtf16 } from "../guest_memory.ts";
import { embeddedModule } from "./embedded.ts";
import type { DrivenModule } from "./packaged_module.ts";

const SOURCE = `import fs, { readFile } from "node:fs";
import data from './data.json' with { type: "json" };
// import "commented-out";
export * from "./everything.js";
export { readFile as read } from "node:fs";
export const answer = /[/]"import"/.test("export") ? 1 : 2;
export default async () => (await import("./later.js")).default(import.meta.url);
`;

const NONE = 0xffffffff;
const DYNAMIC = 1;
const IMPORT_META = 3;
const EXPORT_KINDS: Readonly<Record<number, string>> = { 1: "direct", 2: "reexport", 3: "reexport-all" };

function importKind(type: number, dynamicStart: number): string {
  if ((type & 15) === IMPORT_META) return "import.meta";
  return dynamicStart === NONE ? "static" : "dynamic";
}

async function imports(instance: Instance): Promise<string[]> {
  const found: string[] = [];
  while (await callUnsigned(instance, "ri") !== 0) {
    const start = await callUnsigned(instance, "is");
    const end = await callUnsigned(instance, "ie");
    const kind = importKind(await callUnsigned(instance, "it"), await callUnsigned(instance, "id"));
    const quotes = kind === "dynamic" ? DYNAMIC : 0;
    found.push(
      kind === "import.meta" ? kind : `${kind} ${SOURCE.slice(start + quotes, end - quotes)}`,
    );
  }
  return found;
}

/** Each export is a record in memory: addresses of the name's start and end, and its kind in byte 24. */
async function exports(instance: Instance, source: number): Promise<string[]> {
  const found: string[] = [];
  for (;;) {
    const record = await callUnsigned(instance, "re");
    if (record === 0) return found;
    const [start = 0, end = 0, , , , , flags = 0] = await readWords(instance, record, 7);
    const name = SOURCE.slice((start - source) / 2, (end - source) / 2);
    found.push(`${EXPORT_KINDS[flags & 0xff]} ${name}`);
  }
}

function session(): Session {
  return {
    imports: {},
    async drive(instance) {
      const source = await callUnsigned(instance, "sa", SOURCE.length);
      await writeUtf16(instance, source, SOURCE);
      const parsed = await callUnsigned(instance, "parse");
      return { parsed, imports: await imports(instance), exports: await exports(instance, source) };
    },
  };
}

/** The lexer that bundlers use to find imports; C compiled by clang, its memory starts at 16 MiB. */
export const esModuleLexer: DrivenModule = {
  name: "es-module-lexer",
  package: "es-module-lexer",
  version: "3.0.5",
  size: 29_953,
  bytes: () => embeddedModule("es-module-lexer", "dist/lexer.js"),
  note: "lexes a source text; expected are the imports and exports that a reader sees in it",
  session,
  expected: {
    parsed: 1,
    imports: [
      "static node:fs",
      "static ./data.json",
      "static ./everything.js",
      "static node:fs",
      "dynamic ./later.js",
      "import.meta",
    ],
    exports: ["reexport-all *", "reexport read", "direct answer", "direct default"],
  },
};
