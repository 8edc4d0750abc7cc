/**
 * THE table of addresses that are not simply a host on the internet. The first row that holds an address gives its
 * class, so single addresses stand before their networks. Sources: the IANA registries of special-purpose addresses
 * for IPv4 and IPv6, and the clouds' documentation for their services.
 */

/** What an address leads to. Only `public` is safe to connect to because a name resolved to it. */
export type AddressClass =
  | "public"
  | "loopback"
  | "private"
  | "linkLocal"
  | "metadata"
  | "unspecified"
  | "multicast"
  | "reserved";

/** A row of {@linkcode ADDRESS_RANGES}. */
export interface AddressRange {
  /** Address and length of the prefix in bits. */
  readonly range: string;
  readonly class: Exclude<AddressClass, "public">;
  readonly doc: string;
}

/** IPv6 that no row names is public only within 2000::/3, all that is allocated to hosts. */
export const ADDRESS_RANGES: readonly AddressRange[] = [
  { range: "169.254.169.254/32", class: "metadata", doc: "credentials of a cloud's machine" },
  { range: "169.254.170.2/32", class: "metadata", doc: "credentials of a container" },
  { range: "169.254.170.23/32", class: "metadata", doc: "credentials of a pod" },
  {
    range: "100.100.100.200/32",
    class: "metadata",
    doc: "credentials of a cloud's machine, in shared space",
  },
  { range: "168.63.129.16/32", class: "metadata", doc: "a cloud's control plane, in public space" },
  { range: "192.0.0.192/32", class: "metadata", doc: "credentials of a cloud's machine, in reserved space" },
  { range: "0.0.0.0/32", class: "unspecified", doc: "reaches this machine on most systems" },
  { range: "0.0.0.0/8", class: "reserved", doc: "this network" },
  { range: "10.0.0.0/8", class: "private", doc: "private use" },
  { range: "100.64.0.0/10", class: "private", doc: "shared behind a carrier's translator" },
  { range: "127.0.0.0/8", class: "loopback", doc: "this machine" },
  { range: "169.254.0.0/16", class: "linkLocal", doc: "this link" },
  { range: "172.16.0.0/12", class: "private", doc: "private use" },
  { range: "192.0.0.0/24", class: "reserved", doc: "protocol assignments" },
  { range: "192.0.2.0/24", class: "reserved", doc: "documentation" },
  { range: "192.88.99.0/24", class: "reserved", doc: "relays of 6to4, given up" },
  { range: "192.168.0.0/16", class: "private", doc: "private use" },
  { range: "198.18.0.0/15", class: "reserved", doc: "benchmarks" },
  { range: "198.51.100.0/24", class: "reserved", doc: "documentation" },
  { range: "203.0.113.0/24", class: "reserved", doc: "documentation" },
  { range: "224.0.0.0/4", class: "multicast", doc: "multicast" },
  { range: "240.0.0.0/4", class: "reserved", doc: "future use, and broadcast" },

  { range: "fd00:ec2::254/128", class: "metadata", doc: "credentials of a cloud's machine" },
  { range: "fd00:ec2::23/128", class: "metadata", doc: "credentials of a pod" },
  { range: "fd20:ce::254/128", class: "metadata", doc: "credentials of a cloud's machine" },
  { range: "::/128", class: "unspecified", doc: "reaches this machine on most systems" },
  { range: "::1/128", class: "loopback", doc: "this machine" },
  { range: "64:ff9b:1::/48", class: "private", doc: "translation to IPv4 of local use" },
  { range: "100::/64", class: "reserved", doc: "discarded" },
  { range: "2001::/23", class: "reserved", doc: "protocol assignments, Teredo among them" },
  { range: "2001:db8::/32", class: "reserved", doc: "documentation" },
  { range: "2002::/16", class: "reserved", doc: "6to4, given up" },
  { range: "3fff::/20", class: "reserved", doc: "documentation" },
  { range: "5f00::/16", class: "reserved", doc: "segment routing" },
  { range: "fc00::/7", class: "private", doc: "unique local" },
  { range: "fe80::/10", class: "linkLocal", doc: "this link" },
  { range: "fec0::/10", class: "private", doc: "site local, given up" },
  { range: "ff00::/8", class: "multicast", doc: "multicast" },
];
