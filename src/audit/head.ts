/**
 * What stands beside a log and says where it ends: without it, nobody would miss the last records. It always has the same
 * length and is written over itself, in one go.
 */
import { type Digest, type DigestName, DIGESTS } from "./digest.ts";
import { GENESIS } from "./record.ts";

/** Bytes of a head. */
export const HEAD_SIZE = 320;

/** Where a log begins and ends. */
export interface AuditHead {
  /** How it is chained. */
  readonly digest: DigestName;
  /** Number of the oldest record that is kept; 1 unless older files were dropped. */
  readonly first: number;
  /** Number of the last record; 0 before the first. */
  readonly count: number;
  /** Its hash. */
  readonly hash: string;
}

/** The head of a log without records. */
export function emptyHead(digest: DigestName): AuditHead {
  return { digest, first: 1, count: 0, hash: GENESIS };
}

function bodyOf({ digest, first, count, hash }: AuditHead): string {
  return JSON.stringify({ version: 1, digest, first, count, hash });
}

/** The text of a head. Its check is of the chain's digest: nobody without the key can write one. */
export function headText(head: AuditHead, digest: Digest): string {
  const body = bodyOf(head), check = digest.of(`head ${body}`);
  return `${`${body.slice(0, -1)},"check":"${check}"}`.padEnd(HEAD_SIZE - 1)}\n`;
}

/** How a head says that its log is chained: known before its check can be. */
export function headDigest(text: string): DigestName | undefined {
  return DIGESTS.find((name) => text.startsWith(`{"version":1,"digest":"${name}",`));
}

/** Reads a head. @returns undefined for a text that is none */
export function readHead(text: string, digest: Digest): AuditHead | undefined {
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(text) as Record<string, unknown>; // whatever it is: its text is made anew below
  } catch {
    return undefined;
  }
  const first = Number(value["first"]), count = Number(value["count"]), hash = String(value["hash"]);
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(count)) return undefined;
  const head = { digest: digest.name, first, count, hash };
  return headText(head, digest) === text ? head : undefined;
}
