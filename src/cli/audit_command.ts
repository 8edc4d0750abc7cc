/** `aegis audit verify` and `aegis audit query`: whether a log is as it was written, and what is in it. */
import { AUDIT_KINDS, type AuditKind, isAuditKind } from "../audit/kinds.ts";
import type { AuditQuery } from "../audit/query.ts";
import type { AuditRecord } from "../audit/record.ts";
import type { AuditVerification, Expectation } from "../audit/verify.ts";
import { AegisError } from "../core/errors.ts";
import { groupDigits } from "../core/group_digits.ts";
import type { Json } from "../core/json.ts";
import { quote } from "../core/quote.ts";
import { suggest } from "../core/suggestion.ts";
import { readAuditLog, verifyAuditLog } from "../sandbox/read_audit.ts";
import type { FlagValues } from "./flags.ts";
import type { CommandIo } from "./io.ts";
import { jsonText } from "./json.ts";
import { parseMoment } from "./moment.ts";
import type { ParsedCommand } from "./parse.ts";
import { printable } from "./printable.ts";
import { styleFor } from "./style.ts";

/** Checks a log; the result is the exit status. */
export async function auditVerify({ operand, flags }: ParsedCommand, io: CommandIo): Promise<number> {
  const { auditKey, expect = [], format = "human", quiet = false, data } = flags;
  if ((operand === undefined) === (data === undefined)) {
    throw new AegisError(
      "InvalidOption",
      "Cannot verify that: name one log, or the directory of a server's data",
      {
        suggestion: "aegis audit verify FILE, or aegis audit verify --data DIR",
      },
    );
  }
  const expected = expect.map(expectationOf);
  const found = operand === undefined
    ? await verifyServer(data ?? "", { auditKey, expected, io })
    : await verifyAuditLog(operand, { ...(auditKey === undefined ? {} : { keyFile: auditKey }), expected });
  const status = found.intact ? 0 : 1, file = operand ?? data ?? "";
  if (format !== "human") io.out(jsonText({ file, ...found } as unknown as Json, format)); // plain fields
  else tellVerification(found, { quiet, io });
  return status;
}

/** What a server has kept of who did what; nobody else has its database meanwhile. */
async function verifyServer(
  data: string,
  { auditKey, expected, io }: {
    readonly auditKey: string | undefined;
    readonly expected: readonly Expectation[];
    readonly io: Pick<CommandIo, "locate">;
  },
): Promise<AuditVerification> {
  if (auditKey !== undefined) {
    throw new AegisError(
      "InvalidOption",
      "Cannot use --audit-key with --data: a server's entries have no key",
      {
        field: "auditKey",
      },
    );
  }
  const path = io.locate(`${data}/tasks.db`); // one that is not there would be made
  const { TaskStore } = await import("../tasks/store/task_store.ts");
  const store = new TaskStore(path);
  try {
    return store.audit.verify(expected);
  } finally {
    store.close();
  }
}

function tellVerification(
  { intact, records, first, last, hash, closed, notes, flaw }: AuditVerification,
  { quiet, io }: { readonly quiet: boolean; readonly io: CommandIo },
): void {
  const style = styleFor(io.colour);
  if (flaw !== undefined) {
    const { file, line, reason } = flaw, place = `${printable(file)}${line === 0 ? "" : `:${line}`}`;
    io.err(`${place}: ${style.bad("error:")} ${printable(reason)}\n`);
  }
  if (quiet) return;
  if (intact) {
    io.out(
      `Audit log is intact: ${
        groupDigits(records)
      } records, ${first} to ${last}\nHash of the last: ${hash}\n`,
    );
  }
  for (const note of notes) io.err(`${style.warn("note:")} ${printable(note)}\n`);
  if (intact && !closed) {
    io.err(`${style.warn("note:")} it was not closed: its process goes on, or was killed\n`);
  }
}

/** @throws {AegisError} `InvalidOption` for what is neither a hash nor a count */
function expectationOf(word: string): Expectation {
  if (/^[0-9a-f]{64}$/.test(word)) return { hash: word };
  if (/^[0-9]{1,15}$/.test(word)) return { count: Number(word) };
  throw new AegisError(
    "InvalidOption",
    `Cannot expect ${quote(word)}: give a hash of 64 digits, or a count of records`,
    {
      field: "expect",
      suggestion: "aegis audit verify prints both.",
    },
  );
}

/** Prints records. */
export async function auditQuery({ operand = "", flags }: ParsedCommand, io: CommandIo): Promise<number> {
  const { format = "human" } = flags, query = queryOf(flags, Date.now());
  const records: AuditRecord[] = [];
  for await (const record of readAuditLog(operand, query)) {
    if (format === "json") records.push(record);
    else io.out(format === "human" ? recordText(record) : `${JSON.stringify(record)}\n`);
  }
  if (format === "json") io.out(jsonText({ records } as unknown as Json, format)); // plain fields
  return 0;
}

/** What flags ask for. @param now milliseconds since 1970 @throws {AegisError} `InvalidOption` */
function queryOf(
  { since, until, ofSandbox, auditKind, severity }: FlagValues,
  now: number,
): AuditQuery {
  return {
    ...(since === undefined ? {} : { since: parseMoment(since, { flag: "since", now }) }),
    ...(until === undefined ? {} : { until: parseMoment(until, { flag: "until", now }) }),
    ...(ofSandbox === undefined ? {} : { sandbox: ofSandbox }),
    ...(auditKind === undefined ? {} : { kinds: auditKind.map(kindOf) }),
    ...(severity === undefined ? {} : { severity }),
  };
}

function kindOf(word: string): AuditKind {
  if (isAuditKind(word)) return word;
  const kinds = Object.keys(AUDIT_KINDS), near = suggest(word, kinds);
  throw new AegisError("InvalidOption", `Cannot look for kind ${quote(word)}: there is none`, {
    field: "kind",
    suggestion: near.length > 0
      ? `Did you mean ${near.map(quote).join(" or ")}?`
      : `Kinds: ${kinds.join(", ")}.`,
  });
}

/** A record on one line. Whatever a guest may have chosen is quoted. */
function recordText(record: AuditRecord): string {
  const { time, severity, kind, sandbox = "", execution, count = 1, detail } = record;
  const said = Object.entries(detail).map(([name, value]) =>
    `${printable(name)}=${typeof value === "string" ? quote(value) : value}`
  );
  const words = [
    time,
    severity.padEnd(8),
    kind,
    ...sandbox === "" ? [] : [printable(sandbox.slice(0, 8))],
    ...execution === undefined ? [] : [`execution=${execution}`],
    ...said,
    ...count === 1 ? [] : [`count=${count}`],
  ];
  return `${words.join(" ")}\n`;
}
