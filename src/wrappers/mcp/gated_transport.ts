/**
 * What stands between a transport and the SDK, in every session. The SDK knows a request by its id alone: a second one of
 * the same id would take the first one's place, which nobody could cancel any more. It drops what it cannot read without
 * an answer, and puts what clients wrote into its errors. So all of that is seen to here, for every transport alike.
 */
import { PROTOCOL_CODES, toldError } from "./failure.ts";
import type { McpMessage, McpTransport, Sdk } from "./sdk.ts";

/** By which a client knows its request. */
export type RequestId = string | number;

/** Longest id of a request, and of its progress: each comes back in what is sent. */
const LONGEST_ID = 1000;

/** A request that was taken. */
interface Request {
  readonly cancel: AbortController;
  /** Whether the SDK has it. */
  passed: boolean;
}

/** What a transport does beside. */
export interface GateOptions {
  /** Told of a request that was cancelled, and will have no answer. */
  readonly onDropped?: (id: RequestId) => void;
}

type OnMessage = NonNullable<McpTransport["onmessage"]>;

export class GatedTransport implements McpTransport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: OnMessage;
  readonly #inner: McpTransport;
  readonly #types: Pick<Sdk["types"], "JSONRPCMessageSchema">;
  readonly #options: GateOptions;
  readonly #requests = new Map<RequestId, Request>();

  constructor(
    inner: McpTransport,
    types: Pick<Sdk["types"], "JSONRPCMessageSchema">,
    options: GateOptions = {},
  ) {
    this.#inner = inner;
    this.#types = types;
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#inner.onclose = () => this.onclose?.();
    this.#inner.onerror = (error) => this.onerror?.(error);
    this.#inner.onmessage = (message, extra) => this.#take(message, extra);
    await this.#inner.start();
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }

  /** Sends what the SDK says; an answer that nobody waits for any more is dropped. */
  async send(message: McpMessage, options?: Parameters<McpTransport["send"]>[1]): Promise<void> {
    if (!("method" in message) && message.id !== undefined) {
      const request = this.#requests.get(message.id);
      this.#requests.delete(message.id);
      if (request?.cancel.signal.aborted) return this.#options.onDropped?.(message.id);
    }
    await this.#inner.send(
      "error" in message ? { ...message, error: toldError(message.error) } : message,
      options,
    );
  }

  /** Whether the SDK can read a message. */
  reads(message: unknown): message is McpMessage {
    return this.#types.JSONRPCMessageSchema.safeParse(message).success && hasShortIds(message as McpMessage); // as was just found
  }

  /** Takes an id for a request that is about to come. @returns whether nobody has it */
  reserve(id: RequestId): boolean {
    if (this.#requests.has(id)) return false;
    this.#requests.set(id, { cancel: new AbortController(), passed: false });
    return true;
  }

  /** Gives back an id whose request did not come. */
  release(id: RequestId): void {
    if (this.#requests.get(id)?.passed === false) this.#requests.delete(id);
  }

  /** Aborted when the client cancels the request. */
  signalOf(id: RequestId): AbortSignal | undefined {
    return this.#requests.get(id)?.cancel.signal;
  }

  #take(message: McpMessage, extra: Parameters<OnMessage>[1]): void {
    if (!this.reads(message)) return this.#refuse(message, "Invalid request");
    if (!("method" in message)) return; // an answer: this side asks nothing
    if (message.method === "notifications/cancelled") return this.#cancel(message.params?.["requestId"]);
    if ("id" in message && !this.#pass(message.id)) {
      return this.#refuse(message, "A request of that id is under way");
    }
    this.onmessage?.(message, extra);
  }

  #pass(id: RequestId): boolean {
    const reserved = this.#requests.get(id);
    if (reserved?.passed || reserved === undefined && !this.reserve(id)) return false;
    const request = this.#requests.get(id);
    if (request !== undefined) request.passed = true;
    return true;
  }

  #cancel(id: unknown): void {
    if (typeof id === "string" || typeof id === "number") this.#requests.get(id)?.cancel.abort();
  }

  /** Answers past the SDK, and past the request that has the id. */
  #refuse(message: unknown, why: string): void {
    const id = idOf(message) ?? null; // as JSON-RPC has it; the SDK's type has no such message
    const answer = { jsonrpc: "2.0", id, error: { code: PROTOCOL_CODES.invalidRequest, message: why } };
    this.#inner.send(answer as unknown as McpMessage).catch((error) => this.onerror?.(error));
  }
}

/** The id of a request, if what came has one. */
export function idOf(message: unknown): RequestId | undefined {
  if (typeof message !== "object" || message === null || !("id" in message)) return undefined;
  const { id } = message, isId = typeof id === "number" || typeof id === "string" && id.length <= LONGEST_ID;
  return isId ? id : undefined;
}

function hasShortIds(message: McpMessage): boolean {
  const token = "params" in message ? message.params?._meta?.progressToken : undefined;
  return ["id" in message ? message.id : undefined, token].every((one) =>
    typeof one !== "string" || one.length <= LONGEST_ID
  );
}
