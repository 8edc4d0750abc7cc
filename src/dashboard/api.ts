/** The server's API, as a page asks it: with the token of who has signed in, and an error for each refusal. */
import { ApiError } from "./api_error.ts";
import { saveFile } from "./save_file.ts";

/** What is asked for behind the `?`; what is undefined or empty is left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface ApiOptions {
  /** The token that is sent; undefined sends none. */
  readonly token: () => string | undefined;
  /** Gets another token from the person, or rejects where none comes. */
  readonly signIn: (error: ApiError) => Promise<void>;
}

/** What a request is made of beside its path. */
interface Sent {
  readonly method?: string;
  readonly type?: string;
  readonly body?: BodyInit;
  readonly signal?: AbortSignal | undefined;
}

export class Api {
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /** Reads. @param path below `/api/v1`, with a slash before it */
  async get<Answer>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Answer> {
    return await (await this.#ask(withQuery(path, query), { signal })).json() as Answer; // as the schemas say, which a test compares
  }

  /** Writes; the answer is undefined where there is none. */
  async send<Answer = unknown>(
    method: "POST" | "PATCH" | "DELETE",
    path: string,
    body?: unknown,
  ): Promise<Answer> {
    const sent = body === undefined ? {} : { type: "application/json", body: JSON.stringify(body) };
    const response = await this.#ask(path, { method, ...sent });
    return (response.status === 204 ? undefined : await response.json()) as Answer; // as above
  }

  /** Keeps a module. */
  async upload<Answer>(bytes: Uint8Array<ArrayBuffer>, name: string): Promise<Answer> {
    const sent = { method: "POST", type: "application/wasm", body: bytes };
    return await (await this.#ask(withQuery("/modules", { name: name.slice(0, 200) }), sent))
      .json() as Answer; // as above
  }

  /** Bytes, such as those of a module. */
  async bytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await (await this.#ask(path)).arrayBuffer());
  }

  /** An answer that comes bit by bit. */
  async stream(path: string, query: Query, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.#ask(withQuery(path, query), { signal });
    if (body === null) throw new ApiError("Unreachable", "The server sent no stream");
    return body;
  }

  /** Has the browser save an answer as a file. */
  async save(path: string, query: Query, name: string): Promise<void> {
    saveFile(await (await this.#ask(withQuery(path, query))).blob(), name);
  }

  async #ask(path: string, sent: Sent = {}): Promise<Response> {
    for (;;) {
      const token = this.#options.token(), response = await fetched(path, sent, token);
      if (response.ok) return response;
      const error = await errorOf(response);
      if (response.status !== 401) throw error;
      // Somebody may have signed in while this was under way.
      if (token === this.#options.token()) await this.#options.signIn(error);
    }
  }
}

async function fetched(path: string, sent: Sent, token: string | undefined): Promise<Response> {
  const { method = "GET", type, body, signal } = sent;
  const headers = {
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    ...(type === undefined ? {} : { "Content-Type": type }),
  };
  try {
    return await fetch(`/api/v1${path}`, {
      method,
      headers,
      body: body ?? null,
      signal: signal ?? null,
      cache: "no-store",
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError("Unreachable", "The server does not answer");
  }
}

async function errorOf(response: Response): Promise<ApiError> {
  try {
    const { error } = await response.json() as {
      error: { code: string; message: string; suggestion?: string };
    }; // as /api/v1 answers
    return new ApiError(error.code, error.message, error.suggestion);
  } catch {
    return new ApiError("Internal", `The server answered with status ${response.status}`);
  }
}

function withQuery(path: string, query: Query): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") parts.set(name, String(value));
  }
  const text = parts.toString();
  return text === "" ? path : `${path}?${text}`;
}
