/** Audit logs that are written while something fails, and what is proven of them afterwards. */
import { AuditLog, verifyAuditLog } from "../../mod.ts";
import { assert, assertEquals } from "../assert.ts";

const DETAIL = "x".repeat(200), FILE_SIZE = "256KiB";

/** Records that fill three files and a half. */
export const FILLING = 2000;

/** What became of some notes. */
export interface Written {
  /** Notes that the log took before it failed. */
  readonly noted: number;
  readonly failure: unknown;
  /** What opening failed with. */
  readonly refused: unknown;
}

/** Opens a log, notes so much, and closes it. */
export async function write(file: string, records: number): Promise<Written> {
  let failure: unknown, noted = 0, log: AuditLog;
  try {
    log = await AuditLog.open(file, { fileSize: FILE_SIZE, onFailure: (error) => failure = error });
  } catch (refused) {
    return { noted, failure, refused };
  }
  for (let index = 0; index < records; index++) {
    log.note("note", { detail: { index, text: DETAIL } });
    log.flush();
    if (log.failure === undefined && log.dropped === 0) noted = index + 1;
  }
  log.close();
  return {
    noted,
    failure: failure ?? (log.dropped > 0 ? new Error("dropped") : undefined),
    refused: undefined,
  };
}

/** What was told as recorded is there, the chain is whole, and a later process goes on with it. */
export async function checkGoesOn(file: string, { noted }: Written): Promise<void> {
  const found = await verifyAuditLog(file).catch(() => undefined);
  if (found !== undefined) {
    assert(found.flaw === undefined, `${JSON.stringify(found.flaw)} after ${noted}`);
    assert(found.last >= noted, `${found.last} records, ${noted} were noted`);
  }
  const again = await write(file, 2);
  assertEquals(
    [again.refused, again.failure, again.noted],
    [undefined, undefined, 2],
    "a later process goes on",
  );
  const whole = await verifyAuditLog(file);
  assert(whole.intact, JSON.stringify(whole.flaw));
}
