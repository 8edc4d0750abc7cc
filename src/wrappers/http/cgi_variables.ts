/**
 * The variables of a request, as RFC 3875, section 4.1, names them, and WAGI beside them. They are text for one program, made
 * from what a client sends: nothing of this process is in them.
 */
import type { HttpExchange } from "./http_exchange.ts";
import { HttpFailure } from "./http_failure.ts";

/** Headers that have a variable of their own, or must have none: `HTTP_PROXY` is what clients take for their proxy. */
const UNNAMED: ReadonlySet<string> = new Set(["proxy", "content-type", "content-length"]);

/**
 * @param length bytes of the body
 * @throws {HttpFailure} 400 for a path that cannot be passed
 */
export function cgiVariables(exchange: HttpExchange, length: number): Record<string, string> {
  const { request, method, url, path, route, headers, remote } = exchange, rest = path.slice(route.length);
  const secure = url.protocol === "https:", pathInfo = decoded(rest);
  const variables: Record<string, string> = {
    AUTH_TYPE: "",
    GATEWAY_INTERFACE: "CGI/1.1",
    PATH_INFO: pathInfo,
    PATH_TRANSLATED: pathInfo,
    QUERY_STRING: url.search.slice(1),
    REMOTE_ADDR: remote,
    REMOTE_HOST: remote,
    REMOTE_USER: "",
    REQUEST_METHOD: method,
    SCRIPT_NAME: decoded(route),
    SERVER_NAME: url.hostname,
    SERVER_PORT: url.port || (secure ? "443" : "80"),
    SERVER_PROTOCOL: "HTTP/1.1",
    SERVER_SOFTWARE: "Aegis",
    X_FULL_URL: url.href,
    X_MATCHED_ROUTE: `${route}/...`,
    X_RAW_PATH_INFO: rest,
    ...(secure ? { HTTPS: "on" } : {}),
  };
  const type = request.headers.get("content-type");
  if (length > 0 || type !== null) variables["CONTENT_LENGTH"] = String(length);
  if (type !== null) variables["CONTENT_TYPE"] = type;
  for (const [name, value] of headers) {
    // "X_Name" would pass for "X-Name", which something in front may have set or checked.
    if (UNNAMED.has(name) || !/^[a-z0-9-]+$/.test(name)) continue;
    variables[`HTTP_${name.toUpperCase().replaceAll("-", "_")}`] = value;
  }
  return variables;
}

function decoded(path: string): string {
  let text: string;
  try {
    text = decodeURIComponent(path);
  } catch {
    throw new HttpFailure(400, "the path is no UTF-8");
  }
  if (text.includes("\0")) throw new HttpFailure(400, "the path has a NUL");
  return text;
}
