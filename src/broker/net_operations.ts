/** The operations of the network broker, for one sandbox. A guest waits for each, so at most one is under way. */
import type { AsyncOperations } from "./async_client.ts";
import { Deadline } from "./deadline.ts";
import type { AttachNetMessage } from "./messages.ts";
import { keptNetwork } from "./kept_grants.ts";
import type { NetAllowances } from "./net_allowance.ts";
import { NetDecisions } from "./net_decisions.ts";
import { Exchange } from "./net_exchange.ts";
import { errnoOf } from "./net_failure.ts";
import { readHeaderLines } from "./net_headers.ts";
import type { NetPorts } from "./net_ports.ts";
import { firstHop } from "./net_redirects.ts";
import { OpenResponses } from "./net_responses.ts";
import type { AuditEvent } from "../core/audit.ts";
import type { NetworkGrant } from "../policy/grants.ts";
import { policyOf } from "../policy/merge_grants.ts";
import { ERRNO } from "../protocol/errno.ts";
import {
  type Answer,
  OperationError,
  type OperationsBy,
  type ReplyOf,
  type RequestOf,
} from "../protocol/operations.ts";

type NetOperationName = OperationsBy<"net">;

type Performers = {
  readonly [Name in NetOperationName]: (
    request: RequestOf<Name>,
    deadline: Deadline,
  ) => Promise<ReplyOf<Name>>;
};

export interface NetOperationsOptions {
  readonly sandbox: Pick<
    AttachNetMessage,
    "sandbox" | "grants" | "quotas" | "secrets" | "timeout" | "auditAll"
  >;
  /** What is left to it of what it may move. */
  readonly allowances: NetAllowances;
  readonly ports: NetPorts;
  readonly audit: (event: AuditEvent) => void;
  /** Bytes that a reply can carry. */
  readonly room: number;
}

/** Milliseconds that an operation may take, unless the host says otherwise. */
const STANDARD_TIMEOUT = 30_000;

/** Bytes of one read. */
const LARGEST_READ = 1024 * 1024;

export class NetOperations implements AsyncOperations<"net", NetworkGrant> {
  readonly #ports: NetPorts;
  readonly #timeout: number;
  readonly #room: number;
  readonly #decisions: NetDecisions;
  readonly #responses: OpenResponses;
  #grants: readonly NetworkGrant[];
  readonly #allowances: NetAllowances;
  #underway: Deadline | undefined;
  #exchange: Exchange | undefined;
  /** The response of the last request, while the guest has not yet shown that it knows of it. */
  #unclaimed: number | undefined;

  constructor({ sandbox, allowances, ports, audit, room }: NetOperationsOptions) {
    this.#ports = ports;
    this.#grants = sandbox.grants;
    this.#timeout = sandbox.timeout ?? STANDARD_TIMEOUT;
    this.#room = room;
    this.#decisions = new NetDecisions({
      sandbox: sandbox.sandbox,
      policy: policyOf(sandbox.grants),
      secrets: sandbox.secrets ?? [],
      auditAll: sandbox.auditAll,
      audit,
      wallTime: ports.wallTime,
    });
    this.#responses = new OpenResponses(sandbox.quotas.connections);
    this.#allowances = allowances;
  }

  /** Never rejects: whatever fails is an error number. */
  async perform<Name extends NetOperationName>(name: Name, request: RequestOf<Name>): Promise<Answer<Name>> {
    const deadline = this.#underway = new Deadline(this.#timeout);
    this.#unclaimed = undefined;
    this.#decisions.begin();
    try {
      return { errno: ERRNO.success, reply: await this.#performers[name](request, deadline) };
    } catch (error) {
      const errno = errnoOf(error);
      // An address that was refused is seen by what the socket fails with.
      return { errno: ERRNO[errno], missing: errno === "notcapable" ? this.#decisions.missing : undefined };
    } finally {
      deadline.clear();
      this.#underway = undefined;
    }
  }

  /** Ends what is under way. A response whose number may not have reached the guest any more is closed. */
  interrupt(): void {
    this.#underway?.end("intr");
    if (this.#unclaimed !== undefined) this.#responses.close(this.#unclaimed);
    this.#unclaimed = undefined;
  }

  /** The sandbox serves somebody else: bytes count from zero. */
  renew(): void {
    this.#allowances.reads.renew();
    this.#allowances.writes.renew();
  }

  /** Takes grants away: what is open or under way to a host that is no longer granted ends. */
  narrow(grants: readonly NetworkGrant[]): void {
    this.#grants = keptNetwork(this.#grants, grants);
    this.#decisions.narrow(policyOf(this.#grants));
    this.#exchange?.narrowed();
    for (const response of this.#responses) {
      const grant = this.#decisions.stillGranted(response.hop);
      if (grant === undefined) response.end("notcapable");
      else response.narrow(grant.maxBody);
    }
  }

  /** Ends everything. */
  close(): void {
    this.#underway?.end("intr");
    this.#responses.closeAll();
  }

  readonly #performers: Performers = {
    httpRequest: async ({ method, url, headers, body }, deadline) => {
      // The body lies in memory that the guest can write to, and must not change once it is counted.
      const content = { headers: readHeaderLines(headers), body: new Uint8Array(body) };
      const exchange = this.#exchange = new Exchange({
        ports: this.#ports,
        decisions: this.#decisions,
        responses: this.#responses,
        ...this.#allowances,
        timeout: this.#timeout,
      }, deadline);
      try {
        const { response, ...head } = await exchange.run(firstHop({ method, url }, content));
        if (deadline.over || new TextEncoder().encode(head.headers).length > this.#room) {
          response.end("badf");
          throw new OperationError(deadline.over ? "intr" : "msgsize");
        }
        const number = this.#unclaimed = this.#responses.add(response);
        return { response: number, ...head };
      } finally {
        this.#exchange = undefined;
      }
    },

    httpRead: async ({ response, length }, deadline) => {
      const { reads } = this.#allowances, open = this.#responses.get(response);
      await reads.ready(deadline);
      const bytes = await open.read(Math.min(length, LARGEST_READ, this.#room, reads.portion), deadline);
      return { bytes };
    },

    // deno-lint-ignore require-await -- the others wait
    httpClose: async ({ response }) => {
      this.#responses.close(response);
      return {};
    },
  };
}
