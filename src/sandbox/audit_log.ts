import { AuditFiles } from "./audit_files.ts";
import { auditFiles } from "./audit_paths.ts";
import { readAuditKey } from "./audit_key.ts";
import type { EventSubscriber } from "./event_subscriber.ts";
import { SYSTEM_TIMERS, type Timers } from "./timers.ts";
import { entryOfEvent, RECORDED_EVENTS } from "../audit/entry_of_event.ts";
import { AuditFold, FOLD_WINDOW } from "../audit/fold.ts";
import { AUDIT_KINDS, isAuditKind, isSeverity, SEVERITIES, type Severity } from "../audit/kinds.ts";
import type { LogWriter } from "../audit/log_writer.ts";
import { type AuditDetail, type AuditEntry, LONGEST_TEXT, MOST_DETAILS } from "../audit/record.ts";
import { type HiddenText, Redactor } from "../audit/redactor.ts";
import { type Threat, ThreatScanner } from "../audit/threat_scanner.ts";
import type { ThreatRule } from "../audit/threat_rules.ts";
import { AegisError } from "../core/errors.ts";
import type { AegisEvent, EventType } from "../core/events.ts";
import { checkOptionNames, type OptionNames } from "../core/option_names.ts";
import { quote } from "../core/quote.ts";
import { type ByteSize, parseByteSize } from "../core/units.ts";

/** How an audit log is written. */
export interface AuditLogOptions {
  /** A file with the key of the chain: 32 bytes at least, for its owner alone to read. @default none */
  readonly keyFile?: string;
  /**
   * Largest size of a file. What is full is put away as FILE.1, up to FILE.3; the oldest records go then. 256KiB at least.
   *
   * @default "64MiB"
   */
  readonly fileSize?: ByteSize;
  /** The least severity that is recorded; rules look at everything. @default "info" */
  readonly level?: Severity;
  /** Texts that no record may have, beside the secrets and variables that sandboxes are given. @default none */
  readonly redact?: readonly string[];
  /** The rules that raise threats, by name. @default THREAT_RULES */
  readonly rules?: Readonly<Record<string, ThreatRule>>;
  /** Told of each threat, after it was recorded. What it throws is dropped. */
  readonly onThreat?: (threat: Threat) => void;
  /** Told once, when the log cannot be written any more. What it throws is dropped. */
  readonly onFailure?: (error: unknown) => void;
}

const OPTIONS: OptionNames<AuditLogOptions> = {
  place: "of an audit log",
  names: {
    keyFile: true,
    fileSize: true,
    level: true,
    redact: true,
    rules: true,
    onThreat: true,
    onFailure: true,
  },
};

const FILE_SIZE = "64MiB", LEAST_FILE_SIZE = 256 * 1024;

/** Modules of sandboxes that are remembered; the oldest are forgotten. */
const MOST_SANDBOXES = 4096;

/** Longest name of a detail, and longest id, in UTF-16 units. */
const LONGEST_NAME = 64;

/** Values of variables shorter than that are no secrets, and would be found everywhere. */
const SHORTEST_VARIABLE = 8;

/** What a runtime does with its log. Not part of the public interface. */
export const HIDE: unique symbol = Symbol("texts that a log must not have, as long as a sandbox lives");
/** Likewise. */
export const PLACE: unique symbol = Symbol("where the files are, for guests not to reach them");

/** An entry of the embedder's own. */
export interface AuditNote {
  /** Id of the sandbox that it is about. */
  readonly sandbox?: string;
  /** Number of the call that it is about. */
  readonly execution?: number;
  /** SHA-256 of the module that it is about, in hexadecimal. */
  readonly module?: string;
  /** How bad it is. @default "info" */
  readonly severity?: Severity;
  /** At most 16 values; texts are cut at 256 characters. */
  readonly detail: AuditDetail;
}

/**
 * Writes what happens to sandboxes into a file, a line of JSON for each record, chained by hashes: `aegis audit verify` finds
 * whatever is altered or taken away. A runtime takes it as its option `audit`; several may share one. A record is written
 * before the call goes on. When the log cannot be written any more, runtimes that have it start no sandbox.
 *
 * @example
 * ```ts
 * import { Aegis, AuditLog } from "jsr:@aegis/core";
 *
 * using audit = await AuditLog.open("audit.jsonl", { onThreat: ({ rule }) => console.log(rule) });
 * await using runtime = await Aegis.create({ audit });
 * console.log(runtime.events.wants("capability_checked")); // true
 * ```
 */
