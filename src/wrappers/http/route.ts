/** Routes: prefixes of paths, by whole segments. */
import { AegisError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";

/**
 * A route without its slash at the end; empty for every path.
 *
 * @throws {AegisError} `InvalidOption`
 */
export function readRoute(route: unknown): string {
  // What a URL's path can look like after it was parsed; dot segments are gone there, so no request would ever fit.
  const plain = typeof route === "string" && /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*$/.test(route) &&
    !/\/\/|\/\.{1,2}(\/|$)/.test(route) && new URL(route, "http://host").pathname === route;
  if (plain) return route.replace(/\/$/, "");
  throw new AegisError(
    "InvalidOption",
    `Cannot use route ${quote(String(route))}: give a path that begins with "/"`,
    {
      field: "route",
      suggestion: "Write it as /greet, with % for what paths escape.",
    },
  );
}

/** Whether a path is the route's, or below it. */
export function withinRoute(path: string, route: string): boolean {
  return path.startsWith(route) &&
    (path.length === route.length || path[route.length] === "/" || route === "");
}

/** Of several routes the longest that fits. */
export function routeOf<Target extends { readonly route: string }>(
  path: string,
  targets: readonly Target[],
): Target | undefined {
  let best: Target | undefined;
  for (const target of targets) {
    if (withinRoute(path, target.route) && (best === undefined || target.route.length > best.route.length)) {
      best = target;
    }
  }
  return best;
}
