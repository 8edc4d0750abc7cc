/**
 * The chain of a server's audit entries: each has the hash of the one before and its own, and one row says where they begin
 * and end. It finds what was altered by somebody who did not make all of it anew; see docs/audit.md.
 */
import type { Row } from "./database.ts";
import { numberOf, optionalText, textOf } from "./row.ts";
import type { Digest } from "../../audit/digest.ts";
import { asciiJson, GENESIS } from "../../audit/record.ts";
import type { AuditVerification, Expectation } from "../../audit/verify.ts";
import { AegisError } from "../../core/errors.ts";

/** Where a chain begins and ends: ids of entries, and the hash of the last. */
export interface ChainHead {
  /** The oldest entry with a hash that is kept. */
  readonly first: number;
  readonly last: number;
  readonly hash: string;
}

/** What is hashed of an entry. */
export interface ChainedEntry {
  readonly id: number;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string | null;
  readonly detail: string | null;
  readonly prev: string;
}

/** The text that is hashed, its fields in this order. */
export function auditBody({ id, at, actor, action, target, detail, prev }: ChainedEntry): string {
  return asciiJson({ id, at, actor, action, target, detail, prev });
}

/** @throws {AegisError} `InvalidOption` for a database without one */
export function headOf(row: Row | undefined): ChainHead {
  if (row === undefined) {
    throw new AegisError("InvalidOption", "Cannot read the head of the audit entries: there is none", {
      field: "data",
    });
  }
  return { first: numberOf(row, "first"), last: numberOf(row, "last"), hash: textOf(row, "hash") };
}

/** Entries that are read at a time. */
const PART = 1000;

/** What messages name in the place of a file. */
const TABLE = "audit";

/**
 * Whether entries are as they were written. Those of before there were hashes are passed over.
 *
 * @param read entries after an id, in order
 */
export function verifyEntries(
  read: (after: number, most: number) => readonly Row[],
  { head, digest, expected }: {
    readonly head: ChainHead;
    readonly digest: Digest;
    readonly expected: readonly Expectation[];
  },
): AuditVerification {
  const wishes = new Set(expected), first = head.first;
  let last = first - 1, hash: string | undefined, records = 0, older = 0;
  const found = (reason?: string, line = 0): AuditVerification => ({
    intact: reason === undefined,
    records,
    first: records === 0 ? 0 : first,
    last: records === 0 ? 0 : last,
    hash: hash ?? GENESIS,
    closed: true,
    notes: older === 0 ? [] : [`${older} entries are of before there were hashes, and were not verified`],
    ...(reason === undefined ? {} : { flaw: { file: TABLE, line, reason } }),
  });
  for (let after = 0, rows = read(after, PART); rows.length > 0; rows = read(after, PART)) {
    for (const row of rows) {
      const id = after = numberOf(row, "id");
      if (id < first && optionalText(row, "hash") === undefined) {
        older++;
        continue;
      }
      const reason = id === last + 1
        ? flawOf(row, { hash, digest })
        : `${id - last - 1} entries are missing before it`;
      if (reason !== undefined) return found(reason, id);
      last = id;
      hash = textOf(row, "hash");
      records++;
      for (const wish of wishes) {
        if ("hash" in wish ? wish.hash === hash : wish.count <= id) wishes.delete(wish);
      }
    }
  }
  if (last !== head.last) return found(`the entries end with ${last}, and the head names ${head.last}`, last);
  if ((hash ?? head.hash) !== head.hash) return found("the head names another entry than there is", last);
  for (const wish of wishes) {
    return found(
      "hash" in wish
        ? "no entry has the expected hash"
        : `the entries end with ${last}, and ${wish.count} were expected`,
      last,
    );
  }
  return found();
}

/** @param before `hash`: that of the entry before, if it is known */
function flawOf(
  row: Row,
  before: { readonly hash: string | undefined; readonly digest: Digest },
): string | undefined {
  const prev = optionalText(row, "prev"), hash = optionalText(row, "hash");
  if (prev === undefined || hash === undefined) return "the entry has no hash";
  const body = auditBody({
    id: numberOf(row, "id"),
    at: numberOf(row, "at"),
    actor: textOf(row, "actor"),
    action: textOf(row, "action"),
    target: optionalText(row, "target") ?? null,
    detail: optionalText(row, "detail") ?? null,
    prev,
  });
  if (before.digest.of(body) !== hash) return "the entry was altered: its hash is another one";
  return before.hash === undefined || before.hash === prev
    ? undefined
    : "the entry before it is another one than it was";
}