export class AuditLog implements EventSubscriber, Disposable {
  /** The types of events of which it records something. */
  readonly types: readonly EventType[] = RECORDED_EVENTS;
  /** The file, without links. */
  readonly path: string;
  readonly #keyFile: string | undefined;
  readonly #writer: LogWriter;
  readonly #fold: AuditFold;
  readonly #scanner: ThreatScanner;
  readonly #redactor: Redactor = new Redactor();
  readonly #options: AuditLogOptions;
  readonly #timers: Timers;
  /** Hash of the module that each sandbox has loaded last. */
  readonly #modules: Map<string, string> = new Map();
  #cancel: (() => void) | undefined;
  #failure: { readonly error: unknown } | undefined;
  #closed = false;

  private constructor(
    options: AuditLogOptions,
    { writer, path, keyFile, timers }: {
      readonly writer: LogWriter;
      readonly path: string;
      readonly keyFile: string | undefined;
      readonly timers: Timers;
    },
  ) {
    this.#options = options;
    this.#writer = writer;
    this.#timers = timers;
    this.path = path;
    this.#keyFile = keyFile;
    this.#scanner = new ThreatScanner(options.rules);
    this.#fold = new AuditFold(timers.now, (entry) => this.#write(entry));
    this.#redactor.add((options.redact ?? []).map((value) => ({ value, label: "redacted" })));
  }

