/** Several modules and a folder of files behind one address: by routes, with a line in the log for each request. */
import { type AccessEntry, answerResponse } from "./access_log.ts";
import type { Answer } from "./held_answer.ts";
import { checkRequest, type HttpRequestInfo, remoteOf } from "./http_exchange.ts";
import { errorFailure, failureResponse, HttpFailure } from "./http_failure.ts";
import type { HttpHandler } from "./http_handler.ts";
import { routeOf } from "./route.ts";
import type { StaticFiles } from "./static_files.ts";
import { AegisError } from "../../core/errors.ts";
import { checkOptionNames, type OptionNames } from "../../core/option_names.ts";
import { quote } from "../../core/quote.ts";

/** What a site has. Of several routes that fit a path the longest one answers. */
export interface HttpSiteOptions {
  /** Handlers, each with a route of its own. */
  readonly modules: readonly HttpHandler[];
  /** Files beside them. @default none */
  readonly files?: StaticFiles;
  /**
   * Names under which it may be asked, lower case, without port. A page of somebody else's that has its name lead to this
   * machine asks under that one. @default any
   */
  readonly hosts?: readonly string[];
  /** Told of each request, when its answer has gone out. @default nobody */
  readonly onAccess?: (entry: AccessEntry) => void;
}

const OPTIONS: OptionNames<HttpSiteOptions> = {
  place: "of a site",
  names: { modules: true, files: true, hosts: true, onAccess: true },
};

/** What answers a path. */
type Target = HttpHandler | StaticFiles;

/** Who has answered, and what. */
interface Handled {
  readonly answer: Answer | HttpFailure;
  readonly module: string | undefined;
}

/** Several modules behind one address. */
export class HttpSite {
  readonly #targets: readonly Target[];
  readonly #hosts: ReadonlySet<string> | undefined;
  readonly #onAccess: (entry: AccessEntry) => void;

  /** Made by {@linkcode httpSite}. */
  constructor(options: HttpSiteOptions) {
    checkOptionNames(options, OPTIONS);
    const { modules, files, hosts, onAccess } = options;
    this.#targets = [...modules, ...files === undefined ? [] : [files]];
    this.#hosts = hosts === undefined ? undefined : new Set(hosts);
    this.#onAccess = onAccess ?? (() => {});
    const routes = this.#targets.map(({ route }) => route);
    const twice = routes.find((route, index) => routes.indexOf(route) !== index);
    if (twice === undefined) return;
    throw new AegisError("InvalidOption", `Cannot serve route ${quote(`${twice}/`)} twice`, {
      field: "route",
      suggestion: "Give each module a route of its own.",
    });
  }

  /** Answers a request; it never throws. @param info what the server knows of the connection */
  readonly fetch = async (request: Request, info?: HttpRequestInfo): Promise<Response> => {
    const came = performance.now(),
      time = new Date().toISOString(),
      { answer, module } = await this.#handle(request, info);
    const log = (status: number, bytes: number) => {
      const { pathname, search } = new URL(request.url), target = pathname + search;
      const duration = performance.now() - came;
      this.#onAccess({
        time,
        remote: remoteOf(info),
        method: request.method,
        target,
        status,
        bytes,
        duration,
        module,
      });
    };
    if (answer instanceof HttpFailure) {
      log(answer.status, 0);
      return failureResponse(answer.status);
    }
    return answerResponse(answer, (bytes, failure) => log(failure?.status ?? answer.status, bytes));
  };

  async #handle(request: Request, info: HttpRequestInfo | undefined): Promise<Handled> {
    const { hostname, pathname } = new URL(request.url);
    if (this.#hosts !== undefined && !this.#hosts.has(hostname.toLowerCase())) {
      return { answer: new HttpFailure(421, "it is not asked under that name"), module: undefined };
    }
    try {
      checkRequest(request, info);
    } catch (error) {
      return { answer: errorFailure(error), module: undefined };
    }
    const target = routeOf(pathname, this.#targets);
    if (target === undefined) return { answer: new HttpFailure(404, "no route fits"), module: undefined };
    const module = "name" in target ? target.name : undefined;
    try {
      return { answer: await target.handle(request, info), module };
    } catch (error) {
      return { answer: errorFailure(error), module };
    }
  }
}

/** Puts modules and files behind one address. @throws {AegisError} `InvalidOption` for two of one route */
export function httpSite(options: HttpSiteOptions): HttpSite {
  return new HttpSite(options);
}
