/**
 * What else is read of texts and bytes that a guest or a stranger wrote: what modules say of their tools, manifests of
 * plugins, signatures, heads and messages of HTTP answers, content of calls, keys of heads of logs. Each is read, or
 * refused with the error that its caller expects; no message has what a terminal takes for more than text.
 */
import { AegisError } from "../../../src/core/errors.ts";
import { parseImportSignatures, parseSignatures } from "../../../src/core/signature.ts";
import { UNSAFE } from "../../../src/core/plain_text.ts";
import { readModule } from "../../../src/wasm/read_module.ts";
import { Content, ContentError } from "../../../src/sandbox/content.ts";
import { answerHead } from "../../../src/wrappers/http/guest_headers.ts";
import { headerLines, HeadReader } from "../../../src/wrappers/http/head_reader.ts";
import { HttpFailure } from "../../../src/wrappers/http/http_failure.ts";
import { readAnswer } from "../../../src/wrappers/http/structured_message.ts";
import { readMcpSection } from "../../../src/wrappers/mcp/section.ts";
import { parsePluginManifest } from "../../../src/wrappers/plugin/plugin_manifest.ts";
import { customSection, rawModule } from "../../wasm/module_builder.ts";
import type { Input, Target } from "../target.ts";

const ENCODER = new TextEncoder(), DECODER = new TextDecoder();

const MOST_HEAD = 2048, BOUNDS = { headerSize: MOST_HEAD, responseSize: 65_536 };

/** Control characters and what hides or turns text; without the lines that a text may have. */
function checkMessage(message: string): void {
  const found = message.replaceAll("\n", "").match(UNSAFE)?.[0];
  if (found !== undefined) {
    throw new Error(`A message has U+${found.codePointAt(0)?.toString(16)}: ${JSON.stringify(message)}`);
  }
}

/** Headers of a head that arrives in pieces. */
function readHead(input: Input): void {
  const reader = new HeadReader(MOST_HEAD), size = 1 + (input[0] ?? 0) % 64;
  for (let at = 1; at < input.length; at += size) {
    if (reader.add(input.slice(at, at + size)) !== undefined) break;
  }
  const { headers } = answerHead(200, headerLines(reader.lines));
  for (const [name, value] of headers) {
    if (/[\r\n\0]/.test(name + value)) {
      throw new Error(`A header of two lines: ${JSON.stringify([name, value])}`);
    }
    if (/^(?:transfer-encoding|connection|content-length|server|x-accel-.*)$/.test(name)) {
      throw new Error(`It passes on ${name}`);
    }
  }
}

/** All that reads, by the first byte of the input. */
const READERS: Readonly<Record<string, (input: Input, content: Content) => unknown>> = {
  plugin: (input) => parsePluginManifest(DECODER.decode(input), "of a test"),
  mcp: (input) => readMcpSection(readModule(rawModule(customSection("aegis:mcp", [...input])))),
  signatures: (
    input,
  ) => [parseSignatures(DECODER.decode(input)), parseImportSignatures(DECODER.decode(input))],
  head: readHead,
  msgpack: (input, content) => readAnswer(content.decode("msgpack", input), BOUNDS),
  json: (input, content) => readAnswer(content.decode("json", input), BOUNDS),
};

const NAMES = Object.keys(READERS);

async function attempt(input: Input, content: Content): Promise<void> {
  const name = NAMES[(input[0] ?? 0) % NAMES.length] ?? "", fields = Object.keys(Object.prototype).length;
  try {
    await READERS[name]?.(input.slice(1), content);
  } catch (error) {
    const isOurs = error instanceof AegisError || error instanceof HttpFailure ||
      error instanceof ContentError;
    if (!isOurs) throw error;
    // What a log gets of an answer is escaped where the log is written.
    if (error instanceof AegisError) checkMessage(error.message);
  }
  if (Object.keys(Object.prototype).length !== fields) {
    throw new Error("The prototype of all objects was changed");
  }
}

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  plugin: [
    '{"name":"greeter","version":"1.2.3","dependencies":{"other":"^1.2"},"provides":{"greet":"(string) -> string"}}',
    'name = "a"\nversion = "1.0.0"\nhealth = "well"\nkeywords = ["text"]\n[needs.limits]\nmemory_limit = "32MiB"\n',
  ],
  mcp: [
    '{"name":"a","tools":[{"function":"greet","description":"x","input":{"type":"object","properties":{}}}]}',
    '{"prompts":[{"name":"p"}],"resources":[{"uri":"a:b","function":"f"}],"instructions":"do"}',
  ],
  signatures: ["greet(string) -> string\nadd(i32, i64) -> (f64)\nimport env lookup(string) -> json\n"],
  head: [
    "\x20Content-Type: text/html\r\nStatus: 200 OK\r\nSet-Cookie: a=b\r\n\r\nbody",
    "\x01X-Accel-Redirect: /\nA: b\n\n",
  ],
  msgpack: ["\x82\xa6status\xcc\xc8\xa4body\xa2hi"],
  json: ['{"status":200,"headers":{"a":"b"},"body":"aGk=","base64":true}', '{"status":404,"json":{"a":[1]}}'],
};

function seeds(): Input[] {
  return NAMES.flatMap((name, index) =>
    (TEXTS[name] ?? []).map((text) => {
      const bytes = name === "msgpack"
        ? Array.from(text, (unit) => unit.charCodeAt(0))
        : [...ENCODER.encode(text)];
      return Uint8Array.from([index, ...bytes]);
    })
  );
}

export const target: Target = {
  doc: "sections, manifests of plugins, signatures, HTTP answers, content: read or refused, in plain words",
  seeds,
  words: [
    '"__proto__"',
    "constructor",
    "\u001b[31m",
    "\u202e",
    "\\u0000",
    "Transfer-Encoding: chunked\r\n",
    "-> string",
    "{}",
    "[]",
  ],
  text: true,
  patience: { base: 300, perKiB: 60 },
  async open() {
    const content = new Content();
    await content.prepare(["msgpack"]);
    return { attempt: (input) => attempt(input, content) };
  },
};
