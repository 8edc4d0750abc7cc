/** What is given to the command for a module and is none, told by its first bytes: files of other kinds, and text. */
import { AegisError, ModuleRefusedError } from "../core/errors.ts";
import { hasMagic, IS_COMPONENT, isComponent, REBUILD } from "../wasm/module_kind.ts";
import { moduleForm } from "../inspection/module_form.ts";
import { inputName } from "./read_input.ts";

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
  return new ModuleRefusedError(`Cannot take ${inputName(shown)}: ${IS_COMPONENT}`, { suggestion: REBUILD });
}

/**
 * Refuses what is no core module at first sight.
 *
 * @param shown how messages name it
 * @throws {AegisError} `ModuleInvalid`, for a component `ModuleRefused`
 */
export function checkKind(bytes: Uint8Array, shown: string): void {
  if (bytes.length === 0) throw otherKind(shown, "empty");
  if (isComponent(bytes)) throw component(shown);
  if (hasMagic(bytes)) return;
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
