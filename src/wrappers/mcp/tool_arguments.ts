/** Arguments of a tool, checked before the guest sees any of them, as those of its function. */
import type { CallValue } from "../../core/value.ts";
import { quote } from "../../core/quote.ts";
import { CallFailed } from "./failure.ts";
import { boundsProblem } from "./json_bounds.ts";
import { argumentOf } from "./kind_schema.ts";
import { schemaProblem } from "./schema_match.ts";
import type { ModuleTool } from "./tool.ts";

/** What is passed to the function, or to the program. */
export type GivenArguments =
  | { readonly to: "function"; readonly values: readonly CallValue[] }
  | { readonly to: "program"; readonly words: readonly string[]; readonly stdin: string };

function invalid(what: string): CallFailed {
  return new CallFailed(
    "InvalidArguments",
    `Cannot call the tool: ${what}`,
    "Give what its inputSchema says.",
  );
}

/** @throws {CallFailed} `InvalidArguments` */
export function readArguments(
  { inputSchema, call }: Pick<ModuleTool, "inputSchema" | "call">,
  given: Readonly<Record<string, unknown>>,
): GivenArguments {
  const problem = boundsProblem(given) ?? schemaProblem(inputSchema, given);
  if (problem !== undefined) throw invalid(problem);
  if (call.by === "object") return { to: "function", values: [given as CallValue] }; // JSON has brought it
  if (call.by === "words") {
    const { args = [], stdin = "" } = given as { readonly args?: readonly string[]; readonly stdin?: string }; // by the schema
    const bad = [...args, stdin].find((word) => !word.isWellFormed()) ??
      args.find((word) => word.includes("\0"));
    if (bad !== undefined) throw invalid(`${quote(bad)} is no text that a program can be given`);
    return { to: "program", words: args, stdin };
  }
  const values = call.parameters.map(({ name, kind }) => {
    const converted = argumentOf(kind, Object.hasOwn(given, name) ? given[name] : undefined);
    if ("problem" in converted) throw invalid(`${quote(name)} ${converted.problem}`);
    return converted.value;
  });
  return { to: "function", values };
}
