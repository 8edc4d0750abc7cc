/** The types of a client. */
import { formatSignature, type Kind, type Signature } from "../../core/signature.ts";
import { clientHeading } from "./client_heading.ts";
import type { ClientFunction, ClientImport, ClientModel, LeftOut } from "./client_model.ts";
import { parameterNames } from "./client_script.ts";
import { flat, type Group, layout, type Piece, statement } from "./layout.ts";
import { literal, memberKey } from "./literal.ts";

/** Types of TypeScript by kinds, of what goes into the guest. */
const TYPES: Readonly<Record<Kind, string>> = {
  i32: "number",
  i64: "bigint",
  f32: "number",
  f64: "number",
  string: "string",
  bytes: "Uint8Array",
  json: "JsonValue",
  msgpack: "MessagePackValue",
};

/** The same of what comes out of it. */
const OUT_TYPES: typeof TYPES = { ...TYPES, bytes: "Uint8Array<ArrayBuffer>" };

const ALIASES: Readonly<Partial<Record<Kind, string>>> = {
  json: `
/** What JSON can say. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };
`,
  msgpack: `
/** What MessagePack can say. */
export type MessagePackValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly MessagePackValue[]
  | { readonly [key: string]: MessagePackValue };
`,
};

/** The one result that callers may say more of than its kind does; undefined where there is none. */
function openResult({ results }: Signature): string | undefined {
  const [first] = results;
  return first === "json" || first === "msgpack" ? TYPES[first] : undefined;
}

function resultType({ results }: Signature, byKind: typeof TYPES): Piece {
  const types = results.map((kind) => byKind[kind]), [first = "void"] = types;
  return types.length > 1 ? { before: "readonly [", items: types, after: "]" } : first;
}

/** `key(params): result;` as the formatter breaks it: the parameters first, then the result. */
function memberText(head: { key: string; params: readonly string[]; result: Piece }, indent: number): string {
  const params: Group = { before: `${head.key}(`, items: head.params, after: "): " };
  const end = `${flat(head.result)};`, pad = " ".repeat(indent);
  if (indent + flat(params).length + end.length <= 80) return `${pad}${flat(params)}${end}\n`;
  const opened = head.params.map((param) => `${pad}  ${param},\n`).join("");
  const result = layout(head.result, indent, "): ".length + ";".length);
  return head.params.length === 0
    ? `${pad}${flat(params)}${result};\n`
    : `${pad}${head.key}(\n${opened}${pad}): ${result};\n`;
}

function methodText({ member, signature }: ClientFunction): string {
  const open = openResult(signature), names = parameterNames(signature.params.length);
  const inner = open === undefined ? resultType(signature, OUT_TYPES) : "Result";
  const params = signature.params.map((kind, index) => `${names[index]}: ${TYPES[kind]}`);
  return `  /** \`${formatSignature("", signature)}\` */\n` + memberText({
    key: memberKey(member) + (open === undefined ? "" : `<Result = ${open}>`),
    params: [...params, "options?: CallOptions"],
    result: { before: "Promise<", items: [inner], after: ">", bare: true },
  }, 2);
}

function hostFunctionText({ member, signature }: ClientImport): string {
  const names = parameterNames(signature.params.length), result = resultType(signature, TYPES);
  return `    /** \`${formatSignature("", signature)}\` */\n` + memberText({
    key: memberKey(member),
    params: signature.params.map((kind, index) => `${names[index]}: ${OUT_TYPES[kind]}`),
    result: { before: "Awaitable<", items: [result], after: ">", bare: true },
  }, 4);
}

function importsText(imports: readonly ClientImport[]): string {
  const groups = Map.groupBy(imports, ({ group }) => group);
  return "\n/** The functions of the host that the module calls. */\nexport interface Imports {\n" +
    [...groups].map(([group, items]) =>
      `  readonly ${memberKey(group)}: {\n${items.map(hostFunctionText).join("")}  };\n`
    ).join("") +
    "}\n" +
    "\n/** A value, or a promise of it: the guest waits. */\n" +
    "export type Awaitable<T> = T | Promise<T>;\n" +
    "\n/** Offers the imports to what a sandbox loads from now on; `open` does so by itself. */\n" +
    "export function registerImports(sandbox: Sandbox, imports: Imports): void;\n";
}

function leftOutText(leftOut: readonly LeftOut[]): string {
  if (leftOut.length === 0) return "";
  const lines = leftOut.map(({ what, names, reason }) =>
    `//   ${what} ${names.map(literal).join(" ")}: ${reason}\n`
  );
  return `\n// What the module has beside this:\n${lines.join("")}`;
}

/** Few names a statement, so that it stays on one line under formatters of every width. */
function importText(names: readonly string[], library: string): string {
  const after = `} from ${literal(library)}`;
  return statement({ before: "import type {", items: names, after, spaced: true }, 0, ";");
}

/**
 * The text of the file.
 *
 * @param library the specifier under which it imports the library's types
 */
export function clientTypes(model: ClientModel, library: string): string {
  const { functions, imports } = model, registers = imports.length > 0;
  const used = new Set([...functions, ...imports].flatMap(({ signature }) => [
    ...signature.params,
    ...signature.results,
  ]));
  const callOptions = functions.length > 0 ? ["CallOptions"] : [];
  const body = "\n" +
    importText(["Aegis", "AegisModule", ...callOptions], library) +
    importText(["Sandbox", "SandboxOptions"], library) +
    Object.entries(ALIASES).filter(([kind]) => used.has(kind as Kind)) // a literal's keys are those of its type
      .map(([, text]) => text).join("") +
    "\n/** The functions of the module. */\n" +
    "export interface Client extends AsyncDisposable {\n" +
    "  /** Where the module runs. The client closes it when it is disposed. */\n" +
    "  readonly sandbox: Sandbox;\n" +
    functions.map(methodText).join("") +
    "}\n" +
    (registers ? importsText(imports) : "") +
    leftOutText(model.leftOut) +
    "\n/** The module, and what its sandbox is made with. */\n" +
    "export interface OpenOptions {\n" +
    "  /** A path, a URL, bytes, or a module that is loaded. */\n" +
    "  readonly module: string | URL | Uint8Array | AegisModule;\n" +
    (registers ? "  readonly imports: Imports;\n" : "") +
    "  /** Its limits, capabilities, arguments and streams. */\n" +
    "  readonly sandbox?: SandboxOptions;\n" +
    "}\n" +
    "\n/** Starts a sandbox and loads the module into it. */\n" +
    "export function open(runtime: Aegis, options: OpenOptions): Promise<Client>;\n" +
    "\n/** The functions of a module that a sandbox has loaded. */\n" +
    "export function connect(sandbox: Sandbox): Client;\n" +
    "\n/** The module that this was made of; its hash is the `hash` of that `AegisModule`. */\n" +
    "export const generatedFrom: { readonly name: string; readonly hash: string };\n";
  return clientHeading(model, body) + body;
}
