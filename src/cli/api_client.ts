/** A server as commands see it: requests, and errors in the words that it gives. */
import { AegisError, ERROR_CODES, type ErrorCode } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import type { FlagValues } from "./flags.ts";
import type { CommandIo } from "./io.ts";

/** Where a server is, and what it asks for. */
export interface ApiPlace {
  /** Without a slash at the end. */
  readonly url: string;
  readonly token: string | undefined;
}

/** What goes with a request. */
export interface ApiRequest {
  readonly json?: unknown;
  readonly bytes?: Uint8Array<ArrayBuffer>;
  readonly signal?: AbortSignal;
}

const LOCAL = "http://127.0.0.1:8080";

/** Longest file of a token. */
const LARGEST_TOKEN_FILE = 4096;

/** The server that flags, or the environment, name. @throws {AegisError} `InvalidOption` */
export async function readPlace(flags: FlagValues, io: Pick<CommandIo, "read">): Promise<ApiPlace> {
  const text = flags.server ?? Deno.env.get("AEGIS_SERVER") ?? LOCAL, url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.search !== "") {
    throw new AegisError("InvalidOption", `Cannot ask ${quote(text)}: give the URL of a server`, {
      field: "server",
      suggestion: `Write it as ${LOCAL}.`,
    });
  }
  const file = flags.tokenFile;
  const token = file === undefined
    ? Deno.env.get("AEGIS_TOKEN")
    : new TextDecoder().decode(await io.read(file, LARGEST_TOKEN_FILE)).split("\n", 1)[0]?.trim();
  return { url: url.href.replace(/\/+$/, ""), token: token || undefined };
}

export class ApiClient {
  readonly #place: ApiPlace;

  constructor(place: ApiPlace) {
    this.#place = place;
  }

  /** Asks, and reads the answer. @throws {AegisError} as the server says, `NotFound` where there is none */
  async ask(method: string, path: string, request: ApiRequest = {}): Promise<unknown> {
    const response = await this.open(method, path, request), text = await response.text();
    return text === "" ? undefined : JSON.parse(text);
  }

  /** Asks; the answer is the caller's to read. @throws as {@linkcode ask} */
  async open(method: string, path: string, { json, bytes, signal }: ApiRequest = {}): Promise<Response> {
    const { url, token } = this.#place;
    const response = await this.#fetch(`${url}/api/v1${path}`, {
      method,
      redirect: "error",
      ...(signal === undefined ? {} : { signal }),
      headers: {
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        ...(json === undefined ? {} : { "Content-Type": "application/json" }),
        ...(bytes === undefined ? {} : { "Content-Type": "application/wasm" }),
      },
      body: json === undefined ? bytes ?? null : JSON.stringify(json),
    });
    if (!response.ok) throw await refusal(response, token !== undefined);
    return response;
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(url, init);
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new AegisError("NotFound", `Cannot reach a server at ${quote(this.#place.url)}`, {
        field: "server",
        suggestion: "Start one with: aegis server",
        cause: error,
      });
    }
  }
}

/** What codes of the server's own come to here; the others say that what was asked for is wrong. */
const OWN_CODES: Readonly<Record<string, ErrorCode>> = {
  Internal: "GuestFault",
  RateLimited: "Busy",
  RequestTimeout: "Busy",
};

/** What a server says that refuses. @param hasToken whether it was shown one */
async function refusal(response: Response, hasToken: boolean): Promise<AegisError> {
  const { status } = response, text = await response.text();
  if (status === 401) {
    return new AegisError(
      "InvalidOption",
      hasToken ? "The server does not know that token" : "The server asks for a token",
      {
        field: "tokenFile",
        suggestion: "Set AEGIS_TOKEN to one of its tokens, or name a file with --token-file.",
      },
    );
  }
  const { code, message, suggestion } = readError(text);
  const known = Object.hasOwn(ERROR_CODES, code) ? code as ErrorCode : OWN_CODES[code] ?? "InvalidOption"; // as was tested
  return new AegisError(
    known,
    message || `The server answers ${status}`,
    suggestion === undefined ? {} : { suggestion },
  );
}

function readError(text: string): { code: string; message: string; suggestion?: string } {
  try {
    const { error } = JSON.parse(text) as { error?: Record<string, unknown> }; // looked at below
    const { code, message, suggestion } = error ?? {};
    return {
      code: typeof code === "string" ? code : "",
      message: typeof message === "string" ? message : "",
      ...(typeof suggestion === "string" ? { suggestion } : {}),
    };
  } catch {
    return { code: "", message: "" };
  }
}
