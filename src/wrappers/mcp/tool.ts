/** Tools of a module: what its section describes, or what its exports are, with what a client is told of each. */
import { ModuleRefusedError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import { isContentKind, type Kind, KINDS, type Signature } from "../../core/signature.ts";
import { suggest } from "../../core/suggestion.ts";
import type { AegisModule } from "../../sandbox/module.ts";
import type { Names } from "../../wasm/names.ts";
import { isName } from "./names.ts";
import { parameterSchema, resultSchema } from "./kind_schema.ts";
import { isRecord } from "./json_bounds.ts";
import type { JsonSchema } from "./schema.ts";
import {
  MCP_SECTION,
  type McpDescription,
  MOST_ITEMS,
  type ToolClaims,
  type ToolDescription,
} from "./section.ts";

/** How a tool's arguments become those of a function. */
export type ToolCall =
  /** By name. */
  | { readonly by: "name"; readonly parameters: readonly ToolParameter[] }
  /** The whole object, as the one parameter. */
  | { readonly by: "object" }
  /** As words and standard input of a program. */
  | { readonly by: "words" };

/** A parameter of a function under the name that a tool has for it. */
export interface ToolParameter {
  readonly name: string;
  readonly kind: Kind;
}

/** A tool of one module, before the operator and the other modules have a say. */
export interface ModuleTool {
  /** Without the module's name. */
  readonly name: string;
  readonly function: string;
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly inputSchema: JsonSchema;
  /** Undefined where nothing is promised. */
  readonly outputSchema: JsonSchema | undefined;
  readonly claims: ToolClaims;
  readonly mimeType: string | undefined;
  readonly call: ToolCall;
  readonly results: readonly Kind[];
  /** How the function is meant. */
  readonly type: Signature;
}

/** A module as tools are made of it. */
export interface ToolSource {
  readonly module: Pick<
    AegisModule,
    "exports" | "imports" | "functionNames" | "functionType" | "signature" | "exportOf"
  >;
  readonly names: Pick<Names, "locals">;
  /** Index of an exported function. */
  readonly indexOf: (name: string) => number | undefined;
  readonly description: McpDescription | undefined;
  /** What the module is called, for a program that says nothing of itself. */
  readonly called: string;
}

/** Exports that are there for compilers, hosts and other commands. */
const INTERNAL = /^(?:_|aegis_|handle)/;

/** The export where a program for WASI begins. */
export const PROGRAM = "_start";

/** The tools of a module, and what was left out of them, in sentences. @throws {ModuleRefusedError} */
export function readTools(
  source: ToolSource,
): { readonly tools: readonly ModuleTool[]; readonly notes: readonly string[] } {
  const { description } = source;
  if (description?.tools !== undefined) {
    return {
      tools: description.tools.map((one, index) => describedTool(source, one, `tools[${index}]`)),
      notes: [],
    };
  }
  return exportedTools(source);
}

function exportedTools(
  source: ToolSource,
): { readonly tools: readonly ModuleTool[]; readonly notes: readonly string[] } {
  const { module, called } = source, notes: string[] = [], tools: ModuleTool[] = [];
  if (isProgram(module) && source.description === undefined) {
    return { tools: [programTool({ name: called })], notes };
  }
  let unnamed = 0;
  for (const name of module.functionNames()) {
    const type = INTERNAL.test(name) ? undefined : callableType(module, name);
    if (type === undefined) continue;
    if (!isName(name)) unnamed++;
    else tools.push(functionTool(source, { name, function: name }, type));
    if (tools.length <= MOST_ITEMS) continue;
    throw new ModuleRefusedError(`Cannot offer more than ${MOST_ITEMS} functions of a module as tools`, {
      suggestion: `Name those that are meant in a section ${quote(MCP_SECTION)}.`,
    });
  }
  if (unnamed > 0) {
    notes.push(
      `${unnamed} exported ${
        unnamed === 1 ? "function is" : "functions are"
      } no tools: no tool can have such a name`,
    );
  }
  return { tools, notes };
}

/** Whether the module is a program for WASI. */
export function isProgram(module: ToolSource["module"]): boolean {
  const type = module.functionType(PROGRAM);
  return type !== undefined && type.params.length === 0 && type.results.length === 0;
}

/** How a function can be called from outside: as the module says, or by its numbers. */
function callableType(module: ToolSource["module"], name: string): Signature | undefined {
  const stated = module.signature(name), type = module.functionType(name);
  if (stated !== undefined) return stated;
  const known = (kinds: readonly string[]): kinds is readonly Kind[] =>
    kinds.every((kind) => (KINDS as readonly string[]).includes(kind));
  if (type === undefined || !known(type.params) || !known(type.results)) return undefined;
  return { params: type.params, results: type.results };
}

/** The type of a function that the section names. @throws {ModuleRefusedError} */
export function describedType(module: ToolSource["module"], name: string, place: string): Signature {
  const type = callableType(module, name);
  if (type !== undefined) return type;
  const near = suggest(name, module.functionNames());
  const why = module.functionType(name) === undefined
    ? "which the module does not export"
    : "whose type has more than numbers, text, bytes and structured values";
  throw new ModuleRefusedError(
    `Cannot use section ${quote(MCP_SECTION)}: ${place} names function ${quote(name)}, ${why}`,
    {
      ...(near.length === 0 ? {} : { suggestion: `Did you mean ${near.map(quote).join(" or ")}?` }),
    },
  );
}

function describedTool(source: ToolSource, described: ToolDescription, place: string): ModuleTool {
  const { module } = source;
  if (described.function === PROGRAM && isProgram(module)) return programTool(described);
  return functionTool(source, described, describedType(module, described.function, place), place);
}

type Described = Partial<ToolDescription> & { readonly name: string };

function functionTool(
  source: ToolSource,
  described: Described & { readonly function: string },
  type: Signature,
  place = described.name,
): ModuleTool {
  const call = callOf(source, described, { type, place });
  const inputSchema = described.inputSchema ?? defaultInput(call);
  if (call.by === "name" && described.inputSchema !== undefined) {
    checkNames(described.inputSchema, call.parameters, place);
  }
  return {
    ...about(described),
    function: described.function,
    inputSchema,
    outputSchema: described.outputSchema ?? defaultOutput(type.results),
    call,
    results: type.results,
    type,
  };
}

function about({ name, title, description, annotations = {}, mimeType }: Described) {
  return { name, title, description, claims: annotations, mimeType };
}

function callOf(
  { names, indexOf }: ToolSource,
  described: Described & { readonly function: string },
  { type: { params }, place }: { readonly type: Signature; readonly place: string },
): ToolCall {
  const given = described.arguments, [only] = params;
  if (given === undefined && params.length === 1 && (only === "json" || only === "msgpack")) {
    return { by: "object" };
  }
  if (given !== undefined && given.length !== params.length) {
    throw new ModuleRefusedError(
      `Cannot use section ${
        quote(MCP_SECTION)
      }: ${place}.arguments has ${given.length} names for ${params.length} parameters`,
    );
  }
  const index = given === undefined ? indexOf(described.function) : undefined;
  const words = given ?? (index === undefined ? [] : localNames(names.locals(index), params));
  return { by: "name", parameters: params.map((kind, at) => ({ name: words[at] ?? `arg${at}`, kind })) };
}

/** What the compiler called the parameters; nothing unless that makes a name for each. */
function localNames(locals: ReadonlyMap<number, string>, params: readonly Kind[]): readonly string[] {
  let at = 0;
  const words = params.map((kind) => {
    const word = locals.get(at);
    at += isContentKind(kind) ? 2 : 1; // address and length
    return word;
  });
  const good = words.every((word) => word !== undefined && isName(word) && !word.includes("."));
  return good && new Set(words).size === words.length ? words as string[] : []; // as was just looked at
}

function defaultInput(call: ToolCall): JsonSchema {
  if (call.by !== "name") return { type: "object" };
  return {
    type: "object",
    properties: Object.fromEntries(call.parameters.map(({ name, kind }) => [name, parameterSchema(kind)])),
    required: call.parameters.map(({ name }) => name),
    additionalProperties: false,
  };
}

/** Numbers are promised; of text and structured values a client is told what there is. */
function defaultOutput(results: readonly Kind[]): JsonSchema | undefined {
  if (results.length === 0 || results.some(isContentKind)) return undefined;
  const schemas = results.map(resultSchema);
  const result = schemas.length === 1
    ? schemas[0]
    : { type: "array", prefixItems: schemas, minItems: schemas.length, maxItems: schemas.length };
  return { type: "object", properties: { result }, required: ["result"] };
}

/** A parameter that a client cannot give would never have a value. */
function checkNames(schema: JsonSchema, parameters: readonly ToolParameter[], place: string): void {
  const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
  const missing = parameters.find(({ name }) => !Object.hasOwn(properties, name));
  if (missing === undefined) return;
  throw new ModuleRefusedError(
    `Cannot use section ${quote(MCP_SECTION)}: ${place}.inputSchema has no property ${
      quote(missing.name)
    }, which the function takes`,
    { suggestion: `Name the parameters of the function, in their order: "arguments": ["…"].` },
  );
}

/** What a program is given. */
const PROGRAM_INPUT: JsonSchema = {
  type: "object",
  properties: {
    args: {
      type: "array",
      items: { type: "string" },
      maxItems: 1000,
      description: "Arguments of the program",
    },
    stdin: { type: "string", description: "Its standard input" },
  },
  additionalProperties: false,
};

/** What is told of its end. */
const PROGRAM_OUTPUT: JsonSchema = {
  type: "object",
  properties: {
    status: { type: "integer" },
    stdout: { type: "string" },
    stderr: { type: "string" },
    truncated: { type: "boolean" },
  },
  required: ["status", "stdout", "stderr", "truncated"],
};

function programTool(described: Described): ModuleTool {
  return {
    ...about(described),
    function: PROGRAM,
    inputSchema: PROGRAM_INPUT,
    outputSchema: PROGRAM_OUTPUT,
    call: { by: "words" },
    results: [],
    type: { params: [], results: [] },
  };
}
