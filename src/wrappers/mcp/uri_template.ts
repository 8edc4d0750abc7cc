/**
 * Templates of URIs, as far as they are of use here: `notes://{folder}/{name}`, and `{+path}` at the end, which takes
 * slashes, too. Matching goes over a URI once: no expressions, which a template could make slow.
 */
import { quote } from "../../core/quote.ts";
import { refused } from "./section_fields.ts";

/** A template that was read. */
export interface UriTemplate {
  /** As it was written. */
  readonly text: string;
  /** Literal text before the first variable; never empty. */
  readonly prefix: string;
  /** Each variable, with the literal text behind it. */
  readonly variables: readonly { readonly name: string; readonly all: boolean; readonly behind: string }[];
}

/** Longest URI that is looked at. */
const LONGEST = 8000;

const VARIABLE = /^(\+?)([A-Za-z_][A-Za-z0-9_]{0,63})\}([\x21-\x7a|~]*)$/;

/** @throws {AegisError} `ModuleRefused` */
export function readUriTemplate(text: string, place: string): UriTemplate {
  const [prefix = "", ...parts] = text.split("{");
  const bad = () =>
    refused(`${place} is ${quote(text)}: write it as notes://{folder}/{name}, {+path} for all that is left`);
  if (text.length > 2000 || !/^[a-z][a-z0-9+.-]*:[\x21-\x7a|~]*$/i.test(prefix) || parts.length === 0) {
    throw bad();
  }
  const variables = parts.map((part, index) => {
    const [, plus, name = "", behind = ""] = VARIABLE.exec(part) ?? [];
    const last = index === parts.length - 1;
    if (plus === undefined || plus === "+" && (!last || behind !== "") || !last && behind === "") throw bad();
    return { name, all: plus === "+", behind };
  });
  if (new Set(variables.map(({ name }) => name)).size !== variables.length) throw bad();
  return { text, prefix, variables };
}

/** What stands in a URI for each variable; undefined where the template is none of it. */
export function matchUri(
  { prefix, variables }: UriTemplate,
  uri: string,
): Readonly<Record<string, string>> | undefined {
  if (uri.length > LONGEST || !uri.startsWith(prefix)) return undefined;
  let rest = uri.slice(prefix.length);
  const found: [string, string][] = [];
  for (const [index, { name, all, behind }] of variables.entries()) {
    const last = index === variables.length - 1;
    const end = last ? rest.length - behind.length : rest.indexOf(behind);
    if (end <= 0 || !rest.startsWith(behind, end)) return undefined;
    const value = decode(rest.slice(0, end), all);
    if (value === undefined) return undefined;
    found.push([name, value]);
    rest = rest.slice(end + behind.length);
  }
  return Object.fromEntries(found);
}

/** What a variable stands for; undefined where it takes more than it says, be it in another spelling. */
function decode(text: string, all: boolean): string | undefined {
  if (!all && /[/?#]/.test(text)) return undefined;
  try {
    const value = decodeURIComponent(text);
    return !all && /[/\\\0]/.test(value) ? undefined : value;
  } catch {
    return undefined;
  }
}
