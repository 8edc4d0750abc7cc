/**
 * One request of a guest, hop by hop until there is a response that is no redirect. Every hop is decided by its name,
 * then by its address, has a connection of its own, and is charged to the sandbox.
 */
import type { Deadline } from "./deadline.ts";
import type { Allowance } from "./net_allowance.ts";
import type { Connection } from "./net_connection.ts";
import { connectVetted } from "./net_connect.ts";
import type { NetDecisions } from "./net_decisions.ts";
import { headBytes, headerOf, pairs, requestHeaders, responseLines } from "./net_headers.ts";
import { sendHop } from "./net_hop.ts";
import type { NodeResponse } from "./net_node.ts";
import type { NetPorts } from "./net_ports.ts";
import {
  type HopRequest,
  hostHeader,
  isDowngrade,
  isRedirect,
  MOST_REDIRECTS,
  networkRequestOf,
  nextHop,
} from "./net_redirects.ts";
import { OpenResponse, type OpenResponses } from "./net_responses.ts";
import type { NetworkGrant } from "../policy/grants.ts";
import { hostInUrl } from "../policy/host_name.ts";
import type { NetworkRequest } from "../policy/request.ts";
import { OperationError } from "../protocol/operations.ts";

/** What an exchange needs of its sandbox. */
export interface ExchangeContext {
  readonly ports: NetPorts;
  readonly decisions: NetDecisions;
  readonly responses: OpenResponses;
  readonly reads: Allowance;
  readonly writes: Allowance;
  /** Milliseconds that a request may take. */
  readonly timeout: number;
}

/** The head of a response, and its body to come. */
export interface Exchanged {
  readonly status: number;
  /** As the guest reads them. */
  readonly headers: string;
  readonly response: OpenResponse;
}

/** An answered hop. */
interface Answered {
  readonly connection: Connection;
  readonly answer: NodeResponse;
  readonly grant: NetworkGrant;
}

export class Exchange {
  readonly #context: ExchangeContext;
  readonly #deadline: Deadline;
  /** The hop under way. */
  #hop: NetworkRequest | undefined;

  constructor(context: ExchangeContext, deadline: Deadline) {
    this.#context = context;
    this.#deadline = deadline;
  }

  /** Ends it when the hop that is under way is granted no more. */
  narrowed(): void {
    const { decisions } = this.#context;
    if (this.#hop === undefined || decisions.stillGranted(this.#hop) !== undefined) return;
    this.#deadline.end("notcapable");
  }

  /** @throws {OperationError}, or what a hop fails with */
  async run(first: HopRequest): Promise<Exchanged> {
    const { decisions } = this.#context;
    let request = first;
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const hop = this.#hop = networkRequestOf(request);
      const { connection, answer, grant } = await this.#send(request, hop);
      const location = headerOf(pairs(answer.rawHeaders), "location");
      if (!isRedirect(answer.statusCode) || location === undefined) {
        return this.#opened({ connection, answer, grant }, hop);
      }
      connection.close();
      const next = nextHop(request, { status: answer.statusCode, location });
      if (isDowngrade(request, next)) {
        decisions.refuse(networkRequestOf(next), "a redirect leads from https to what is not encrypted");
      }
      request = next;
    }
    throw new OperationError("loop");
  }

  async #send(request: HopRequest, hop: NetworkRequest): Promise<Answered> {
    const { ports, decisions, responses, reads, writes, timeout } = this.#context, deadline = this.#deadline;
    const { method, body } = request, { host, port } = hop;
    const grant = decisions.hop(hop);
    if (body.length > grant.maxBody) throw new OperationError("msgsize");
    responses.checkRoom(host, grant.connections);
    const headers = requestHeaders(decisions.secrets(hop, request.headers), {
      host: hostHeader(hop),
      method,
      length: body.length,
    });
    if (!ports.permitted(hostInUrl(host), port)) {
      decisions.refuse(hop, "the broker may not connect to that host");
    }
    if (reads.usedUp) throw new OperationError("dquot");
    const path = `${request.url.pathname}${request.url.search}`;
    const size = headBytes(headers) + path.length + body.length;
    // A body is not cut: all of it waits until the rate has room for it, which has to be within the time that there is.
    if (writes.timeOf(size) > timeout) throw new OperationError("timedout");
    await writes.ready(deadline);
    writes.take(size);
    await writes.ready(deadline);
    await reads.ready(deadline);
    const connection = await connectVetted({ host, port, secure: hop.scheme === "https" }, {
      modules: ports.modules,
      deadline,
      vet: (address) => decisions.address(hop, address),
      reads,
    });
    const sent = { method, host, port, path, headers, body };
    const answer = await sendHop(sent, { modules: ports.modules, connection, deadline });
    return { connection, answer, grant };
  }

  #opened({ connection, answer, grant }: Answered, hop: NetworkRequest): Exchanged {
    const headers = pairs(answer.rawHeaders), length = headerOf(headers, "content-length");
    const bodiless = hop.method === "HEAD" || answer.statusCode === 304;
    if (length !== undefined && !bodiless && !(Number(length) <= grant.maxBody)) {
      connection.close();
      throw new OperationError("msgsize");
    }
    return {
      status: answer.statusCode,
      headers: responseLines(headers),
      response: new OpenResponse(answer, { hop, connection, most: grant.maxBody }),
    };
  }
}
