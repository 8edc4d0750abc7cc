/**
 * Plugins call each other through their host alone, by what their manifests declare:
 *
 *     import aegis:plugin call(string, string, json) -> json      plugin, function, list of arguments
 *
 * The answer is {"value": …}, or {"error": {"code": …, "message": …}}: what goes wrong over there is the caller's to handle.
 */
import { AegisError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import type { Kind, Signature } from "../../core/signature.ts";
import type { CallValue } from "../../core/value.ts";
import { WRAPPER_IMPORTS } from "../../core/wrapper_imports.ts";

/** The two names under which a plugin imports it, and its type. */
export const CALL_IMPORT = {
  module: "aegis:plugin",
  name: "call",
  type: WRAPPER_IMPORTS["aegis:plugin"].call,
} as const;

/** Plugins that may wait for each other in a row. */
export const DEEPEST_CALL = 8;

/** Kinds that JSON can say. */
const CROSSING: readonly Kind[] = ["i32", "i64", "f32", "f64", "string", "json"];

/** The arguments of a call out of JSON. @throws {AegisError} `TypeMismatch` */
export function readCallArguments(given: unknown, name: string, { params, results }: Signature): CallValue[] {
  const refuse = (reason: string) => new AegisError("TypeMismatch", `Cannot call ${quote(name)}: ${reason}`);
  const other = [...params, ...results].find((kind) => !CROSSING.includes(kind));
  if (other !== undefined) throw refuse(`${other} does not cross between plugins`);
  if (!Array.isArray(given)) throw refuse("its arguments must be a list");
  if (given.length !== params.length) {
    throw refuse(`it takes ${params.length} arguments, not ${given.length}`);
  }
  return params.map((kind, index) => {
    const value: unknown = given[index];
    if (kind === "i64" && typeof value === "string" && /^-?[0-9]{1,20}$/.test(value)) return BigInt(value);
    if (kind === "i64" && Number.isSafeInteger(value)) return BigInt(Number(value));
    if (kind === "i64") throw refuse(`argument ${index + 1} must be a whole number, or digits in a text`);
    return value as CallValue; // the call checks it against its kind
  });
}

/** A result as JSON can say it. */
export function callAnswer(value: unknown): { readonly value: unknown } {
  const one = (item: unknown) => typeof item === "bigint" ? String(item) : item;
  return { value: Array.isArray(value) ? value.map(one) : one(value) ?? null };
}

/** A failure as the caller learns of it; what is no error of ours says nothing of the host. */
export function callFailure(
  error: unknown,
): { readonly error: { readonly code: string; readonly message: string } } {
  return error instanceof AegisError
    ? { error: { code: error.code, message: error.message } }
    : { error: { code: "HostFunctionFailed", message: "The plugin failed" } };
}
