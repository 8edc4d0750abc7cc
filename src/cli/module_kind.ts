/** What is given for a module and is none, told by its first bytes: nobody is helped by what a parser says of it. */
import { AegisError, ModuleRefusedError } from "../core/errors.ts";
import { moduleForm } from "./module_form.ts";
import { inputName } from "./read_input.ts";

/** What whoever built for another interface than WASI preview 1 can do. */
export const REBUILD = "Build it for preview 1, in Rust with the target wasm32-wasip1.";

/** First bytes of a component in binary form, behind those that a module begins with, too. */
const COMPONENT_VERSION = [0x0d, 0x00, 0x01, 0x00] as const;

/** Bytes that are looked at. */
const BEGINNING = 4096;

/** Spaces and comments, which may stand in front of a module's text. */
const BEFORE_TEXT = /^(?:\s|;;[^\n]*(?:\n|$)|\(;[^]*?;\))*/;

/** Texts that are often found where a module was expected, by their beginning. */
const OTHER_TEXTS: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^version https:\/\/git-lfs\./, 'a pointer of Git LFS: get the file with "git lfs pull"'],
  [/^<(?:!doctype|html|\?xml)/i, "a page of HTML or XML"],
];

function otherKind(shown: string, what: string): AegisError {
  return new AegisError("ModuleInvalid", `Module is invalid: ${inputName(shown)} is ${what}`);
}

function component(shown: string): ModuleRefusedError {
  const reason = `Cannot take ${
    inputName(shown)
  }: it is a component, of WASI preview 2; Aegis runs core modules`;
  return new ModuleRefusedError(reason, { suggestion: REBUILD });
}

/**
 * Refuses what is no core module at first sight.
 *
 * @param shown how messages name it
 * @throws {AegisError} `ModuleInvalid`, for a component `ModuleRefused`
 */
export function checkKind(bytes: Uint8Array, shown: string): void {
  if (bytes.length === 0) throw otherKind(shown, "empty");
  const magic = bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
  if (magic) {
    if (COMPONENT_VERSION.every((byte, index) => bytes[4 + index] === byte)) throw component(shown);
    return;
  }
  // What is cut after the first bytes is for the reader, which knows where.
  if (moduleForm(bytes) === "wasm") {
    if (bytes[0] === 0 && bytes.length < 4) return;
    throw otherKind(shown, "no WebAssembly module: it does not begin as one");
  }
  const text = new TextDecoder().decode(bytes.subarray(0, BEGINNING)).replace(BEFORE_TEXT, "");
  if (/^\(\s*component\b/.test(text)) throw component(shown);
  if (text.startsWith("(") || text === "") return;
  const known = OTHER_TEXTS.find(([pattern]) => pattern.test(text))?.[1];
  throw otherKind(
    shown,
    `no WebAssembly module${known === undefined ? ", neither binary nor text" : `, but ${known}`}`,
  );
}
