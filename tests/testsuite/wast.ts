/**
 * Splits a `.wast` script into its commands. What a command means is left to whoever runs it; arguments and expected
 * results stay s-expressions, because `(either …)`, `nan:canonical` and references have no value of their own.
 */
import { type Node, Scanner } from "./s_expression.ts";

/** A module as the script gives it: text, the text inside the strings of `quote`, or bytes. */
export type ModuleSource =
  & { readonly name: string | undefined; readonly line: number }
  & (
    | { readonly form: "text" | "quote"; readonly text: string }
    | { readonly form: "binary"; readonly bytes: Uint8Array }
  );

/** What `invoke` and `get` do; without `module` they mean the instance made last. */
export interface Action {
  readonly kind: "invoke" | "get";
  readonly module: string | undefined;
  readonly field: string;
  readonly args: readonly Node[];
}

const REFUSALS = [
  "assert_invalid",
  "assert_malformed",
  "assert_invalid_custom",
  "assert_malformed_custom",
  "assert_unlinkable",
  "assert_uninstantiable",
] as const;

/** Assertions that a module is refused, at one of the stages of its life. */
export type RefusalKind = typeof REFUSALS[number];

export type Command =
  & { readonly line: number }
  & (
    /** Defines a module; `module` also instantiates it. */
    | { readonly kind: "module" | "module definition"; readonly module: ModuleSource }
    | { readonly kind: "module instance"; readonly name: string | undefined; readonly of: string | undefined }
    | { readonly kind: RefusalKind; readonly module: ModuleSource; readonly message: string }
    | { readonly kind: "register"; readonly as: string; readonly name: string | undefined }
    | { readonly kind: "action"; readonly action: Action }
    | { readonly kind: "assert_return"; readonly action: Action; readonly expected: readonly Node[] }
    | { readonly kind: "assert_exhaustion"; readonly action: Action; readonly message: string }
    | { readonly kind: "assert_exception"; readonly action: Action }
    | { readonly kind: "assert_trap"; readonly action: Action; readonly message: string }
    /** Instantiation traps. */
    | { readonly kind: "assert_trap"; readonly module: ModuleSource; readonly message: string }
  );

// A byte order mark at the front of a name is a character of it like any other.
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

function name(scanner: Scanner): string {
  return DECODER.decode(scanner.string());
}

function strings(scanner: Scanner): Uint8Array {
  const parts: Uint8Array[] = [];
  while (scanner.peek() === '"') parts.push(scanner.string());
  scanner.expect(")");
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A quoted text may leave the parentheses of the module away, and may be no text format at all. */
function opensModule(text: string): boolean {
  try {
    return new Scanner(text).opens("module");
  } catch {
    return false;
  }
}

/** Reads a module of which `(module` and `definition` were read. */
function moduleBody(scanner: Scanner, line: number): ModuleSource {
  scanner.peek(); // moves to the next token
  const start = scanner.position;
  const name = scanner.takeIdentifier();
  if (scanner.takeAtom("binary")) return { form: "binary", name, line, bytes: strings(scanner) };
  if (scanner.takeAtom("quote")) {
    const text = DECODER.decode(strings(scanner));
    return { form: "quote", name, line, text: opensModule(text) ? text : `(module ${text}\n)` };
  }
  scanner.skipList();
  return { form: "text", name, line, text: `(module ${scanner.text.slice(start, scanner.position)}` };
}

function module(scanner: Scanner): ModuleSource {
  const line = scanner.line();
  scanner.expect("(");
  if (!scanner.takeAtom("module")) scanner.fail(`Expected a module, found "${scanner.peek()}"`);
  scanner.takeAtom("definition");
  return moduleBody(scanner, line);
}

function action(scanner: Scanner): Action {
  scanner.expect("(");
  const kind = scanner.atom();
  if (kind !== "invoke" && kind !== "get") scanner.fail(`Unknown action "${kind}"`);
  return actionBody(scanner, kind);
}

function actionBody(scanner: Scanner, kind: "invoke" | "get"): Action {
  const module = scanner.takeIdentifier();
  const field = name(scanner);
  const args = scanner.nodes();
  scanner.expect(")");
  return { kind, module, field, args };
}

function isRefusal(kind: string): kind is RefusalKind {
  return (REFUSALS as readonly string[]).includes(kind);
}

/** Reads what follows the opening keyword of a command, its closing parenthesis included. */
function command(scanner: Scanner, kind: string, line: number): Command {
  if (kind === "module") {
    if (scanner.takeAtom("instance")) {
      const instance = scanner.takeIdentifier();
      const of = scanner.takeIdentifier();
      scanner.expect(")");
      return { kind: "module instance", line, name: instance, of };
    }
    const defines = scanner.takeAtom("definition");
    return { kind: defines ? "module definition" : "module", line, module: moduleBody(scanner, line) };
  }
  if (kind === "invoke" || kind === "get") return { kind: "action", line, action: actionBody(scanner, kind) };
  const read = assertion(scanner, kind, line);
  scanner.expect(")");
  return read;
}

function assertion(scanner: Scanner, kind: string, line: number): Command {
  if (isRefusal(kind)) return { kind, line, module: module(scanner), message: name(scanner) };
  switch (kind) {
    case "register":
      return { kind, line, as: name(scanner), name: scanner.takeIdentifier() };
    case "assert_return":
      return { kind, line, action: action(scanner), expected: scanner.nodes() };
    case "assert_exhaustion":
      return { kind, line, action: action(scanner), message: name(scanner) };
    case "assert_exception":
      return { kind, line, action: action(scanner) };
    case "assert_trap":
      return scanner.opens("module")
        ? { kind, line, module: module(scanner), message: name(scanner) }
        : { kind, line, action: action(scanner), message: name(scanner) };
    default:
      return scanner.fail(`Unknown command "${kind}"`);
  }
}

const FIELDS = [
  "type",
  "rec",
  "import",
  "func",
  "table",
  "memory",
  "global",
  "tag",
  "export",
  "start",
  "elem",
  "data",
];

/** A script may be the fields of one module and nothing else. */
function isInlineModule(scanner: Scanner): boolean {
  return FIELDS.some((field) => scanner.opens(field));
}

/**
 * Splits a script into its commands, in order.
 *
 * @throws {SyntaxError} on what is no script, with its line
 */
export function splitScript(text: string): Command[] {
  const scanner = new Scanner(text);
  if (isInlineModule(scanner)) {
    return [{
      kind: "module",
      line: 1,
      module: { form: "text", name: undefined, line: 1, text: `(module ${text}\n)` },
    }];
  }
  const commands: Command[] = [];
  while (scanner.peek() !== "") {
    const line = scanner.line();
    scanner.expect("(");
    commands.push(command(scanner, scanner.atom(), line));
  }
  return commands;
}
