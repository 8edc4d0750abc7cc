/** Addresses as numbers: reading them strictly, and telling what they lead to. */
import { ADDRESS_RANGES, type AddressClass } from "./address_ranges.ts";

/**
 * The ranges that no guest reaches unless a grant names an address in them, as CIDRs. `addressClass` refuses more: what
 * lies in no range and outside of allocated IPv6, and what stands for an IPv4 address in a range. `deniedNet` makes of
 * them what Deno's `--deny-net` takes.
 */
export const DENIED_RANGES: readonly string[] = ADDRESS_RANGES.map(({ range }) => range);

/** An address, by its width in bits. */
export interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** Addresses that share their first `length` bits. */
export interface AddressBlock extends Address {
  readonly length: number;
}

const LOW_32 = 0xffff_ffffn;

function parseIpv4(text: string): bigint | undefined {
  const octets = text.split(".");
  if (octets.length !== 4) return undefined;
  let value = 0n;
  for (const octet of octets) {
    // No zero in front: some read it as octal, some do not.
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(octet) || Number(octet) > 255) return undefined;
    value = value << 8n | BigInt(octet);
  }
  return value;
}

/** The groups of one side of `::`, a dotted IPv4 address at the end as two; undefined where they are none. */
function parseGroups(text: string, mayEndInIpv4: boolean): bigint[] | undefined {
  if (text === "") return [];
  const groups: bigint[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (part.includes(".")) {
      const ipv4 = mayEndInIpv4 && index === parts.length - 1 ? parseIpv4(part) : undefined;
      if (ipv4 === undefined) return undefined;
      groups.push(ipv4 >> 16n, ipv4 & 0xffffn);
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(part)) return undefined;
      groups.push(BigInt(`0x${part}`));
    }
  }
  return groups;
}

function parseIpv6(text: string): bigint | undefined {
  const sides = text.split("::");
  const head = sides[0], tail = sides[1];
  if (head === undefined || sides.length > 2) return undefined;
  const first = parseGroups(head, tail === undefined), last = parseGroups(tail ?? "", true);
  if (first === undefined || last === undefined) return undefined;
  const missing = 8 - first.length - last.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...first, ...new Array<bigint>(missing).fill(0n), ...last];
  return groups.reduce((value, group) => value << 16n | group, 0n);
}

/**
 * Reads an address as systems print it: four decimal octets, or groups of hexadecimal digits, with a zone behind `%`
 * or without, not in brackets. Short, octal and hexadecimal forms of IPv4 are none here; `normaliseHost` reads them.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > 128) return undefined;
  const ipv4 = parseIpv4(text);
  if (ipv4 !== undefined) return { bits: 32, value: ipv4 };
  const [address = "", zone, ...more] = text.split("%");
  if (zone === "" || more.length > 0) return undefined;
  const ipv6 = address.includes(":") ? parseIpv6(address) : undefined;
  return ipv6 === undefined ? undefined : { bits: 128, value: ipv6 };
}

/** Reads a CIDR: `10.0.0.0/8`. Bits behind the prefix are dropped. */
export function parseBlock(text: string): AddressBlock | undefined {
  const [base = "", digits = "", ...more] = text.split("/");
  const address = parseAddress(base), length = /^[0-9]{1,3}$/.test(digits) ? Number(digits) : NaN;
  if (address === undefined || more.length > 0 || !(length <= address.bits)) return undefined;
  const rest = BigInt(address.bits - length);
  return { bits: address.bits, length, value: address.value >> rest << rest };
}

/** The IPv4 address that an IPv4-mapped IPv6 address is, in four decimal octets; undefined for any other. */
export function mappedIpv4(address: Address): string | undefined {
  if (address.bits !== 128 || address.value >> 32n !== 0xffffn) return undefined;
  return formatIpv4(address.value & LOW_32);
}

/** Four decimal octets. */
export function formatIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => value >> shift & 0xffn).join(".");
}

/** Whether a block holds an address. */
export function holdsAddress(block: AddressBlock, address: Address): boolean {
  const rest = BigInt(block.bits - block.length);
  return block.bits === address.bits && block.value >> rest === address.value >> rest;
}

const RANGES = ADDRESS_RANGES.flatMap((row) => {
  const block = parseBlock(row.range);
  return block === undefined ? [] : [{ block, class: row.class }];
});

/** Prefixes behind which an IPv4 address stands, and where. `reaches`: whether traffic gets to that IPv4 address today. */
const EMBEDDINGS = [
  { shift: 32n, prefix: 0xffffn, at: 0n, flipped: false, reaches: true }, // ::ffff:0:0/96, mapped
  { shift: 32n, prefix: 0x64_ff9bn << 64n, at: 0n, flipped: false, reaches: true }, // 64:ff9b::/96, NAT64
  { shift: 32n, prefix: 0xffff_0000n, at: 0n, flipped: false, reaches: false }, // ::ffff:0:0:0/96, translated
  { shift: 32n, prefix: 0n, at: 0n, flipped: false, reaches: false }, // ::/96, compatible
  { shift: 112n, prefix: 0x2002n, at: 80n, flipped: false, reaches: false }, // 2002::/16, 6to4
  { shift: 96n, prefix: 0x2001_0000n, at: 0n, flipped: true, reaches: false }, // 2001::/32, Teredo
] as const;

function rowClass(address: Address): AddressClass | undefined {
  return RANGES.find(({ block }) => holdsAddress(block, address))?.class;
}

function ipv4Class(value: bigint): AddressClass {
  return rowClass({ bits: 32, value }) ?? "public";
}

function ipv6Class(value: bigint): AddressClass {
  // `::` and `::1` lie in the compatible range and are no IPv4 addresses.
  if (value > 1n) {
    for (const { shift, prefix, at, flipped, reaches } of EMBEDDINGS) {
      if (value >> shift !== prefix) continue;
      const embedded = ipv4Class((value >> at & LOW_32) ^ (flipped ? LOW_32 : 0n));
      return embedded !== "public" || reaches ? embedded : "reserved";
    }
  }
  return rowClass({ bits: 128, value }) ?? (value >> 125n === 1n ? "public" : "reserved");
}

/**
 * What an address leads to. An IPv6 address that stands for an IPv4 address is judged by that one.
 *
 * @param text as for {@linkcode parseAddress}; what is no address is `reserved`, so that who asks for `public` is
 * refused
 */
export function addressClass(text: string): AddressClass {
  const address = parseAddress(text);
  if (address === undefined) return "reserved";
  return address.bits === 32 ? ipv4Class(address.value) : ipv6Class(address.value);
}