  /**
   * Opens a log, and goes on with it if it is there. Its folder must be there.
   *
   * @param file its path; `file.head` and `file.1` to `file.3` lie beside it
   * @throws {AegisError} `InvalidOption` for a file that is a link, is written by another process, or does not end as its
   * head says; and for a key that others may read
   */
  static async open(file: string, options: AuditLogOptions = {}): Promise<AuditLog> {
    checkOptionNames(options, OPTIONS);
    const { keyFile, level = "info", redact = [], fileSize: wanted = FILE_SIZE } = options;
    if (!isSeverity(level)) {
      throw invalid(
        "level",
        `Cannot record from level ${quote(String(level))}: use ${Object.keys(SEVERITIES).join(", ")}`,
      );
    }
    if (!Array.isArray(redact) || redact.some((text) => typeof text !== "string")) {
      throw invalid("redact", "Cannot redact that: give a list of texts");
    }
    const fileSize = parseByteSize(wanted, "fileSize");
    if (fileSize < LEAST_FILE_SIZE) {
      throw invalid("fileSize", `Cannot set fileSize to ${fileSize}: use 256KiB at least`);
    }
    // Hashes are wanted by few: nobody else loads them.
    const [{ digestWith }, { LogWriter }] = await Promise.all([
      import("../audit/digest_with.ts"),
      import("../audit/log_writer.ts"),
    ]);
    const digest = digestWith(keyFile === undefined ? undefined : readAuditKey(keyFile));
    const files = new AuditFiles(file);
    try {
      const writer = new LogWriter(files, { name: file, digest, fileSize, wall: Date.now });
      return new AuditLog({ ...options, level }, {
        writer,
        path: files.path,
        keyFile: keyFile === undefined ? undefined : Deno.realPathSync(keyFile),
        timers: SYSTEM_TIMERS,
      });
    } catch (error) {
      files.abandon();
      if (error instanceof AegisError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new AegisError("InvalidOption", `Cannot write the audit log ${quote(file)}: ${reason}`, {
        field: "audit",
        cause: error,
      });
    }
  }

  /** Records that were written by now, in all files, and the hash of the last: noted elsewhere, they prove that no record was cut off. */
  get head(): { readonly count: number; readonly hash: string } {
    const { count, hash } = this.#writer.head;
    return { count, hash };
  }

  /** Records that were not written since the log was full. */
  get dropped(): number {
    return this.#writer.dropped;
  }

  /** Why it cannot be written any more; undefined while it can. */
  get failure(): unknown {
    return this.#failure?.error;
  }

  /** Records an event, now or with others. */
  onEvent(event: AegisEvent): void {
    if (event.type === "module_loaded") this.#remember(event.sandbox, event.module);
    const entry = entryOfEvent(event);
    if (entry !== undefined) this.#add(entry);
  }

  /**
   * Records what the embedder wants to have there.
   *
   * @param kind `request`: a client has asked for something; `note`: anything else
   * @throws {AegisError} `InvalidOption` for another kind
   */
  note(kind: "request" | "note", { severity = "info", ...note }: AuditNote): void {
    if (!isAuditKind(kind) || !AUDIT_KINDS[kind].own) {
      throw invalid("kind", `Cannot note ${quote(String(kind))}: use "request" or "note"`);
    }
    this.#add({ ...note, kind, severity: isSeverity(severity) ? severity : "info", time: Date.now() });
  }

  /** Writes what waits to be told with others. */
  flush(): void {
    this.#fold.flush();
  }

  /** Writes what waits, and a record that says that this is all. */
  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    this.#cancel?.();
    try {
      this.#writer.close();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** As {@linkcode close}: for `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Takes texts out of all records from now on. @returns no longer, when what waits is written */
  [HIDE](texts: readonly { readonly value: string; readonly label: string }[]): () => void {
    this.#redactor.add(texts);
    return () => {
      this.flush();
      this.#redactor.remove(texts);
    };
  }

  /** The files that guests must not reach. */
  get [PLACE](): { readonly files: readonly string[]; readonly keyFile: string | undefined } {
    return { files: auditFiles(this.path), keyFile: this.#keyFile };
  }

  #remember(sandbox: string, module: string): void {
    this.#modules.delete(sandbox);
    this.#modules.set(sandbox, module);
    for (const oldest of this.#modules.keys()) {
      if (this.#modules.size <= MOST_SANDBOXES) break;
      this.#modules.delete(oldest);
    }
  }

  #add(given: AuditEntry): void {
    if (this.#closed || this.#failure !== undefined) return;
    const entry = this.#clean(given), threats = this.#scanner.scan(entry);
    if (this.#isRecorded(entry.severity)) this.#fold.add(entry);
    for (const threat of threats) this.#raise(threat);
    if (this.#cancel !== undefined || !this.#fold.active) return;
    this.#cancel = this.#timers.after(FOLD_WINDOW, () => this.#tick(), false);
  }

  #tick(): void {
    this.flush();
    this.#cancel = this.#fold.active ? this.#timers.after(FOLD_WINDOW, () => this.#tick(), false) : undefined;
  }

  #isRecorded(severity: Severity): boolean {
    return SEVERITIES[severity] >= SEVERITIES[this.#options.level ?? "info"];
  }

  #raise(threat: Threat): void {
    const { rule, doc, count, severity, time, sandbox, module } = threat;
    if (this.#isRecorded(severity)) {
      this.#write({
        kind: "threat",
        severity,
        time,
        ...(sandbox === undefined ? {} : { sandbox }),
        ...(module === undefined ? {} : { module }),
        detail: { rule, seen: count, meaning: doc },
      });
    }
    try {
      this.#options.onThreat?.(threat);
    } catch {
      // as the documentation of the option says
    }
  }

  #write(entry: AuditEntry): void {
    if (this.#closed || this.#failure !== undefined) return;
    try {
      this.#writer.write(entry);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    try {
      this.#options.onFailure?.(error);
    } catch {
      // as the documentation of the option says
    }
  }

  /** What is recorded: bounded, without secrets, and only what a record can have, whoever told of it. */
  #clean({ kind, severity, time, sandbox, execution, module, count, detail }: AuditEntry): AuditEntry {
    const text = (value: string) => this.#redactor.clean(value, LONGEST_TEXT);
    const known = sandbox === undefined ? undefined : this.#modules.get(sandbox), hash = module ?? known;
    const values = Object.entries(detail).slice(0, MOST_DETAILS).map(([name, value]) =>
      [
        name.slice(0, LONGEST_NAME),
        typeof value === "boolean" || typeof value === "number" && Number.isFinite(value)
          ? value
          : text(String(value)),
      ] as const
    );
    return {
      kind,
      severity,
      time: Number.isFinite(time) && Math.abs(time) < LATEST ? time : Date.now(),
      ...(sandbox === undefined ? {} : { sandbox: String(sandbox).slice(0, LONGEST_NAME) }),
      ...(isWhole(execution) ? { execution } : {}),
      ...(hash === undefined ? {} : { module: String(hash).slice(0, LONGEST_NAME) }),
      ...(isWhole(count) && count > 1 ? { count } : {}),
      detail: Object.fromEntries(values),
    };
  }
}

/** The last moment that ISO 8601 has without a sign, in milliseconds since 1970. */
const LATEST = 8.64e15;

function isWhole(value: number | undefined): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function invalid(field: string, message: string): AegisError {
  return new AegisError("InvalidOption", message, { field });
}

/** What a sandbox is given that no log may have. */
export function hiddenTexts(
  secrets: readonly { readonly name: string; readonly value: string }[],
  env: readonly { readonly name: string; readonly value: string | undefined }[],
): HiddenText[] {
  return [
    ...secrets.map(({ name, value }) => ({ value, label: `secret:${name}` })),
    ...env.flatMap(({ name, value }) =>
      value === undefined || value.length < SHORTEST_VARIABLE ? [] : [{ value, label: `env:${name}` }]
    ),
  ];
}
