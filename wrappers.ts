/**
 * Modules as what others use: HTTP handlers and plugins. MCP servers are in `mcp.ts`.
 *
 * @module
 */
export {
  PluginRegistry,
  type RegisteredPlugin,
  type RegisterOptions,
} from "./src/wrappers/plugin/plugin_registry.ts";
export type { PluginRecord } from "./src/wrappers/plugin/registry_store.ts";
export type { Requirement } from "./src/wrappers/plugin/resolve_dependencies.ts";
export {
  type FunctionSchemas,
  parsePluginManifest,
  type PluginManifest,
  type PluginNeeds,
  readPluginManifest,
} from "./src/wrappers/plugin/plugin_manifest.ts";
export type { PluginShape } from "./src/wrappers/plugin/plugin_shape.ts";
export type { JsonSchema } from "./src/wrappers/plugin/schema_compatibility.ts";
export { type PluginCallOptions, PluginHost } from "./src/wrappers/plugin/plugin_host.ts";
export type { PluginStatus } from "./src/wrappers/plugin/plugin_slot.ts";
export type {
  ReplacedPlugin,
  RollbackOptions,
  UpgradeOptions,
} from "./src/wrappers/plugin/replace_plugin.ts";
export type {
  HealthOptions,
  PluginGrants,
  PluginHostOptions,
  PluginSettings,
} from "./src/wrappers/plugin/plugin_options.ts";
export {
  PLUGIN_STATES,
  type PluginEvent,
  type PluginEventKind,
  type PluginState,
} from "./src/wrappers/plugin/plugin_events.ts";
export {
  type HttpCloseOptions,
  HttpHandler,
  httpHandler,
  type HttpStats,
} from "./src/wrappers/http/http_handler.ts";
export type { HttpOptions } from "./src/wrappers/http/http_options.ts";
export type { HttpRequestInfo } from "./src/wrappers/http/http_exchange.ts";
export { HTTP_FORMS, type HttpForm } from "./src/core/http_forms.ts";
export type { LogEntry } from "./src/wrappers/http/guest_log.ts";
export type { Answer } from "./src/wrappers/http/held_answer.ts";
export { FAILURES, type FailureStatus, HttpFailure } from "./src/wrappers/http/http_failure.ts";
export { type AccessEntry, accessJson, accessLine } from "./src/wrappers/http/access_log.ts";
export { HttpSite, httpSite, type HttpSiteOptions } from "./src/wrappers/http/http_site.ts";
export { StaticFiles, staticFiles, type StaticFilesOptions } from "./src/wrappers/http/static_files.ts";
