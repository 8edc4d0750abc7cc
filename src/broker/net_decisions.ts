/** What one sandbox may ask of hosts: policy says, and each answer is recorded once. The only place that refuses. */
import type { Header } from "./net_headers.ts";
import { secretsAskedFor, substituteSecrets } from "./net_secrets.ts";
import type { AuditEvent } from "../core/audit.ts";
import { auditEvent, missingGrant } from "../policy/audit_event.ts";
import { decideAddress, decideNetwork } from "../policy/decide_network.ts";
import type { NetworkGrant, Policy } from "../policy/grants.ts";
import type { Decision, NetworkRequest } from "../policy/request.ts";
import type { ResolvedSecret } from "../policy/secret.ts";
import { type MissingGrant, OperationError } from "../protocol/operations.ts";

export interface DecisionsOptions {
  readonly sandbox: string;
  readonly policy: Policy;
  readonly secrets: readonly ResolvedSecret[];
  /** Whether what was allowed is recorded, too. */
  readonly auditAll: boolean;
  readonly audit: (event: AuditEvent) => void;
  /** Milliseconds since 1970. */
  readonly wallTime: () => number;
}

export class NetDecisions {
  readonly #options: DecisionsOptions;
  #policy: Policy;
  /** What was refused last. */
  #missing: MissingGrant | undefined;

  constructor(options: DecisionsOptions) {
    this.#options = options;
    this.#policy = options.policy;
  }

  narrow(policy: Policy): void {
    this.#policy = policy;
  }

  /** Another operation begins. */
  begin(): void {
    this.#missing = undefined;
  }

  /** What was refused since the operation began for want of a grant, the last of it. */
  get missing(): MissingGrant | undefined {
    return this.#missing;
  }

  /** The grant that allows a hop. @throws {OperationError} `notcapable` */
  hop(request: NetworkRequest): NetworkGrant {
    const decision = decideNetwork(this.#policy, request);
    this.#record(request, decision);
    if (decision.allowed && decision.grant.kind === "network") return decision.grant;
    throw new OperationError("notcapable");
  }

  /** Whether a hop, which is allowed, may connect to an address that its host resolved to. */
  address(request: NetworkRequest, address: string): boolean {
    const decision = decideAddress(this.#policy, { request, address });
    // That the hop is allowed has been recorded.
    if (!decision.allowed) this.#record(request, decision);
    return decision.allowed;
  }

  /** What is still granted of a hop that was allowed; nothing is recorded. */
  stillGranted(request: NetworkRequest): NetworkGrant | undefined {
    const decision = decideNetwork(this.#policy, request);
    return decision.allowed && decision.grant.kind === "network" ? decision.grant : undefined;
  }

  /** Headers with the secrets that the host of a hop may get. @throws {OperationError} `notcapable` */
  secrets(request: NetworkRequest, headers: readonly Header[]): Header[] {
    const { secrets, sandbox, wallTime, auditAll, audit } = this.#options;
    const filled = substituteSecrets(headers, { secrets, hop: request });
    const event = { time: wallTime(), sandbox, capability: "network", action: "secret" };
    if (!("reason" in filled)) {
      const names = auditAll ? secretsAskedFor(headers) : [];
      for (const target of names) audit({ ...event, target, allowed: true });
      return filled;
    }
    audit({ ...event, target: filled.name, allowed: false, reason: filled.reason });
    this.#missing = { capability: "network", action: "secret", reason: filled.reason, hint: "" };
    throw new OperationError("notcapable");
  }

  /** Refuses a hop for what is in no policy. @throws {OperationError} `notcapable`, always */
  refuse(request: NetworkRequest, reason: string): never {
    this.#record(request, { allowed: false, reason, flag: undefined, hint: "" });
    throw new OperationError("notcapable");
  }

  #record(request: NetworkRequest, decision: Decision): void {
    const { sandbox, auditAll, audit, wallTime } = this.#options;
    if (!decision.allowed) this.#missing = missingGrant(request, decision);
    if (decision.allowed && !auditAll) return;
    audit(auditEvent(sandbox, request, { decision, time: wallTime() }));
  }
}
