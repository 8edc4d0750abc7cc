/**
 * A server of the Model Context Protocol over modules: what they offer is read once, and answered over any number of
 * transports, each a session of its own.
 */
import type { McpClient } from "./audit.ts";
import { type Catalogue, makeCatalogue, type OfferedPrompt, type OfferedTool } from "./catalogue.ts";
import { KeptGuests } from "./guests.ts";
import { checkMcpModules, type McpModule, type McpOptions, type McpPlan, readMcpOptions } from "./options.ts";
import type { Progress } from "./progress.ts";
import { type Asked, type Asker, Requests } from "./requests.ts";
import {
  type CallToolRequest,
  type GetPromptRequest,
  loadSdk,
  type McpTransport,
  type ReadResourceRequest,
  type Sdk,
  type SdkServer,
} from "./sdk.ts";
import type { Shown } from "./section.ts";
import { AegisError } from "../../core/errors.ts";
import { GatedTransport } from "./gated_transport.ts";

/** A tool as clients are told of it. */
export interface McpTool {
  /** By which it is called. */
  readonly name: string;
  /** For people. */
  readonly title?: string;
  /** For models. */
  readonly description?: string;
  /** JSON Schema of its arguments. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
  /** JSON Schema of its structured content, where something is promised. */
  readonly outputSchema?: Readonly<Record<string, unknown>>;
  /** Hints about its effects, which follow from its grants. */
  readonly annotations: Readonly<Record<string, unknown>>;
}

/** A session that runs. */
export interface McpSession {
  /** Ends when the session has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** Ends it, and what it has under way. */
  close(): Promise<void>;
}

/** What of a request's surroundings is used; the SDK gives more. */
interface Extra {
  readonly requestId: string | number;
  readonly signal: AbortSignal;
  readonly _meta?: { readonly progressToken?: string | number | undefined } | undefined;
  readonly sendNotification: (notification: {
    method: "notifications/progress";
    params: Progress & { progressToken: string | number };
  }) => Promise<void>;
}

/** A session that asks. */
interface SessionAsker extends Asker {
  /** Aborted when the session has ended. */
  readonly gone: AbortSignal;
  readonly gate: GatedTransport;
}

/**
 * Reads the modules and makes a server of them.
 *
 * @example
 * ```ts
 * import { Aegis } from "jsr:@aegis/core";
 * import { mcpServer } from "jsr:@aegis/core/mcp";
 *
 * await using runtime = await Aegis.create({ timeout: "5s", memoryLimit: "16MiB" });
 * const bytes = await Deno.readFile("examples/guest/greet_c.wasm");
 * await using server = await mcpServer([{ name: "greeter", bytes, runtime }]);
 * console.log(server.tools.map((tool) => tool.name));
 * ```
 * @throws {AegisError} `InvalidOption`; `ModuleInvalid`, `ModuleRefused` for a module, or for what it says of itself;
 * `MissingImport` and what else the start of a guest failed with
 */
export async function mcpServer(modules: readonly McpModule[], options: McpOptions = {}): Promise<McpServer> {
  const plan = readMcpOptions(options), given = [...modules];
  checkMcpModules(given);
  const loading = loadSdk();
  loading.catch(() => {}); // awaited below, unless a module is refused first
  const catalogue = await makeCatalogue(given, plan);
  try {
    await Promise.all(catalogue.guests.map((guests) => guests.ready()));
    return new McpServer(catalogue, plan, await loading);
  } catch (error) {
    await Promise.all(catalogue.guests.map((guests) => guests.close()));
    throw error;
  }
}

/** Made by {@linkcode mcpServer}. */
export class McpServer implements AsyncDisposable {
  readonly #catalogue: Catalogue;
  readonly #plan: McpPlan;
  readonly #sdk: Sdk;
  readonly #requests: Requests;
  readonly #sessions = new Set<McpSession>();
  #count = 0;
  #closed = false;

  /** @ignore See {@linkcode mcpServer}. */
  constructor(catalogue: Catalogue, plan: McpPlan, sdk: Sdk) {
    this.#catalogue = catalogue;
    this.#plan = plan;
    this.#sdk = sdk;
    this.#requests = new Requests(catalogue, plan);
  }

  /** What the server calls itself. */
  get name(): string {
    return this.#catalogue.name;
  }

