// deno-lint-ignore-file no-import-prefix -- as the product imports it
/** The official client of the protocol, for tests: what it is told beside answers is kept. */
import { Client } from "npm:@modelcontextprotocol/sdk@1.32.2/client/index.js";
import { StdioClientTransport } from "npm:@modelcontextprotocol/sdk@1.32.2/client/stdio.js";
import { StreamableHTTPClientTransport } from "npm:@modelcontextprotocol/sdk@1.32.2/client/streamableHttp.js";
import { InMemoryTransport } from "npm:@modelcontextprotocol/sdk@1.32.2/inMemory.js";
import type { Client as ClientType } from "npm:@modelcontextprotocol/sdk@1.32.2/client/index";
import type { McpServer } from "../../../src/wrappers/mcp/mcp_server.ts";
import { AEGIS } from "../../cli/server_process.ts";

export { InMemoryTransport };

const ROOT = new URL("../../../", import.meta.url);

/** A client that is connected. */
export type TestClient = ClientType & AsyncDisposable;

function made(): TestClient {
  const client = new Client({ name: "tests", version: "1.2.3" }) as ClientType;
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}

/** A client of a server in this process. */
export async function connectTo(server: McpServer): Promise<TestClient> {
  const [here, there] = InMemoryTransport.createLinkedPair(), client = made();
  await server.connect(there);
  await client.connect(here);
  return client;
}

/** A client that starts `aegis mcp` as clients do. @param told gets what it prints on stderr */
export async function startAegis(
  words: readonly string[],
  told: (text: string) => void = () => {},
): Promise<TestClient> {
  const transport = new StdioClientTransport({
    command: Deno.execPath(),
    args: [...AEGIS, "mcp", ...words],
    cwd: ROOT.pathname,
    env: { ...Deno.env.toObject(), NO_COLOR: "1" },
    stderr: "pipe",
  });
  transport.stderr?.on("data", (bytes: Uint8Array) => told(new TextDecoder().decode(bytes)));
  const client = made();
  await client.connect(transport);
  return client;
}

/** A client that asks over HTTP. */
export async function askHttp(url: string, headers: Record<string, string> = {}): Promise<TestClient> {
  const client = made();
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  return client;
}

/** What a tool answers, as far as tests look at it. */
export interface ToolAnswer {
  readonly content: readonly {
    readonly type: string;
    readonly text?: string;
    readonly data?: string;
    readonly mimeType?: string;
    readonly resource?: { readonly uri: string; readonly blob: string };
  }[];
  readonly structuredContent?: Record<string, unknown>;
  readonly isError?: boolean;
  readonly _meta?: { readonly "aegis/error"?: { readonly code: string; readonly message: string } };
}

/** Calls a tool. */
export async function call(
  client: ClientType,
  name: string,
  args: Record<string, unknown> = {},
  options: Parameters<ClientType["callTool"]>[2] = {},
): Promise<ToolAnswer> {
  return await client.callTool({ name, arguments: args }, undefined, options) as unknown as ToolAnswer;
}

/** The code with which a tool failed; undefined where it did not. */
export function codeOf({ isError, _meta }: ToolAnswer): string | undefined {
  return isError === true ? _meta?.["aegis/error"]?.code ?? "?" : undefined;
}
