import type { AuditEvent } from "../core/audit.ts";
import { cutText } from "../core/cut.ts";
import type { MissingGrant } from "../protocol/operations.ts";
import type { Decision, Denial, PolicyRequest } from "./request.ts";
import { urlOf } from "./host_pattern.ts";

/** Longest target that is recorded, in UTF-16 units: a guest can name a path as long as a frame. */
const LONGEST = 1024;

function actionOf(request: PolicyRequest): string {
  switch (request.kind) {
    case "filesystem":
      return request.action;
    case "network":
      return "connect";
    case "logging":
      return "log";
    case "alert":
      return "send";
    case "process":
      return "run";
    case "custom":
      return "use";
    default:
      return "read";
  }
}

function targetOf(request: PolicyRequest): string {
  switch (request.kind) {
    case "filesystem":
      return request.path;
    case "network":
      return urlOf(request.scheme, request.host, request.port);
    case "logging":
    case "alert":
      return request.level;
    case "sensor":
      return String(request.id);
    case "clock":
      return request.clock;
    case "random":
      return "bytes";
    default:
      return request.name;
  }
}

/**
 * The record of a decision. The target is the guest's own text, cut where it is long: who shows it quotes it.
 *
 * @param sandbox its id
 * @param answer the decision, and its time in milliseconds since 1970
 */
export function auditEvent(
  sandbox: string,
  request: PolicyRequest,
  answer: { readonly decision: Decision; readonly time: number },
): AuditEvent {
  const { decision, time } = answer, target = targetOf(request);
  const event = {
    time,
    sandbox,
    capability: request.kind,
    action: actionOf(request),
    target: cutText(target, LONGEST),
    allowed: decision.allowed,
  };
  if (decision.allowed) return event;
  const { reason, flag } = decision;
  return flag === undefined ? { ...event, reason } : { ...event, reason, flag };
}

/** What is told of a request that was denied, where that may end the guest. */
export function missingGrant(request: PolicyRequest, { reason, hint, flag }: Denial): MissingGrant {
  const ways = [hint, flag ?? ""].filter((way) => way !== "");
  return {
    capability: request.kind,
    action: actionOf(request),
    reason,
    hint: ways.length === 0 ? "" : `Grant it: ${ways.join(", ")}.`,
  };
}
