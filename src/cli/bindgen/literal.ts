/**
 * Names out of a module in generated code. Whoever made the module chose them: in no place may one be anything but a
 * name.
 */

/**
 * What is not written as it is: all but printable ASCII; quotes, since formatters choose between them, and
 * backslashes; slashes that could open or close a comment.
 */
const ESCAPED = /[^ !#-[\]-~]|(?<=[*/])\//g;

/** A text as a string of JavaScript, which can also stand in a comment: in ASCII, on one line. */
export function literal(text: string): string {
  return `"${text.replace(ESCAPED, escape)}"`;
}

function escape(character: string): string {
  if (character === "\\") return "\\\\";
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** Identifiers that mean something else before the name of a member. */
const MODIFIERS: ReadonlySet<string> = new Set(["new", "get", "set", "async", "static", "readonly"]);

/** A name where a member is declared: `add`, or `"to upper"`. */
export function memberKey(name: string): string {
  return isPlain(name) && !MODIFIERS.has(name) ? name : literal(name);
}

/** A member of an object: `.add`, or `["to upper"]`. */
export function memberAccess(name: string): string {
  return isPlain(name) ? `.${name}` : `[${literal(name)}]`;
}

function isPlain(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name);
}