  /** Its tools, as clients are told of them. */
  get tools(): readonly McpTool[] {
    return [...this.#catalogue.tools.values()].map(toolJson);
  }

  /** Exports that were left out, in sentences. */
  get notes(): readonly string[] {
    return this.#catalogue.notes;
  }

  /**
   * Serves one client. The transport is any of the SDK's.
   *
   * @throws {AegisError} `Closed`, and what the transport throws
   */
  async connect(transport: McpTransport, kind: McpClient["transport"] = "other"): Promise<McpSession> {
    if (this.#closed) throw new AegisError("Closed", "The MCP server was closed");
    const { name, version, title, instructions, tools, resources, templates, prompts } = this.#catalogue;
    const hasResources = resources.size + templates.length > 0;
    const server = new this.#sdk.server.Server({ name, version, ...(title === undefined ? {} : { title }) }, {
      capabilities: {
        ...(tools.size > 0 ? { tools: {} } : {}),
        ...(hasResources ? { resources: {} } : {}),
        ...(prompts.size > 0 ? { prompts: {} } : {}),
      },
      ...(instructions === undefined ? {} : { instructions }),
    });
    const kept = this.#plan.keep ? new KeptGuests() : undefined, session = ++this.#count;
    const gone = new AbortController();
    const gate = transport instanceof GatedTransport
      ? transport
      : new GatedTransport(transport, this.#sdk.types);
    const asker: SessionAsker = {
      kept,
      alone: kind === "stdio",
      underWay: 0,
      client: () => clientOf(server, { session, transport: kind }),
      gone: gone.signal,
      gate,
    };
    if (tools.size > 0) this.#answerTools(server, asker);
    if (hasResources) this.#answerResources(server, asker);
    if (prompts.size > 0) this.#answerPrompts(server, asker);
    const ended = Promise.withResolvers<void>();
    const running: McpSession = { ended: ended.promise, close: () => server.close() };
    server.onclose = () => {
      gone.abort();
      kept?.end();
      this.#sessions.delete(running);
      ended.resolve();
    };
    this.#sessions.add(running);
    try {
      await server.connect(gate);
    } catch (error) {
      server.onclose();
      throw error;
    }
    return running;
  }

  #answerTools(server: SdkServer, asker: SessionAsker): void {
    const { ListToolsRequestSchema, CallToolRequestSchema } = this.#sdk.types;
    const tools = this.tools; // as they are, for the whole session
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: tools as never })); // as `toolJson` makes them
    server.setRequestHandler(CallToolRequestSchema, async ({ params }: CallToolRequest, extra: Extra) => {
      const result = await underWay(
        extra,
        asker,
        (asked) => this.#requests.callTool(params.name, params.arguments ?? {}, asked, asker),
      );
      return result as never; // the SDK checks it
    });
  }

  #answerResources(server: SdkServer, asker: SessionAsker): void {
    const { ListResourcesRequestSchema, ListResourceTemplatesRequestSchema, ReadResourceRequestSchema } =
      this.#sdk.types;
    const resources = [...this.#catalogue.resources.values()].map(({ uri, name, mimeType, ...about }) => ({
      uri,
      name,
      ...shown(about),
      ...(mimeType === undefined ? {} : { mimeType }),
    }));
    const resourceTemplates = this.#catalogue.templates.map(({ template, name, mimeType, ...about }) => ({
      uriTemplate: template.text,
      name,
      ...shown(about),
      ...(mimeType === undefined ? {} : { mimeType }),
    }));
    server.setRequestHandler(ListResourcesRequestSchema, () => ({ resources }));
    server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates }));
    server.setRequestHandler(
      ReadResourceRequestSchema,
      async ({ params }: ReadResourceRequest, extra: Extra) => {
        const result = await underWay(
          extra,
          asker,
          (asked) => this.#requests.readResource(params.uri, asked, asker),
        );
        return result as never; // the SDK checks it
      },
    );
  }

  #answerPrompts(server: SdkServer, asker: SessionAsker): void {
    const { ListPromptsRequestSchema, GetPromptRequestSchema } = this.#sdk.types;
    const prompts = [...this.#catalogue.prompts.values()].map(promptJson);
    server.setRequestHandler(ListPromptsRequestSchema, () => ({ prompts: prompts as never })); // as `promptJson` makes them
    server.setRequestHandler(GetPromptRequestSchema, async ({ params }: GetPromptRequest, extra: Extra) => {
      const result = await underWay(
        extra,
        asker,
        (asked) => this.#requests.getPrompt(params.name, params.arguments ?? {}, asked, asker),
      );
      return result as never; // as above
    });
  }

  /** Ends every session, and with it what is under way. The runtimes stay open. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#sessions].map((session) => session.close()));
    await this.#requests.told();
    await Promise.all(this.#catalogue.guests.map((guests) => guests.close()));
  }

  /** As {@linkcode close}: for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function clientOf(server: SdkServer, known: Pick<McpClient, "session" | "transport">): McpClient {
  const said = server.getClientVersion();
  return said === undefined ? known : { ...known, name: said.name, version: said.version };
}

/** Answers a request, until its client cancels it or is gone. */
async function underWay<Result>(
  extra: Extra,
  { gate, gone }: SessionAsker,
  answer: (asked: Asked) => Promise<Result>,
): Promise<Result> {
  const cancelled = gate.signalOf(extra.requestId) ?? extra.signal;
  return await answer(asked({ ...extra, signal: AbortSignal.any([cancelled, gone]) }));
}

function asked({ signal, _meta, sendNotification }: Omit<Extra, "requestId">): Asked {
  const progressToken = _meta?.progressToken;
  if (progressToken === undefined) return { signal, progress: undefined };
  return {
    signal,
    progress: (progress) => {
      // A client that is gone hears nothing of it.
      sendNotification({ method: "notifications/progress", params: { ...progress, progressToken } }).catch(
        () => {},
      );
    },
  };
}

function shown({ title, description }: Shown): Shown {
  return { ...(title === undefined ? {} : { title }), ...(description === undefined ? {} : { description }) };
}

function toolJson(tool: OfferedTool): McpTool {
  const { fullName, title, description, inputSchema, outputSchema, annotations } = tool;
  return {
    name: fullName,
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
    inputSchema,
    ...(outputSchema === undefined ? {} : { outputSchema }),
    annotations: { ...annotations },
  };
}

function promptJson({ fullName, arguments: words, ...about }: OfferedPrompt): Record<string, unknown> {
  return { name: fullName, ...shown(about), arguments: words };
}
