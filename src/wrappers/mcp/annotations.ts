/**
 * What clients are told of a tool's effects. Clients ask a person less, or not at all, before they call a tool that says
 * that it only reads: so that is no matter of what a module claims. It follows from the grants, which hold.
 */
import type { Policy } from "../../policy/grants.ts";
import type { ToolClaims } from "./section.ts";

/** Hints about a tool, as the specification has them. */
export interface ToolAnnotations {
  readonly title?: string;
  readonly readOnlyHint: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint: boolean;
}

/** Whether a guest under this policy can change anything that outlives it. */
function changesNothing(policy: Policy): boolean {
  const { filesystem, network, alert, process, custom } = policy;
  return filesystem.every((grant) => !grant.write && !grant.create && !grant.delete) &&
    network.length === 0 && alert === undefined && process.length === 0 && custom.length === 0;
}

/**
 * The hints of a tool. `readOnlyHint` is whether its grants let it change nothing. Of a tool that could change something,
 * the module may claim that it does no harm, and is not believed.
 *
 * @param keeps whether what the guest computed is there at the next call
 */
export function annotationsOf(
  policy: Policy,
  { title, idempotentHint }: ToolClaims,
  keeps: boolean,
): ToolAnnotations {
  const readOnlyHint = changesNothing(policy) && !keeps;
  return {
    ...(title === undefined ? {} : { title }),
    readOnlyHint,
    ...(readOnlyHint ? {} : { destructiveHint: true }),
    ...(idempotentHint === undefined ? {} : { idempotentHint }),
    openWorldHint: policy.network.length > 0 || policy.process.length > 0,
  };
}
