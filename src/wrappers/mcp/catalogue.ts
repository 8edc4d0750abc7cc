/**
 * All that a server offers, made once when it starts: tools, resources and prompts of all its modules. No name can be
 * taken for another, and nothing of it changes while the server runs: a client that has approved a tool calls that tool.
 */
import { AegisError, ModuleRefusedError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import type { Signature } from "../../core/signature.ts";
import { suggest } from "../../core/suggestion.ts";
import { mergeGrants } from "../../policy/policy.ts";
import type { Aegis } from "../../sandbox/aegis.ts";
import type { SandboxOptions } from "../../sandbox/aegis_options.ts";
import type { AegisModule } from "../../sandbox/module.ts";
import { readNames } from "../../wasm/names.ts";
import { readModule } from "../../wasm/read_module.ts";
import { annotationsOf, type ToolAnnotations } from "./annotations.ts";
import { cleanLine, cleanText, LONGEST_TEXT } from "./clean_text.ts";
import { Guests } from "./guests.ts";
import { isName, TakenNames } from "./names.ts";
import type { McpModule, McpPlan, McpToolOptions } from "./options.ts";
import {
  MCP_SECTION,
  type McpDescription,
  type PromptDescription,
  readMcpSection,
  type ResourceDescription,
  type ResourceTemplateDescription,
} from "./section.ts";
import { matchUri } from "./uri_template.ts";
import { describedType, isProgram, type ModuleTool, PROGRAM, readTools } from "./tool.ts";

/** A tool as clients get it, and as it is called. */
export interface OfferedTool extends ModuleTool {
  /** With the module's name, where there are several modules. */
  readonly fullName: string;
  readonly module: string;
  readonly annotations: ToolAnnotations;
  readonly guests: Guests;
}

/** A function that makes a resource or a prompt. */
export interface Maker {
  readonly module: string;
  readonly guests: Guests;
  readonly function: string;
  readonly type: Signature;
}

/** A resource; one that a function makes has a maker. */
export interface OfferedResource extends ResourceDescription {
  readonly module: string;
  readonly maker: Maker | undefined;
}

/** Resources of a template. */
export interface OfferedTemplate extends ResourceTemplateDescription {
  readonly maker: Maker;
}

/** A prompt. */
export interface OfferedPrompt extends PromptDescription {
  readonly fullName: string;
  readonly maker: Maker;
}

/** What a server offers. */
export interface Catalogue {
  readonly name: string;
  readonly version: string;
  readonly title: string | undefined;
  readonly instructions: string | undefined;
  readonly tools: ReadonlyMap<string, OfferedTool>;
  readonly resources: ReadonlyMap<string, OfferedResource>;
  readonly templates: readonly OfferedTemplate[];
  readonly prompts: ReadonlyMap<string, OfferedPrompt>;
  /** Every set of guests. */
  readonly guests: readonly Guests[];
  /** What was left out, in sentences; names in it are quoted. */
  readonly notes: readonly string[];
}

/** A module that was read. */
interface ReadModule {
  readonly given: McpModule;
  readonly description: McpDescription | undefined;
  readonly tools: readonly ModuleTool[];
  readonly notes: readonly string[];
  readonly bytes: Uint8Array;
  readonly module: AegisModule;
}

/** Loads the modules and makes the catalogue. @throws {AegisError} what is wrong with a module, or between two */
export async function makeCatalogue(modules: readonly McpModule[], plan: McpPlan): Promise<Catalogue> {
  const read = await Promise.all(modules.map(load)), maker = new CatalogueMaker(plan, read.length > 1);
  for (const one of read) await maker.add(one);
  return maker.finish(read);
}

async function load(given: McpModule): Promise<ReadModule> {
  const { name, runtime } = given, bytes = Uint8Array.from(given.bytes);
  try {
    const module = await runtime.loadBytes(bytes, { name });
    const parsed = readModule(bytes), description = readMcpSection(parsed); // it is valid, as was just found
    const indices = new Map(
      parsed.exports.flatMap((one) => one.kind === "function" ? [[`n${one.name}`, one.index]] : []),
    );
    const { tools, notes } = readTools({
      module,
      names: readNames(parsed),
      indexOf: (exported) => indices.get(`n${exported}`),
      description,
      called: name,
    });
    checkToolNames(given, tools);
    return { given, description, tools, notes, bytes, module };
  } catch (error) {
    throw named(error, name);
  }
}

/** The same error, with the module's name in front. */
function named(error: unknown, name: string): unknown {
  if (!(error instanceof ModuleRefusedError)) return error;
  return new ModuleRefusedError(`Module ${quote(name)}: ${error.reason}`, {
    cause: error,
    ...(error.suggestion === undefined ? {} : { suggestion: error.suggestion }),
  });
}

function checkToolNames({ name, tools = {} }: McpModule, offered: readonly ModuleTool[]): void {
  const known = offered.map((tool) => tool.name);
  const unknown = Object.keys(tools).find((one) => !known.includes(one));
  if (unknown === undefined) return;
  const called = offered.filter((tool) => tool.function === unknown).map((tool) => tool.name);
  const near = called.length > 0 ? called.slice(0, 3) : suggest(unknown, known);
  throw new AegisError(
    "InvalidOption",
    `Cannot set anything of tool ${quote(unknown)}: module ${quote(name)} has none`,
    {
      field: "tools",
      suggestion: near.length > 0 ? `Did you mean ${near.map(quote).join(" or ")}?` : toolList(known),
    },
  );
}

/** What the operator says of a tool: by its name alone, since a module may give one function to several tools. */
function ownOptions({ tools = {} }: McpModule, { name }: ModuleTool): McpToolOptions {
  return Object.hasOwn(tools, name) ? tools[name] ?? {} : {};
}

function toolList(names: readonly string[]): string {
  return `Tools: ${names.slice(0, 10).map(quote).join(", ")}${names.length > 10 ? ", …" : ""}.`;
}

/** What each of several modules says, so that none can speak for another: its lines are quoted, under its name. */
function allInstructions(read: readonly ReadModule[]): string | undefined {
  const texts = read.flatMap(({ given, description }) => {
    const said = description?.instructions;
    return said === undefined ? [] : [`Module ${quote(given.name)} says:\n${said.replace(/^/gm, "> ")}`];
  });
  return texts.length === 0 ? undefined : texts.join("\n\n");
}

class CatalogueMaker {
  readonly #plan: McpPlan;
  readonly #prefixed: boolean;
  readonly #tools = new Map<string, OfferedTool>();
  readonly #resources = new Map<string, OfferedResource>();
  readonly #templates: OfferedTemplate[] = [];
  readonly #prompts = new Map<string, OfferedPrompt>();
  readonly #guests: Guests[] = [];
  readonly #toolNames = new TakenNames("tool");
  readonly #promptNames = new TakenNames("prompt");
  readonly #uris = new TakenNames("resource", (uri) => uri.toLowerCase());

  constructor(plan: McpPlan, prefixed: boolean) {
    this.#plan = plan;
    this.#prefixed = prefixed;
  }

  async add(read: ReadModule): Promise<void> {
    const { given, description, tools } = read, { runtime, sandbox = {} } = given;
    const usual = this.#guestsOf(read.module, { runtime, sandbox, warm: !isProgram(read.module) });
    for (const tool of tools) await this.#addTool(tool, read, usual);
    for (const resource of description?.resources ?? []) this.#addResource(resource, read, usual);
    for (const template of description?.templates ?? []) this.#addTemplate(template, read, usual);
    for (const prompt of description?.prompts ?? []) this.#addPrompt(prompt, read, usual);
  }

  #guestsOf(
    module: AegisModule,
    { runtime, sandbox, warm }: {
      readonly runtime: Aegis;
      readonly sandbox: SandboxOptions;
      readonly warm: boolean;
    },
  ): Guests {
    const guests = new Guests({ runtime, module, sandbox, warm, maximum: this.#plan.guests });
    this.#guests.push(guests);
    return guests;
  }

  #fullName(module: string, name: string): string {
    return this.#prefixed ? `${module}.${name}` : name;
  }

  async #addTool(tool: ModuleTool, { given, bytes, module }: ReadModule, usual: Guests): Promise<void> {
    const own = ownOptions(given, tool),
      name = own.name ?? tool.name,
      fullName = this.#fullName(given.name, name);
    if (!isName(fullName)) {
      throw new ModuleRefusedError(
        `Cannot offer tool ${
          quote(fullName)
        }: its name has more than 128 characters, or other than "A-Za-z0-9_.-"`,
      );
    }
    this.#toolNames.take(fullName, given.name); // whether it is offered or not: the names of the others do not depend on it
    if (this.#plan.only !== undefined && !this.#plan.only.includes(fullName)) return;
    const runtime = own.runtime ?? given.runtime, sandbox = { ...given.sandbox, ...own.sandbox };
    const guests = own.runtime === undefined && own.sandbox === undefined ? usual : this.#guestsOf(
      own.runtime === undefined ? module : await own.runtime.loadBytes(bytes, { name: given.name }),
      { runtime, sandbox, warm: false },
    );
    const policy = sandbox.capabilities === undefined ? runtime.policy : mergeGrants(sandbox.capabilities);
    const title = own.title ?? tool.title ?? tool.claims.title,
      description = own.description ?? tool.description;
    this.#tools.set(fullName, {
      ...tool,
      fullName,
      module: given.name,
      title: title === undefined ? undefined : cleanLine(title, LONGEST_TEXT.title),
      description: description === undefined ? undefined : cleanText(description, LONGEST_TEXT.description),
      annotations: annotationsOf(policy, tool.claims, this.#plan.keep),
      guests,
    });
  }

  #maker(name: string, place: string, { given, module }: ReadModule, guests: Guests): Maker {
    if (name === PROGRAM) {
      throw new ModuleRefusedError(`Cannot use section ${quote(MCP_SECTION)}: ${place} cannot be a program`);
    }
    return { module: given.name, guests, function: name, type: describedType(module, name, place) };
  }

  #addResource(resource: ResourceDescription, read: ReadModule, guests: Guests): void {
    this.#uris.take(resource.uri, read.given.name);
    const { from } = resource;
    const maker = "function" in from ? this.#maker(from.function, "resources", read, guests) : undefined;
    this.#resources.set(resource.uri, { ...resource, module: read.given.name, maker });
  }

  #addTemplate(template: ResourceTemplateDescription, read: ReadModule, guests: Guests): void {
    this.#uris.take(template.template.text, read.given.name);
    this.#templates.push({
      ...template,
      maker: this.#maker(template.function, "resourceTemplates", read, guests),
    });
  }

  #addPrompt(prompt: PromptDescription, read: ReadModule, guests: Guests): void {
    const fullName = this.#fullName(read.given.name, prompt.name);
    this.#promptNames.take(fullName, read.given.name);
    this.#prompts.set(fullName, {
      ...prompt,
      fullName,
      maker: this.#maker(prompt.function, "prompts", read, guests),
    });
  }

  /** A fixed resource of one module must not take what another's template was meant for. */
  #checkApart(): void {
    for (const { uri, module } of this.#resources.values()) {
      const other = this.#templates.find(({ template, maker }) =>
        maker.module !== module && matchUri(template, uri) !== undefined
      );
      if (other === undefined) continue;
      throw new ModuleRefusedError(
        `Cannot offer resource ${quote(uri)} of module ${quote(module)}: template ${
          quote(other.template.text)
        } of module ${quote(other.maker.module)} stands for it`,
        { suggestion: "Give the URIs of each module a scheme of their own." },
      );
    }
  }

  finish(read: readonly ReadModule[]): Catalogue {
    this.#checkApart();
    const { only } = this.#plan, missing = only?.find((name) => !this.#tools.has(name));
    if (missing !== undefined) {
      const known = read.flatMap(({ given, tools }) =>
        tools.map(({ name }) => this.#fullName(given.name, name))
      );
      const near = suggest(missing, known);
      throw new AegisError(
        "InvalidOption",
        `Cannot offer tool ${quote(missing)}: there is none of that name`,
        {
          field: "tool",
          suggestion: near.length > 0 ? `Did you mean ${near.map(quote).join(" or ")}?` : toolList(known),
        },
      );
    }
    if (this.#tools.size + this.#resources.size + this.#templates.length + this.#prompts.size === 0) {
      throw new ModuleRefusedError("Cannot serve what has no tool, no resource and no prompt", {
        suggestion:
          `Export a function that takes and returns numbers, text, bytes or JSON, or add a section ${
            quote(MCP_SECTION)
          }.`,
      });
    }
    const [first] = read, alone = read.length === 1 ? first : undefined, said = alone?.description;
    return {
      name: this.#plan.name ?? said?.name ?? alone?.given.name ?? "aegis",
      version: this.#plan.version ?? said?.version ?? "0.0.0",
      title: said?.title,
      instructions: this.#plan.instructions ??
        (alone === undefined ? allInstructions(read) : said?.instructions),
      tools: this.#tools,
      resources: this.#resources,
      templates: this.#templates,
      prompts: this.#prompts,
      guests: this.#guests,
      notes: read.flatMap(({ given, notes }) => notes.map((note) => `module ${quote(given.name)}: ${note}`)),
    };
  }
}
