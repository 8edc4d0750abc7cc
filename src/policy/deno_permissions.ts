/**
 * The Deno permissions that a policy needs: the second wall behind the brokers' own checks. Nothing here asks for more
 * than a grant says.
 */
import {
  type AddressBlock,
  DENIED_RANGES,
  formatIpv4,
  holdsAddress,
  parseAddress,
  parseBlock,
} from "./addresses.ts";
import type { FilesystemGrant, Policy } from "./grants.ts";
import { hostInUrl, isLoopbackName } from "./host_name.ts";
import { grantedPorts } from "./host_pattern.ts";
import { checkHostPath } from "./host_path.ts";

/** What of a mount matters here. `file` or `only` name single files in `hostPath`, which itself is not granted then. */
export type MountRights =
  & Pick<FilesystemGrant, "hostPath" | "read" | "write" | "create" | "delete">
  & { readonly file?: string | undefined; readonly only?: readonly string[] | undefined };

function pathsOf({ hostPath, file, only }: MountRights): string[] {
  const names = file === undefined ? only : [file];
  const paths = names === undefined
    ? [hostPath]
    : names.map((name) => `${hostPath.replace(/\/$/, "")}/${name}`);
  return paths.map(checkHostPath);
}

/**
 * The paths that a files broker reads and writes. A mount that can be written and not read is read all the same: the
 * broker looks at each component of a path, which keeps the guest inside, and takes the permission to read. A mount
 * without any right needs nothing.
 *
 * @param mounts host paths resolved
 * @throws {AegisError} `InvalidOption` for a path that no permission can express: behind a link there may be a comma
 */
export function filesPermissions(mounts: readonly MountRights[]): { read: string[]; write: string[] } {
  const writable = mounts.filter((mount) => mount.write || mount.create || mount.delete);
  const used = mounts.filter((mount) => mount.read || writable.includes(mount));
  return {
    read: [...new Set(used.flatMap(pathsOf))],
    write: [...new Set(writable.flatMap(pathsOf))],
  };
}

/**
 * The hosts that a network broker connects to: `host:port` each, or `true` where all public hosts are granted, which
 * no list can say. Then `deniedNet` is all that Deno holds back.
 */
export function netPermissions(policy: Policy): true | string[] {
  if (policy.network.some(({ host }) => host === "*")) return true;
  return [
    ...new Set(
      policy.network.flatMap((grant) =>
        grant.schemes.flatMap((scheme) =>
          grantedPorts(grant, scheme).map((port) => `${hostInUrl(grant.host)}:${port}`)
        )
      ),
    ),
  ];
}

/** The programs that a process broker runs. */
export function processPermissions(policy: Policy): string[] {
  return [...new Set(policy.process.map(({ command }) => command))];
}

function formatBlock({ value, length }: AddressBlock): string {
  return `${formatIpv4(value)}/${length}`;
}

/** Halves a block until what holds a named address is left out. */
function withoutAddresses(block: AddressBlock, named: readonly AddressBlock[]): AddressBlock[] {
  if (named.some((address) => address.length <= block.length && holdsAddress(address, block))) return [];
  if (!named.some((address) => holdsAddress(block, address))) return [block];
  const length = block.length + 1, half = 1n << BigInt(block.bits - length);
  return [
    ...withoutAddresses({ ...block, length }, named),
    ...withoutAddresses({ ...block, length, value: block.value + half }, named),
  ];
}

/** Blocks that hosts name: addresses, and all of this machine's where one names it. */
function namedBlocks(hosts: readonly string[]): AddressBlock[] {
  return hosts.flatMap((host) => {
    if (isLoopbackName(host)) return [parseBlock("127.0.0.0/8"), parseBlock("::1/128")];
    const address = parseAddress(host);
    return address === undefined ? [] : [{ ...address, length: address.bits }];
  }).filter((block) => block !== undefined);
}

/**
 * What Deno's `--deny-net` is to hold: the ranges of addresses that are not public, less what grants name. Deno checks
 * them against the address that a name resolved to, and takes an IPv4-mapped address for the IPv4 one. It reads no
 * ranges of IPv6, single addresses alone: the rest of IPv6 is held by `decideAddress` and nothing else.
 *
 * @param own addresses that the process itself uses
 */
export function deniedNet(policy: Policy, own: readonly string[] = []): string[] {
  const named = namedBlocks([...policy.network.map(({ host }) => host), ...own]);
  return DENIED_RANGES.flatMap((range) => {
    const block = parseBlock(range);
    if (block === undefined) return [];
    if (block.bits === 32) return withoutAddresses(block, named).map(formatBlock);
    const granted = named.some((address) => holdsAddress(address, block));
    return block.length === 128 && !granted ? [`[${range.slice(0, -"/128".length)}]`] : [];
  });
}
