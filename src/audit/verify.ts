/**
 * Whether an audit log is as it was written: every line in turn, and then where it ends. It believes nothing that a file
 * says; what it can prove and what not stands in docs/audit.md.
 */
import type { Digest } from "./digest.ts";
import type { AuditHead } from "./head.ts";
import { mayFollow } from "./kinds.ts";
import { type AuditRecord, GENESIS, LONGEST_LINE, readRecord } from "./record.ts";

/** Where a log is not as it was written, and why. */
export interface AuditFlaw {
  /** The file. */
  readonly file: string;
  /** Its line, from 1; 0 for what concerns the file as a whole. */
  readonly line: number;
  /** In a few words. */
  readonly reason: string;
}

/** What was found out about a log. */
export interface AuditVerification {
  /** Whether it is as it was written. */
  readonly intact: boolean;
  /** Records that were read, up to the flaw if there is one. */
  readonly records: number;
  /** Number of the first one; 0 where there is none. */
  readonly first: number;
  /** Number of the last one. */
  readonly last: number;
  /** Its hash: noted elsewhere, it proves later that the log still holds all that it holds now. */
  readonly hash: string;
  /** Whether the last one says that the process has ended its work. */
  readonly closed: boolean;
  /** What is no flaw and worth knowing: a line that was torn when a process was killed. */
  readonly notes: readonly string[];
  /** The first flaw. */
  readonly flaw?: AuditFlaw;
}

/** What a log must hold: a record of that number, or with that hash. */
export type Expectation = { readonly count: number } | { readonly hash: string };

/** The head before the lines were read, and after that: a process may be writing. */
export interface HeadsSeen {
  readonly before: AuditHead;
  readonly after: AuditHead;
}

interface Torn {
  readonly place: AuditFlaw;
  readonly bytes: number;
  readonly digest: string;
}

export class AuditVerifier {
  readonly #digest: Digest;
  readonly #expected: Set<Expectation>;
  readonly #before: AuditHead | undefined;
  readonly #notes: string[] = [];
  #flaw: AuditFlaw | undefined;
  #torn: Torn | undefined;
  #records = 0;
  #first = 0;
  #last: AuditRecord | undefined;
  /** Whether the record was read that the head named before. */
  #sawHead: boolean;

  constructor(
    digest: Digest,
    { before, expected = [] }: {
      readonly before?: AuditHead | undefined;
      readonly expected?: readonly Expectation[];
    } = {},
  ) {
    this.#digest = digest;
    this.#before = before;
    this.#sawHead = before?.count === 0;
    this.#expected = new Set(expected);
  }

  /** Whether there is anything more to be found out. */
  get failed(): boolean {
    return this.#flaw !== undefined;
  }

