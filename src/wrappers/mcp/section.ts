/**
 * What a module says of itself in the section `aegis:mcp`: JSON, a hint without authority. It names functions of its own
 * module, which have to be there; it grants nothing. What is wrong with it is an error with the place, since a tool that
 * is not there is worse than a server that does not start.
 */
import { ModuleRefusedError } from "../../core/errors.ts";
import { AegisError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import type { Module } from "../../wasm/module.ts";
import { cleanLine, cleanText, LONGEST_TEXT } from "./clean_text.ts";
import { boundsProblem } from "./json_bounds.ts";
import { isName } from "./names.ts";
import { checkObjectSchema, type JsonSchema } from "./schema.ts";
import { refused, SectionRecord } from "./section_fields.ts";
import { readUriTemplate, type UriTemplate } from "./uri_template.ts";

/** The name of the custom section. */
export const MCP_SECTION = "aegis:mcp";

/** Bytes of the section; items of each list. */
const LARGEST = 1024 * 1024;

/** Tools, resources, templates and prompts that one module may have, each. */
export const MOST_ITEMS = 1000;

/** Arguments of a tool or a prompt. */
const MOST_ARGUMENTS = 100;

/** Titles and descriptions; both are cleaned. */
export interface Shown {
  readonly title?: string;
  readonly description?: string;
}

/** A tool as a module describes it. */
export interface ToolDescription extends Shown {
  readonly name: string;
  readonly function: string;
  /** Names of the parameters, in their order. */
  readonly arguments: readonly string[] | undefined;
  readonly inputSchema: JsonSchema | undefined;
  readonly outputSchema: JsonSchema | undefined;
  /** What the module claims; see `annotations.ts` for what becomes of it. */
  readonly annotations: ToolClaims;
  /** Of a result of bytes. */
  readonly mimeType: string | undefined;
}

/** What a module claims of a tool. */
export interface ToolClaims {
  readonly title?: string;
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/** A resource as a module describes it: a text, or what a function returns. */
export interface ResourceDescription extends Shown {
  readonly uri: string;
  readonly name: string;
  readonly mimeType: string | undefined;
  readonly from: { readonly text: string } | { readonly function: string };
}

/** Resources that a function makes, by what stands in the URI. */
export interface ResourceTemplateDescription extends Shown {
  readonly template: UriTemplate;
  readonly name: string;
  readonly mimeType: string | undefined;
  readonly function: string;
}

/** An argument of a prompt. */
export interface PromptArgument {
  readonly name: string;
  readonly description?: string;
  readonly required: boolean;
}

/** A prompt as a module describes it. */
export interface PromptDescription extends Shown {
  readonly name: string;
  readonly arguments: readonly PromptArgument[];
  readonly function: string;
}

/** The section, read. */
export interface McpDescription {
  readonly name: string | undefined;
  readonly version: string | undefined;
  readonly title: string | undefined;
  readonly instructions: string | undefined;
  /** Undefined where the section says nothing of tools: they come from the exports then. */
  readonly tools: readonly ToolDescription[] | undefined;
  readonly resources: readonly ResourceDescription[];
  readonly templates: readonly ResourceTemplateDescription[];
  readonly prompts: readonly PromptDescription[];
}

/**
 * Reads the section.
 *
 * @returns undefined where the module has none
 * @throws {ModuleRefusedError} that names the section and what is wrong with it
 */
export function readMcpSection(module: Module): McpDescription | undefined {
  const [section, second] = module.customs.filter(({ name }) => name === MCP_SECTION);
  if (section === undefined) return undefined;
  try {
    if (second !== undefined) throw refused("there are two of them");
    const size = section.end - section.start;
    if (size > LARGEST) throw refused(`it has ${size} bytes, the limit is ${LARGEST}`);
    return readDescription(parse(module.bytes.subarray(section.start, section.end)));
  } catch (error) {
    if (!(error instanceof AegisError)) throw error;
    throw new ModuleRefusedError(`Cannot read section ${quote(MCP_SECTION)}: ${error.message}`, {
      ...(error.suggestion === undefined ? {} : { suggestion: error.suggestion }),
      cause: error,
    });
  }
}

function parse(bytes: Uint8Array): unknown {
  let text: string, value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw refused("it is no UTF-8");
  }
  try {
    value = JSON.parse(text.replace(/\0+$/, "")); // compilers end texts
  } catch (error) {
    throw refused(`it is no JSON: ${cleanLine((error as Error).message, 200)}`); // a SyntaxError
  }
  const problem = boundsProblem(value, { levels: 40 });
  if (problem !== undefined) throw refused(problem);
  return value;
}

function readDescription(value: unknown): McpDescription {
  const names = [
    "name",
    "version",
    "title",
    "instructions",
    "tools",
    "resources",
    "resourceTemplates",
    "prompts",
  ];
  const record = new SectionRecord(value, "", names);
  const items = <Item>(key: string, read: (item: unknown, place: string) => Item): Item[] | undefined =>
    record.list(key, MOST_ITEMS)?.map((item, index) => read(item, `${key}[${index}]`));
  const line = (key: string) =>
    clean(record.optionalText(key), (text) => cleanLine(text, LONGEST_TEXT.title));
  return {
    name: line("name"),
    version: line("version"),
    title: line("title"),
    instructions: clean(
      record.optionalText("instructions"),
      (text) => cleanText(text, LONGEST_TEXT.instructions),
    ),
    tools: items("tools", readTool),
    resources: items("resources", readResource) ?? [],
    templates: items("resourceTemplates", readTemplate) ?? [],
    prompts: items("prompts", readPrompt) ?? [],
  };
}

/** Undefined, too, for what nothing is left of. */
function clean(text: string | undefined, by: (text: string) => string): string | undefined {
  return text === undefined ? undefined : by(text) || undefined;
}

/** Title and description of an item. */
function readShown(record: Pick<SectionRecord, "optionalText">): Shown {
  const title = clean(record.optionalText("title"), (text) => cleanLine(text, LONGEST_TEXT.title));
  const description = clean(
    record.optionalText("description"),
    (text) => cleanText(text, LONGEST_TEXT.description),
  );
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
  };
}

