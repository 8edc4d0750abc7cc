/** What one sandbox may run: policy says, and each answer is recorded once. The only place that refuses. */
import type { AuditEvent } from "../core/audit.ts";
import { auditEvent, missingGrant } from "../policy/audit_event.ts";
import { decide } from "../policy/decide.ts";
import type { Policy, ProcessGrant } from "../policy/grants.ts";
import type { Decision, ProcessRequest } from "../policy/request.ts";
import { OperationError } from "../protocol/operations.ts";

export interface ProcessDecisionsOptions {
  readonly sandbox: string;
  readonly policy: Policy;
  /** Whether what was allowed is recorded, too. */
  readonly auditAll: boolean;
  readonly audit: (event: AuditEvent) => void;
  /** Whether Deno lets this Worker run a program. */
  readonly permitted: (command: string) => boolean;
  /** Milliseconds since 1970. */
  readonly wallTime: () => number;
}

export class ProcessDecisions {
  readonly #options: ProcessDecisionsOptions;
  #policy: Policy;

  constructor(options: ProcessDecisionsOptions) {
    this.#options = options;
    this.#policy = options.policy;
  }

  narrow(policy: Policy): void {
    this.#policy = policy;
  }

  /** The grant that allows a command. @throws {OperationError} `notcapable` */
  run(request: ProcessRequest): ProcessGrant {
    const decision = decide(this.#policy, request);
    if (!decision.allowed || decision.grant.kind !== "process") return this.#refuse(request, decision);
    const { grant } = decision;
    if (!this.#options.permitted(grant.command)) {
      const reason = "the broker may not run that program";
      return this.#refuse(request, { allowed: false, reason, flag: undefined, hint: "" });
    }
    this.#record(request, decision);
    return grant;
  }

  /** Whether a command that was allowed still is; nothing is recorded. */
  stillGranted(request: ProcessRequest): boolean {
    return decide(this.#policy, request).allowed;
  }

  #refuse(request: ProcessRequest, decision: Decision): never {
    this.#record(request, decision);
    throw new OperationError("notcapable", decision.allowed ? undefined : missingGrant(request, decision));
  }

  #record(request: ProcessRequest, decision: Decision): void {
    const { sandbox, auditAll, audit, wallTime } = this.#options;
    if (decision.allowed && !auditAll) return;
    audit(auditEvent(sandbox, request, { decision, time: wallTime() }));
  }
}
