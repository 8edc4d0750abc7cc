/**
 * Secrets that a guest uses without having them: where it writes `{{secret:NAME}}` in the value of a header, the broker
 * puts the secret, for the hosts that may get it and no other. Never in a URL or a body. What a host sends back is not
 * searched: a host that repeats what it gets hands the secret to the guest.
 */
import { type Header, isHeaderValue } from "./net_headers.ts";
import type { NetworkRequest } from "../policy/request.ts";
import { mayGo, type ResolvedSecret } from "../policy/secret.ts";

const PLACE = /\{\{secret:([^{}]{1,128})\}\}/g;

/** Why a header cannot be sent. `name` is as the guest wrote it. */
export interface SecretRefusal {
  readonly name: string;
  readonly reason: string;
}

/** Names of the secrets that a value asks for. */
function namesIn(value: string): string[] {
  return [...value.matchAll(PLACE)].map(([, name = ""]) => name);
}

/** Headers without those that ask for a secret: they do not follow a redirect to elsewhere. */
export function withoutSecrets(headers: readonly Header[]): Header[] {
  return headers.filter(([, value]) => namesIn(value).length === 0);
}

/** Names of all secrets that headers ask for, each once. */
export function secretsAskedFor(headers: readonly Header[]): string[] {
  return [...new Set(headers.flatMap(([, value]) => namesIn(value)))];
}

/** Puts secrets in their places, those that may go where a hop leads. */
export function substituteSecrets(
  headers: readonly Header[],
  options: { readonly secrets: readonly ResolvedSecret[]; readonly hop: NetworkRequest },
): Header[] | SecretRefusal {
  const values = new Map<string, string>();
  for (const name of secretsAskedFor(headers)) {
    const secret = options.secrets.find((entry) => entry.name === name);
    if (secret === undefined) return { name, reason: "no secret has that name" };
    if (!mayGo(secret, options.hop)) return { name, reason: "the secret is not for that host" };
    if (!isHeaderValue(secret.value)) return { name, reason: "the secret does not fit into a header" };
    values.set(name, secret.value);
  }
  // In one pass: a secret that holds the name of another stays as it is.
  return headers.map(([header, value]) => [
    header,
    value.replace(PLACE, (_place, name: string) => values.get(name) ?? ""),
  ]);
}
