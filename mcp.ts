/**
 * Functions of modules as tools for models: a server of the Model Context Protocol. It stands apart from the other wrappers
 * for the packages that the official SDK brings.
 *
 * @module
 */
export { type McpServer, mcpServer, type McpSession, type McpTool } from "./src/wrappers/mcp/mcp_server.ts";
export type { McpModule, McpOptions, McpToolOptions } from "./src/wrappers/mcp/options.ts";
export type { McpAuditRecord, McpClient, McpDenial } from "./src/wrappers/mcp/audit.ts";
export { type McpHttpHandler, mcpHttpHandler, type McpHttpOptions } from "./src/wrappers/mcp/http_handler.ts";
export type { HttpGuardOptions } from "./src/wrappers/mcp/http_guard.ts";
export type { McpMessage, McpTransport } from "./src/wrappers/mcp/sdk.ts";
export { type StdioStreams, StdioTransport } from "./src/wrappers/mcp/stdio_transport.ts";
