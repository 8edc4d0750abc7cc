import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { checkKeys, checkList, checkText } from "./capability.ts";
import { grantedPorts, type HostPattern, matchesHost, parseHostPattern } from "./host_pattern.ts";

/** A text that a guest uses without ever having it. */
export interface Secret {
  /** The guest writes `{{secret:NAME}}` in the value of a header. Letters, digits, `_`, `-` and `.`. */
  readonly name: string;
  /** The text itself. */
  readonly value: string;
  /** Where it may go, as a network grant names hosts; without a scheme over https alone. */
  readonly hosts: readonly string[];
}

/** The same with hosts that were read. */
export interface ResolvedSecret extends Pick<Secret, "name" | "value"> {
  readonly places: readonly HostPattern[];
}

const NAME = /^[A-Za-z0-9_.-]{1,128}$/;

/** What can stand in the value of a header. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]+$/;

function refuse(what: string, suggestion: string): AegisError {
  return new AegisError("InvalidOption", `Cannot use ${what}. ${suggestion}`, {
    field: "secrets",
    suggestion,
  });
}

/**
 * Checks secrets. No message quotes a value.
 *
 * @throws {AegisError} `InvalidOption`
 */
export function resolveSecrets(secrets: readonly Secret[]): ResolvedSecret[] {
  if (!Array.isArray(secrets)) throw refuse("that as secrets", "Give a list of { name, value, hosts }.");
  const names = new Set<string>();
  return secrets.map((secret) => {
    if (typeof secret !== "object" || secret === null) {
      throw refuse("that as a secret", "Give { name, value, hosts }.");
    }
    checkKeys(secret, { field: "secrets", allowed: ["name", "value", "hosts"] });
    const { name, value } = secret;
    if (!NAME.test(checkText(name, { field: "secrets.name" }))) {
      throw refuse(`secret ${quote(name)}`, "Names have letters, digits, _, - and . alone.");
    }
    if (names.has(name)) throw refuse(`secret ${quote(name)} twice`, "Give it once, with all of its hosts.");
    names.add(name);
    if (typeof value !== "string" || !VALUE.test(value)) {
      throw refuse(
        `the value of secret ${quote(name)}`,
        "It must fit into a header: one line of Latin-1 text.",
      );
    }
    const hosts = checkList(secret.hosts, { field: "secrets.hosts" });
    return Object.freeze({ name, value, places: hosts.map((host) => placeOf(String(host))) });
  });
}

function placeOf(host: string): HostPattern {
  const place = parseHostPattern(host);
  return host.includes("://") ? place : { ...place, schemes: ["https"] };
}

/** Whether a secret may go where a hop leads. @param hop its host normalised */
export function mayGo(
  { places }: ResolvedSecret,
  hop: { readonly scheme: string; readonly host: string; readonly port: number },
): boolean {
  return places.some((place) =>
    grantedPorts(place, hop.scheme).includes(hop.port) && matchesHost(place.host, hop.host)
  );
}
