import { quote } from "../core/quote.ts";
import type { FilesystemGrant, Policy } from "./grants.ts";
import { joinGuestPath, resolveGuestPath, startsWithPath } from "./guest_path.ts";
import type { Decision, FileAction, FilesystemRequest } from "./request.ts";
import { suggestedFlag } from "./suggested_flag.ts";

/** What gives a right: a flag, and a builder. */
const REMEDIES = {
  read: { flag: "allow-read", builder: "readOnly" },
  write: { flag: "allow-write", builder: "readWrite" },
  create: { flag: "allow-write", builder: "readWrite" },
  delete: { flag: "allow-write", builder: "full" },
} as const satisfies Record<FileAction, { flag: string; builder: string }>;

function denial(
  action: FileAction,
  { path, reason, upwards }: { path: string; reason: string; upwards: boolean },
): Decision {
  const { flag, builder } = REMEDIES[action];
  return {
    allowed: false,
    reason,
    // No guest's library looks up what leads upwards, so that a flag for where it may lead would not help.
    flag: upwards ? undefined : suggestedFlag(flag, path),
    hint: `FilesystemCapability.${builder}([${quote(path)}])`,
  };
}

/** The grant with the longest guest path that a path lies in: the one in which a guest's library looks for it. */
function grantFor(policy: Policy, components: readonly string[]): FilesystemGrant | undefined {
  let best: FilesystemGrant | undefined, length = -1;
  for (const grant of policy.filesystem) {
    const mount = resolveGuestPath(grant.guestPath);
    if (mount === undefined || mount.length <= length || !startsWithPath(components, mount)) continue;
    best = grant;
    length = mount.length;
  }
  return best;
}

/**
 * Decides about a path by its text alone, for the host's answers. What keeps a guest inside its directories is the
 * files broker, which looks at what is there.
 */
export function decideFilesystem(policy: Policy, { action, path }: FilesystemRequest): Decision {
  if (!Object.hasOwn(REMEDIES, action)) {
    return { ...NO_ACTION, reason: `no right is called ${quote(action)}` };
  }
  const components = path === "" || path.includes("\0") ? undefined : resolveGuestPath(path);
  if (components === undefined) {
    return { ...NO_ACTION, reason: `no filesystem grant can cover ${quote(path)}` };
  }
  const grant = grantFor(policy, components), upwards = path.split("/").includes("..");
  if (grant?.[action]) return { allowed: true, grant };
  if (grant !== undefined) {
    return denial(action, {
      path: grant.guestPath,
      reason: `${quote(grant.guestPath)} was granted without ${action}`,
      upwards,
    });
  }
  const rooted = path.startsWith("/"), resolved = joinGuestPath(components, rooted);
  // What is not there yet cannot be granted, the directory can; but nobody is told to grant the root.
  const itself = action === "read" || components.length < 2;
  const granted = itself ? resolved : joinGuestPath(components.slice(0, -1), rooted);
  return denial(action, { path: granted, reason: `no filesystem grant covers ${quote(resolved)}`, upwards });
}

const NO_ACTION = {
  allowed: false,
  flag: undefined,
  hint: 'FilesystemCapability.readOnly(["/data"]), and a path below "/data"',
} as const;
