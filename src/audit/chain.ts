import type { Digest } from "./digest.ts";
import { type AuditHead, emptyHead } from "./head.ts";
import { type AuditEntry, recordBody, recordLine } from "./record.ts";

/** Gives each entry its place: its number, the hash of the record before, and its own. */
export class AuditChain {
  readonly #digest: Digest;
  #head: AuditHead;

  /** @param head where it goes on @default at the beginning */
  constructor(digest: Digest, head: AuditHead = emptyHead(digest.name)) {
    this.#digest = digest;
    this.#head = head;
  }

  /** Where it ends by now. */
  get head(): AuditHead {
    return this.#head;
  }

  /** Older records than that were dropped. */
  dropBefore(first: number): void {
    this.#head = { ...this.#head, first };
  }

  /** @returns the line of the next record, without its end */
  next({ time, ...entry }: AuditEntry): string {
    const { count, hash: prev } = this.#head, seq = count + 1;
    const body = recordBody({ ...entry, seq, time: new Date(time).toISOString(), prev });
    const hash = this.#digest.of(body);
    this.#head = { ...this.#head, count: seq, hash };
    return recordLine(body, hash);
  }
}
