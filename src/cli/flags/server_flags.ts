/** Flags of commands that answer others: over HTTP, and over MCP. */
import { HTTP_FORMS } from "../../core/http_forms.ts";
import type { FlagRow } from "./flag_row.ts";

/** Clients of MCP whose configuration is known; `json` is what most others take. */
const MCP_CLIENTS = ["json", "claude", "vscode", "cursor"] as const;

/** One of {@linkcode MCP_CLIENTS}. */
export type McpClientName = typeof MCP_CLIENTS[number];

/** How a log of requests is written. */
const ACCESS_LOGS = ["human", "json", "off"] as const;

export const SERVER_FLAGS = {
  port: {
    long: "port",
    kind: "number",
    metavar: "PORT",
    doc: "Where to listen; 0 for any free one (default: 8080)",
  },
  host: { long: "host", kind: "text", metavar: "NAME", doc: "Address to listen on (default: 127.0.0.1)" },
  form: {
    long: "form",
    kind: "choice",
    choices: HTTP_FORMS,
    metavar: "FORM",
    doc: `How it is asked: ${HTTP_FORMS.join(", ")} (default: found)`,
  },
  route: {
    long: "route",
    kind: "text",
    metavar: "PATH",
    doc: "It answers that path, and what is below (default: /)",
  },
  reuse: {
    long: "reuse",
    kind: "switch",
    doc: "An instance answers more requests than one, and keeps its state",
  },
  concurrency: {
    long: "concurrency",
    kind: "number",
    metavar: "NUMBER",
    doc: "Requests that are worked on at once (default: 4)",
  },
  waiting: {
    long: "waiting",
    kind: "number",
    metavar: "NUMBER",
    doc: "Requests that may wait for a guest; others get 503 (default: 256)",
  },
  requestSize: {
    long: "request-size",
    kind: "size",
    metavar: "SIZE",
    doc: "The largest body of a request (default: 8MiB)",
  },
  responseSize: {
    long: "response-size",
    kind: "size",
    metavar: "SIZE",
    doc: "The largest body of an answer (default: 64MiB)",
  },
  heldSize: {
    long: "held-size",
    kind: "size",
    metavar: "SIZE",
    doc: "Most that all bodies hold; others get 503 (default: 128MiB)",
  },
  passAuthorization: {
    long: "pass-authorization",
    kind: "switch",
    doc: "The guest sees the header Authorization",
  },
  static: {
    long: "static",
    kind: "text",
    metavar: "[PATH=]DIR",
    doc: "Serve the files of a directory below a path (default: /static)",
  },
  accessLog: {
    long: "access-log",
    kind: "choice",
    choices: ACCESS_LOGS,
    metavar: "FORM",
    doc: `A line for each request: ${ACCESS_LOGS.join(", ")} (default: human)`,
  },
  reload: { long: "reload", kind: "switch", doc: "Take a module anew when its file changes" },
  data: {
    long: "data",
    kind: "text",
    metavar: "DIR",
    doc: "Where tasks are kept (default: aegis in the user's state)",
  },
  policy: {
    long: "policy",
    kind: "text",
    metavar: "FILE",
    doc: "What tasks may use at most: limits and grants, as in --config of run",
  },
  noAuth: { long: "no-auth", kind: "switch", doc: "Ask for no token; on this machine alone" },
  newToken: { long: "new-token", kind: "switch", doc: "Make all tokens worthless, and print a new one" },
  allowHost: {
    long: "allow-host",
    kind: "list",
    metavar: "NAME",
    doc: "A name under which the server is asked, beside localhost",
  },
  cors: {
    long: "cors",
    kind: "list",
    metavar: "ORIGIN",
    doc: "Pages of that origin may ask: https://board.example",
  },
  alertWebhook: {
    long: "alert-webhook",
    kind: "text",
    metavar: "URL",
    doc: "Post the alerts of tasks there, as JSON (default: $AEGIS_ALERT_WEBHOOK)",
  },
  grace: {
    long: "grace",
    kind: "time",
    metavar: "TIME",
    doc: "What running tasks have at the end (default: 10s)",
  },
  http: { long: "http", kind: "switch", doc: "Serve over HTTP, instead of on stdin and stdout" },
  keep: {
    long: "keep",
    kind: "switch",
    doc: "Keep a guest's state for each session; else each call has a new one",
  },
  tool: {
    long: "tool",
    kind: "list",
    metavar: "NAME",
    doc: "Offer this tool, and none that is not named (default: all)",
  },
  printConfig: {
    long: "print-config",
    kind: "choice",
    choices: MCP_CLIENTS,
    alone: "json",
    metavar: "CLIENT",
    doc: `Print a client's configuration: ${MCP_CLIENTS.join(", ")}`,
  },
} as const satisfies Record<string, FlagRow>;
