// deno-lint-ignore-file no-import-prefix -- what `deno.json` maps is fetched by every command, and this by one
/**
 * The official SDK, as far as it is used here; loaded when the first server is made, since it takes a tenth of a second.
 * Its declarations have other names than its code: what is loaded ends in `.js`, and its types are those without.
 */
import type { Server } from "npm:@modelcontextprotocol/sdk@1.32.2/server/index";
import type { WebStandardStreamableHTTPServerTransport } from "npm:@modelcontextprotocol/sdk@1.32.2/server/webStandardStreamableHttp";

import type { Transport } from "npm:@modelcontextprotocol/sdk@1.32.2/shared/transport";
import type { JSONRPCMessage } from "npm:@modelcontextprotocol/sdk@1.32.2/types";

export type {
  CallToolRequest,
  GetPromptRequest,
  ReadResourceRequest,
} from "npm:@modelcontextprotocol/sdk@1.32.2/types";

/** What carries messages: any transport of the SDK's. */
export type McpTransport = Transport;
/** A message of JSON-RPC. */
export type McpMessage = JSONRPCMessage;

/** What is used of it. */
export interface Sdk {
  readonly server: typeof import("npm:@modelcontextprotocol/sdk@1.32.2/server/index");
  readonly types: typeof import("npm:@modelcontextprotocol/sdk@1.32.2/types");
}

/** One side of one session. */
export type SdkServer = Server;
/** One session over HTTP. */
export type HttpTransport = WebStandardStreamableHTTPServerTransport;
/** Makes one. */
export type HttpTransportClass = typeof WebStandardStreamableHTTPServerTransport;

/** Loads it. */
export async function loadSdk(): Promise<Sdk> {
  const [server, types] = await Promise.all([
    import("npm:@modelcontextprotocol/sdk@1.32.2/server/index.js"),
    import("npm:@modelcontextprotocol/sdk@1.32.2/types.js"),
  ]);
  return { server, types };
}

/** Loads what speaks HTTP. */
export async function loadHttpTransport(): Promise<HttpTransportClass> {
  const { WebStandardStreamableHTTPServerTransport } = await import(
    "npm:@modelcontextprotocol/sdk@1.32.2/server/webStandardStreamableHttp.js"
  );
  return WebStandardStreamableHTTPServerTransport;
}
