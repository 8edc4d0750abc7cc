/** Grants that may stay when they are narrowed: those that were there before. A broker relies on nobody for this. */
import type { NetworkGrant, ProcessGrant } from "../policy/grants.ts";
import { coversHost } from "../policy/host_pattern.ts";

function within<Item>(inner: readonly Item[], outer: readonly Item[]): boolean {
  return inner.every((item) => outer.includes(item));
}

/** An empty list stands for a default, or for all: only an empty one, or a shorter choice of all, is less. */
function coversNetwork(had: NetworkGrant, wanted: NetworkGrant): boolean {
  const ports = had.ports.length === 0
    ? wanted.ports.length === 0
    : wanted.ports.length > 0 && within(wanted.ports, had.ports);
  const methods = had.methods.length === 0 ||
    wanted.methods.length > 0 && within(wanted.methods, had.methods);
  return ports && methods && coversHost(had.host, wanted.host) && within(wanted.schemes, had.schemes) &&
    wanted.maxBody <= had.maxBody && wanted.connections <= had.connections;
}

function coversProcess(had: ProcessGrant, wanted: ProcessGrant): boolean {
  return had.name === wanted.name && had.command === wanted.command &&
    JSON.stringify(had.args) === JSON.stringify(wanted.args) && (had.moreArgs || !wanted.moreArgs);
}

/** The network grants of those wanted that say no more than one of those had. */
export function keptNetwork(had: readonly NetworkGrant[], wanted: readonly NetworkGrant[]): NetworkGrant[] {
  return wanted.filter((grant) => had.some((before) => coversNetwork(before, grant)));
}

/** The process grants of those wanted that say no more than one of those had. */
export function keptProcess(had: readonly ProcessGrant[], wanted: readonly ProcessGrant[]): ProcessGrant[] {
  return wanted.filter((grant) => had.some((before) => coversProcess(before, grant)));
}
