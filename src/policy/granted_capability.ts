import { Capability, type GrantOf } from "./capability.ts";
import type { CapabilityKind, Policy } from "./grants.ts";
import { grantsOf } from "./merge_grants.ts";

/** Grants of a policy as what they were given as: checked when the policy was made. */
class GrantedCapability<Kind extends CapabilityKind> extends Capability<Kind> {
  constructor(kind: Kind, grants: readonly GrantOf<Kind>[]) {
    super(kind, grants);
  }
}

/** What a policy grants of some kinds, one capability for each kind of which it has a grant. */
export function grantedCapabilities(policy: Policy, kinds: readonly CapabilityKind[]): Capability[] {
  const grants = grantsOf(policy);
  return kinds.flatMap((kind) => {
    const own = grants.filter((grant) => grant.kind === kind);
    return own.length === 0 ? [] : [new GrantedCapability<CapabilityKind>(kind, own)];
  });
}
