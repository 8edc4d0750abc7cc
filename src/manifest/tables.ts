/** The tables of a manifest that are no settings of guests: what a module is, its tools, itself over HTTP, commands. */
import { HTTP_FORMS } from "../core/http_forms.ts";
import { choice, type Form, integer, list, path, size, text, truth } from "./form.ts";
import type { KeyName } from "./keys.ts";

/** A key of such a table. */
export interface FieldRow<Value> {
  readonly form: Form<Value>;
  readonly doc: string;
}

/** Keys of the file's top alone. */
export const FILE_KEYS = {
  include: {
    form: list(path),
    doc: "Files whose keys hold where this file, or a later one of the list, has no such key",
  },
} as const satisfies Readonly<Record<string, FieldRow<unknown>>>;

/** A hash as other tools print it. */
const sha256: Form<string> = {
  ...text,
  schema: { type: "string", pattern: "^[0-9a-f]{64}$" },
  words: "64 hexadecimal digits in lower case",
  read: (value, at) => {
    if (typeof value === "string" && /^[0-9a-f]{64}$/.test(value)) return value;
    throw at.cannotSet(value, "use 64 hexadecimal digits in lower case, as sha256sum prints them");
  },
};

/** Keys of `[modules.NAME]` beside settings. */
export const MODULE_KEYS = {
  path: { form: path, doc: "The module: a .wasm or .wat file" },
  sha256: { form: sha256, doc: "What its file hashes to: other bytes are refused" },
} as const satisfies Readonly<Record<string, FieldRow<unknown>>>;

/** Keys of `[modules.NAME.tools.TOOL]` beside settings. */
export const TOOL_KEYS = {
  name: { form: text, doc: "Name under which the tool is offered, instead of its own" },
  title: { form: text, doc: "Its name for people" },
  description: { form: text, doc: "What it does, for whoever chooses a tool" },
} as const satisfies Readonly<Record<string, FieldRow<string>>>;

/** Bytes of a body. */
const BODY = { least: 0, most: 2 ** 40 } as const;

/** Keys of `[modules.NAME.http]`. */
export const HTTP_KEYS = {
  route: { form: text, doc: "Path under which the module answers" },
  form: { form: choice(HTTP_FORMS), doc: "How it takes requests, where its exports do not tell" },
  reuse: { form: truth, doc: "Whether an instance answers more requests than one, and keeps its state" },
  concurrency: { form: integer(1, 128), doc: "Requests that are worked on at once" },
  waiting: { form: integer(0, 1_000_000), doc: "Requests that may wait for a guest; others get 503" },
  request_size: { form: size(BODY), doc: "The largest body of a request" },
  response_size: { form: size(BODY), doc: "The largest body of an answer" },
  held_size: { form: size(BODY), doc: "Most that bodies of requests and answers hold at once" },
  pass_authorization: { form: truth, doc: "Whether the guest sees the header Authorization" },
} as const satisfies Readonly<Record<string, FieldRow<unknown>>>;

/** A table of fields, read. */
export type Fields<Rows> = {
  readonly [Key in keyof Rows]?: Rows[Key] extends FieldRow<infer Value> ? Value : never;
};

/** A table of texts, read. */
export type Texts<Rows> = { readonly [Key in keyof Rows]?: string };

/** A module's name: nothing that a person could take for a file. */
export const MODULE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/;

/** Keys of the tables of commands, by the command's first word: its own flags. */
export type CommandTables = Readonly<Record<string, Readonly<Record<string, CommandKey>>>>;

/** A key of a command's table. */
export interface CommandKey extends FieldRow<unknown> {
  /** The name of the flag, in the table of flags. */
  readonly flag: string;
  /** The key of settings that it is, where it is one. */
  readonly setting?: KeyName;
}
