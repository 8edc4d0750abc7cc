/** A module that a person has chosen. */
import type { ModuleFacts } from "./module_facts.ts";

export interface PickedModule {
  /** As the file is called, or as the server has it. */
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly facts: ModuleFacts;
  /** SHA-256 of the bytes; undefined where the browser counts none, until the server has said it. */
  readonly hash: string | undefined;
  /** Whether the server keeps it. */
  readonly kept: boolean;
}

/**
 * SHA-256 as hexadecimal digits; undefined where the browser has no such function, which it keeps to pages that come over
 * TLS or from the same machine.
 */
export async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  const { subtle } = crypto as Partial<Crypto>; // where it is not, whatever the types say
  if (subtle === undefined) return undefined;
  return new Uint8Array(await subtle.digest("SHA-256", bytes)).toHex();
}
