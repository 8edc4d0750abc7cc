/** The text of a function that is to run in the guest's thread. */
import type { HostFunctionDefinition } from "./host_functions.ts";
import { AegisError } from "../core/errors.ts";

/**
 * The text of a function, as an expression. Whether it uses what surrounds it cannot be told; such a call fails when
 * the guest makes it.
 *
 * @throws {AegisError} `InvalidOption` for one that cannot be sent, or that could not do its work there
 */
export function inlineSource(
  what: string,
  { run, capability, context, params, results }: HostFunctionDefinition,
): string {
  const refuse = (why: string) =>
    new AegisError("InvalidOption", `${what} as an inline function: ${why}`, {
      field: "inline",
      suggestion: "Leave inline out, and the host runs it.",
    });
  if (capability !== undefined) throw refuse("a capability is checked by the host");
  if (context === true) throw refuse("there is no context");
  if ([...params, ...results].includes("msgpack")) throw refuse("MessagePack is not there");
  if (/^async\b|^\*|^function\s*\*/.test(String(run))) throw refuse("it returns before it has ended");
  const text = String(run);
  // A method has no word `function` in front of it, and is an expression only inside of an object.
  const found = [text, `Object.values({ ${text} })[0]`].find(isFunction);
  if (found === undefined) throw refuse("its text is no function");
  return found;
}

function isFunction(text: string): boolean {
  try {
    return typeof new Function(`"use strict"; return (${text});`)() === "function";
  } catch {
    return false;
  }
}
