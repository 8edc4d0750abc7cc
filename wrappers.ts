/**
 * Modules as what others expect: an MCP server.
 *
 * @module
 */
export { type McpServer, mcpServer, type McpSession, type McpTool } from "./src/wrappers/mcp/mcp_server.ts";
export type { McpModule, McpOptions, McpToolOptions } from "./src/wrappers/mcp/options.ts";
export type { McpAuditRecord, McpClient, McpDenial } from "./src/wrappers/mcp/audit.ts";
export { type McpHttpHandler, mcpHttpHandler, type McpHttpOptions } from "./src/wrappers/mcp/http_handler.ts";
export type { HttpGuardOptions } from "./src/wrappers/mcp/http_guard.ts";
export { type StdioStreams, StdioTransport } from "./src/wrappers/mcp/stdio_transport.ts";
