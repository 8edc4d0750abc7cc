/** Manifests: any text is a manifest, or ends in an error of ours with a code and, where a line has it, the line. */
import { AegisError } from "../../../src/core/errors.ts";
import { ManifestError } from "../../../src/manifest/at.ts";
import { KEY_NAMES, snakeCase } from "../../../src/manifest/keys.ts";
import { manifestOptions, readManifest } from "../../../src/manifest/manifest.ts";
import { HTTP_KEYS, MODULE_KEYS, TOOL_KEYS } from "../../../src/manifest/tables.ts";
import { mergeGrants } from "../../../src/policy/policy.ts";
import type { Capability } from "../../../src/policy/capability.ts";
import type { Input, Target } from "../target.ts";

const DECODER = new TextDecoder(), ENCODER = new TextEncoder();

const ROOT = new URL("../../../", import.meta.url);

/** Codes of what is wrong with a manifest. */
const CODES: ReadonlySet<string> = new Set(["InvalidOption", "LimitTooLow"]);

async function attempt(input: Input): Promise<void> {
  const text = DECODER.decode(input), prototype = Object.keys(Object.prototype).length;
  try {
    const manifest = await readManifest({ text, file: "/nowhere/aegis.toml" });
    for (const name of [undefined, ...Object.keys(manifest.modules)]) {
      const { capabilities } = manifestOptions(manifest, name);
      // `as`: what readManifest() made of grants
      mergeGrants((capabilities ?? []) as readonly Capability[]);
    }
  } catch (error) {
    if (!(error instanceof AegisError)) throw error;
    if (!CODES.has(error.code)) {
      throw new Error(`Wrong code: ${error.code} ${error.message}`, { cause: error });
    }
    if (error instanceof ManifestError) checkLine(error, text);
    // deno-lint-ignore no-control-regex
    if (/[\x00-\x09\x0b-\x1f\x7f]/.test(error.message)) throw new Error("Control characters in the message");
  }
  if (Object.keys(Object.prototype).length !== prototype) {
    throw new Error("The prototype of all objects was changed");
  }
}

function checkLine({ message }: ManifestError, text: string): void {
  const line = /aegis\.toml:(\d+)/.exec(message)?.[1], lines = text.split(/\n/).length;
  if (line !== undefined && (Number(line) < 1 || Number(line) > lines)) {
    throw new Error(`No line of ${lines}: ${message}`);
  }
}

/** Programs of documents, the example, and a line for each key. */
async function seeds(): Promise<Input[]> {
  const page = await Deno.readTextFile(new URL("docs/manifest.md", ROOT));
  const blocks = [...page.matchAll(/```(?:toml|json)\n(.*?)```/gs)].map(([, block = ""]) => block);
  const example = await Deno.readTextFile(new URL("examples/aegis.toml", ROOT));
  const values = ["1", '"1MiB"', "true", '["a", "b"]', '"*"', '"deny"', "{}"];
  const lines = KEY_NAMES.map(snakeCase).map((key, index) => `${key} = ${values[index % values.length]}\n`);
  const json =
    `{"memory_limit": "32MiB", "modules": {"a": {"path": "a.wasm", "tools": {"t": {"timeout": 1}}}}}`;
  return ["", example, ...blocks, ...lines, lines.join(""), json].map((text) => ENCODER.encode(text));
}

export const target: Target = {
  doc: "manifests: read, or refused with a code and a line of the text",
  seeds,
  words: [
    ...KEY_NAMES.map(snakeCase),
    ...[MODULE_KEYS, TOOL_KEYS, HTTP_KEYS].flatMap((table) => Object.keys(table)),
    ...[
      "[modules.a]\n",
      "[modules.a.tools.b]\n",
      "[modules.a.http]\n",
      "[[modules]]\n",
      'include = ["a.toml"]\n',
    ],
    ...[
      "__proto__",
      "constructor",
      "= ",
      '"""',
      "'''",
      "1979-05-27T07:32:00Z",
      "0x",
      "inf",
      "nan",
      "\\u0000",
      "{",
      "}",
    ],
  ],
  text: true,
  mostBytes: 8192,
  patience: { base: 300, perKiB: 60 },
  open: () => ({ attempt }),
};