  /** Takes the next line. @param place `line` is its number @returns the record, if it is one */
  line(bytes: Uint8Array, place: Omit<AuditFlaw, "reason">): AuditRecord | undefined {
    if (this.failed) return undefined;
    const read = bytes.length > LONGEST_LINE
      ? `it has ${bytes.length} bytes of at most ${LONGEST_LINE}`
      : readRecord(ASCII.decode(bytes));
    const torn = this.#torn;
    this.#torn = undefined;
    if (typeof read === "string") {
      if (torn !== undefined) return this.#fail(torn.place);
      // It may be what a process was writing when it was killed; then the next line says so.
      this.#torn = {
        place: { ...place, reason: `the line was altered: ${read}` },
        bytes: bytes.length,
        digest: this.#digest.of(bytes),
      };
      return undefined;
    }
    const { record, body } = read, flaw = this.#flawOf(record, body);
    if (torn !== undefined && (flaw !== undefined || !names(record, torn))) return this.#fail(torn.place);
    if (flaw !== undefined) return this.#fail({ ...place, reason: flaw });
    if (torn === undefined && record.kind === "log_recovered") {
      return this.#fail({ ...place, reason: "the torn line that it names is missing before it" });
    }
    if (torn !== undefined) {
      this.#notes.push(`${where(torn.place)}: the process that wrote it was interrupted`);
    }
    this.#take(record);
    return record;
  }

  /** A file that is written to no more ends within a line. */
  cut(place: Omit<AuditFlaw, "reason">): void {
    if (!this.failed) this.#fail({ ...place, reason: "the file ends within a line" });
  }

  #flawOf(record: AuditRecord, body: string): string | undefined {
    const { seq, prev, hash } = record, last = this.#last;
    if (this.#digest.of(body) !== hash) return "the record was altered: its hash is another one";
    if (last === undefined) {
      return seq === 1 && prev !== GENESIS ? "the first record names one before it" : undefined;
    }
    const between = seq - last.seq - 1;
    if (between > 0) return `${between === 1 ? "1 record is" : `${between} records are`} missing before it`;
    if (between < 0) return `record ${seq} stands behind record ${last.seq}`;
    if (prev !== last.hash) return "the record before it is another one than it was";
    return mayFollow(last.kind, record.kind)
      ? undefined
      : "it stands behind the end of a log that was closed";
  }

  #take(record: AuditRecord): void {
    const { seq, hash } = record;
    if (this.#records === 0) this.#first = seq;
    this.#records++;
    this.#last = record;
    if (this.#before?.count === seq && this.#before.hash === hash) this.#sawHead = true;
    for (const wish of this.#expected) {
      if ("hash" in wish ? wish.hash === hash : wish.count <= seq) this.#expected.delete(wish);
    }
  }

  #fail(flaw: AuditFlaw): undefined {
    this.#flaw = flaw;
    return undefined;
  }

  /**
   * Says what came out, once all lines were read.
   *
   * @param file the last one
   * @param rest bytes behind its last line end
   * @param heads undefined where there is none: then something must have been expected
   */
  end(
    { file, lines, rest }: { readonly file: string; readonly lines: number; readonly rest: number },
    heads: HeadsSeen | undefined,
  ): AuditVerification {
    if (this.#torn !== undefined) this.#flaw ??= this.#torn.place;
    if (this.#flaw === undefined) {
      const reason = this.#missing(heads);
      if (reason !== undefined) this.#flaw = { file, line: lines + (rest > 0 ? 1 : 0), reason };
      else if (rest > 0) {
        this.#notes.push(
          `${where({ file, line: lines + 1 })}: the last line is torn, its process was interrupted`,
        );
      }
    }
    const last = this.#last, flaw = this.#flaw;
    return {
      intact: flaw === undefined,
      records: this.#records,
      first: this.#first,
      last: last?.seq ?? 0,
      hash: last?.hash ?? GENESIS,
      closed: last?.kind === "log_closed",
      notes: this.#notes,
      ...(flaw === undefined ? {} : { flaw }),
    };
  }

  /** Why what was read is not all, if it is not. */
  #missing(heads: HeadsSeen | undefined): string | undefined {
    const last = this.#last?.seq ?? 0;
    for (const wish of this.#expected) {
      return "hash" in wish
        ? `no record has the expected hash ${wish.hash.slice(0, 12)}…`
        : `the log ends with record ${last}, and ${wish.count} were expected`;
    }
    if (heads === undefined) return undefined;
    const { before, after } = heads, writing = after.count > before.count;
    if (this.#records > 0 && this.#first > after.first) {
      return `the log begins with record ${this.#first}, and the head names ${after.first}`;
    }
    if (before.count > last) return `the log ends with record ${last}, and the head names ${before.count}`;
    if (!this.#sawHead && before.count >= this.#first) return "the head names another record than there is";
    // A record is written before the head: a process that was killed between the two leaves one more.
    const behind = last - after.count;
    if (behind > 1) {
      return `${behind} records stand behind the one that the head names`;
    }
    if (behind === 1) this.#notes.push("the last record is behind the head: its process was interrupted");
    if (writing) this.#notes.push("a process is writing to it");
    return undefined;
  }
}

const ASCII = new TextDecoder("latin1");

/** Whether a record is the one that tells of a line that was torn. */
function names({ kind, detail }: AuditRecord, { bytes, digest }: Torn): boolean {
  return kind === "log_recovered" && detail["bytes"] === bytes && detail["digest"] === digest;
}

function where({ file, line }: Pick<AuditFlaw, "file" | "line">): string {
  return `${file}:${line}`;
}
