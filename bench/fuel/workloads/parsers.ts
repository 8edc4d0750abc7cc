/** Lexers and parsers of texts: byte by byte, a state machine, few loops that stay long. */
import type { ImportedFunction } from "../../../src/guest/engine.ts";
import { exported, memoryOf, type Workload } from "../subject.ts";
import { packagedBytes } from "./packaged.ts";

function repeated(text: string, times: number): string {
  return Array.from({ length: Math.max(1, Math.round(times)) }, (_, i) => text.replaceAll("NUMBER", `${i}`))
    .join("");
}

/** UTF-16, as both lexers read it. */
function codeUnits(text: string): Uint8Array {
  return new Uint8Array(Uint16Array.from(text, (letter) => letter.charCodeAt(0)).buffer);
}

/** Both lexers take all memory from their heap's base on without asking: room is made first, as their glue does. */
function makeRoom(exports: WebAssembly.Exports, bytes: number): void {
  const memory = exports["memory"], base = exports["__heap_base"];
  if (!(memory instanceof WebAssembly.Memory && base instanceof WebAssembly.Global)) {
    throw new TypeError("The module exports no memory or no base of its heap");
  }
  const missing = Number(base.value) + bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65_536));
}

const MODULE_TEXT = `import fs, { readFile as readNUMBER } from "node:fs";
import data from './data-NUMBER.json' with { type: "json" };
/* import "commented-out"; */
export { readNUMBER as read } from "node:fs";
export const answer = /[/]"import"/.test(\`export \${1 + { a: [2] }.a[0]}\`) ? 1 : 2;
function walk(node, depth = 0) {
  // A comment in front of what is just code, as most of a module is.
  for (const child of node.children) if (child.kind !== "leaf") walk(child, depth + 1);
  return { node, depth, text: 'a string with "quotes"' + "another" };
}
export default async () => (await import("./later-NUMBER.js")).default(import.meta.url);
`;

const esModuleLexer: Workload = {
  name: "es-module-lexer",
  group: "third party",
  bytes: packagedBytes("es-module-lexer"),
  setUp(exports, share) {
    const text = codeUnits(repeated(MODULE_TEXT, 400)), allocate = exported(exports, "sa");
    makeRoom(exports, 3 * text.length);
    const parse = exported(exports, "parse"), next = exported(exports, "ri"), start = exported(exports, "is");
    return () => {
      let sum = 0;
      for (let round = 0; round < 80 * share; round++) {
        memoryOf(exports).set(text, allocate(text.length / 2) >>> 0);
        sum += parse();
      }
      while (next() !== 0) sum = (sum + start()) | 0;
      return sum;
    };
  },
};

const COMMON_JS_TEXT = `Object.defineProperty(exports, "__esModule", { value: true });
exports.parseNUMBER = function parse() { return "exports.hidden = 1"; };
exports["kebab-NUMBER"] = 1;
function walk(node, depth = 0) {
  // A comment in front of what is just code, as most of a module is.
  for (const child of node.children) if (child.kind !== "leaf") walk(child, depth + 1);
  return { node, depth, text: 'a string with "quotes"' + /[/]"x"/.source };
}
module.exports.versionNUMBER = "1.2.3";
__exportStar(require("./star-NUMBER"), exports);
`;

const cjsModuleLexer: Workload = {
  name: "cjs-module-lexer",
  group: "third party",
  bytes: packagedBytes("cjs-module-lexer"),
  setUp(exports, share) {
    const text = codeUnits(repeated(COMMON_JS_TEXT, 400)), length = text.length / 2;
    makeRoom(exports, 3 * text.length);
    const allocate = exported(exports, "sa"), parse = exported(exports, "parseCJS");
    const next = exported(exports, "re"), start = exported(exports, "es");
    return () => {
      let sum = 0;
      for (let round = 0; round < 60 * share; round++) {
        const source = allocate(length + 1) >>> 0;
        memoryOf(exports).set(text, source);
        sum += parse(source, length, 0, 0, 0, 0);
      }
      while (next() !== 0) sum = (sum + start()) | 0;
      return sum;
    };
  },
};

/** Segments of a source map: columns, lines and names in small steps, now and then back to the first source. */
const SEGMENTS = ["AAAA", "OAAIA", "EACE", "gBAAY", "MADF", "IAAUC", "QAIR", "UALA"];

const sourceMap: Workload = {
  name: "source-map",
  group: "third party",
  bytes: packagedBytes("source-map"),
  imports: () => ({ env: { mapping_callback: () => {} } }),
  setUp(exports, share) {
    const lines = Array.from({ length: 600 }, (_, i) => SEGMENTS.slice(i % 3).join(","));
    // Each line starts where the one before left the sources, which therefore only grow.
    const text = new TextEncoder().encode(
      lines.join(";").replaceAll("MADF", "MACF").replaceAll("UALA", "UAAA"),
    );
    const allocate = exported(exports, "allocate_mappings"), parse = exported(exports, "parse_mappings");
    const byGenerated = exported<void>(exports, "by_generated_location");
    const original = exported<void>(exports, "original_location_for");
    const free = exported<void>(exports, "free_mappings");
    return () => {
      let parsed = 0;
      for (let round = 0; round < 280 * share; round++) {
        const pointer = allocate(text.length) >>> 0;
        memoryOf(exports).set(text, pointer);
        const mappings = parse(pointer) >>> 0;
        if (mappings === 0) throw new Error("The mappings were refused");
        byGenerated(mappings);
        for (let line = 0; line < lines.length; line++) original(mappings, line, 9, 1);
        free(mappings);
        parsed++;
      }
      return parsed;
    };
  },
};

const REQUEST_TEXT = `POST /submit/NUMBER?id=7&name=value HTTP/1.1\r
Host: example.com\r
User-Agent: Mozilla/5.0 (X11; Linux x86_64) Something/1.0\r
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r
Accept-Language: en-US,en;q=0.5\r
Cookie: session=0123456789abcdef0123456789abcdef; theme=dark\r
Content-Type: text/plain\r
Transfer-Encoding: chunked\r
\r
5\r
Hello\r
8\r
, world!\r
0\r
\r
`;

const CALLBACKS = [
  ...["url", "status", "header_field", "header_value", "body"],
  ...["message_begin", "headers_complete", "message_complete"],
];

function httpParser(name: string): Workload {
  const callbacks = (): Record<string, ImportedFunction> =>
    Object.fromEntries(CALLBACKS.map((event) => [`wasm_on_${event}`, () => 0]));
  return {
    name: name.replace("undici ", ""),
    group: "third party",
    bytes: packagedBytes(name),
    imports: () => ({ env: callbacks() }),
    setUp(exports, share) {
      exported<void>(exports, "_initialize")();
      const text = new TextEncoder().encode(repeated(REQUEST_TEXT, 100));
      const parser = exported(exports, "llhttp_alloc")(1),
        input = exported(exports, "malloc")(text.length) >>> 0;
      const execute = exported(exports, "llhttp_execute");
      memoryOf(exports).set(text, input);
      return () => {
        let errors = 0;
        for (let round = 0; round < 500 * share; round++) errors += execute(parser, input, text.length);
        if (errors !== 0) throw new Error("A request was refused");
        return errors;
      };
    },
  };
}

export const parserWorkloads: readonly Workload[] = [
  esModuleLexer,
  cjsModuleLexer,
  sourceMap,
  httpParser("undici llhttp"),
  httpParser("undici llhttp_simd"),
];