function readName(record: SectionRecord): string {
  const name = record.text("name");
  if (isName(name)) return name;
  throw refused(
    `${record.at("name")} is ${quote(name)}: use 1 to 128 of A-Z, a-z, 0-9, "_", "-" and "."`,
  );
}

const TOOL_KEYS = [
  "name",
  "function",
  "title",
  "description",
  "arguments",
  "inputSchema",
  "outputSchema",
  "annotations",
  "mimeType",
];

function readTool(value: unknown, place: string): ToolDescription {
  const record = new SectionRecord(value, place, TOOL_KEYS), name = readName(record);
  const schema = (key: string) =>
    record.has(key) ? checkObjectSchema(record.get(key), record.at(key)) : undefined;
  const names = record.list("arguments", MOST_ARGUMENTS);
  if (
    names?.some((one) => typeof one !== "string" || !isName(one)) ||
    new Set(names).size !== (names ?? []).length
  ) {
    throw refused(`${record.at("arguments")} is no list of different names`);
  }
  return {
    ...readShown(record),
    name,
    function: record.optionalText("function") ?? name,
    arguments: names as readonly string[] | undefined, // as was just checked
    inputSchema: schema("inputSchema"),
    outputSchema: schema("outputSchema"),
    annotations: record.has("annotations")
      ? readClaims(record.get("annotations"), record.at("annotations"))
      : {},
    mimeType: readMimeType(record),
  };
}

const HINTS = ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] as const;

function readClaims(value: unknown, place: string): ToolClaims {
  const record = new SectionRecord(value, place, ["title", ...HINTS]),
    { title } = readShown({
      optionalText: (key) => key === "title" ? record.optionalText(key) : undefined,
    });
  const hints = HINTS.map((name) => [name, record.optionalTruth(name)] as const);
  return {
    ...(title === undefined ? {} : { title }),
    ...Object.fromEntries(hints.filter(([, hint]) => hint !== undefined)),
  };
}

/** RFC 6838: a type, a subtype, and parameters of plain words. */
const MIME_TYPE = /^[a-z]{1,20}\/[\w.+-]{1,100}(?:; ?[\w-]{1,40}=[\w.+-]{1,100}){0,4}$/i;

function readMimeType(record: SectionRecord): string | undefined {
  const type = record.optionalText("mimeType");
  if (type === undefined || MIME_TYPE.test(type)) return type;
  throw refused(`${record.at("mimeType")} is ${quote(type)}, which is no media type`);
}

const RESOURCE_KEYS = ["uri", "name", "title", "description", "mimeType", "function", "text"];

function readResource(value: unknown, place: string): ResourceDescription {
  const record = new SectionRecord(value, place, RESOURCE_KEYS);
  const uri = record.text("uri"), text = record.get("text"), hasFunction = record.has("function");
  if (uri.length > 2000 || URL.parse(uri) === null || !/^[\x21-\x7e]+$/.test(uri)) {
    throw refused(`${record.at("uri")} is ${quote(uri)}, which is no URI: give one like notes://today`);
  }
  if (hasFunction === (text !== undefined)) throw refused(`${place} needs either a function or a text`);
  if (text !== undefined && typeof text !== "string") throw refused(`${record.at("text")} is no text`);
  return {
    ...readShown(record),
    uri,
    name: cleanLine(record.text("name"), LONGEST_TEXT.title),
    mimeType: readMimeType(record),
    from: typeof text === "string" ? { text } : { function: record.text("function") },
  };
}

const TEMPLATE_KEYS = ["uriTemplate", "name", "title", "description", "mimeType", "function"];

function readTemplate(value: unknown, place: string): ResourceTemplateDescription {
  const record = new SectionRecord(value, place, TEMPLATE_KEYS);
  return {
    ...readShown(record),
    template: readUriTemplate(record.text("uriTemplate"), record.at("uriTemplate")),
    name: cleanLine(record.text("name"), LONGEST_TEXT.title),
    mimeType: readMimeType(record),
    function: record.text("function"),
  };
}

function readPrompt(value: unknown, place: string): PromptDescription {
  const record = new SectionRecord(value, place, ["name", "title", "description", "arguments", "function"]);
  const name = readName(record);
  const list = record.list("arguments", MOST_ARGUMENTS) ?? [];
  const read = list.map((item, index) => readArgument(item, `${record.at("arguments")}[${index}]`));
  if (new Set(read.map((one) => one.name)).size !== read.length) {
    throw refused(`${record.at("arguments")} has a name twice`);
  }
  return { ...readShown(record), name, arguments: read, function: record.optionalText("function") ?? name };
}

function readArgument(value: unknown, place: string): PromptArgument {
  const record = new SectionRecord(value, place, ["name", "title", "description", "required"]);
  const { description } = readShown(record);
  return {
    name: readName(record),
    ...(description === undefined ? {} : { description }),
    required: record.optionalTruth("required") ?? false,
  };
}
