/**
 * Verification of audit logs: whatever bytes stand in the files of a log and in its head, it says what is wrong with
 * them. A log that differs from one that was written, in what it records, is never called intact.
 */
import { AegisError } from "../../../src/core/errors.ts";
import { readRecord } from "../../../src/audit/record.ts";
import { type Disk, linesOf, smallLog, verify } from "../../audit/log_rig.ts";
import type { Input, Target } from "../target.ts";

const ASCII = new TextDecoder("latin1"), ENCODER = new TextEncoder();

const LOG = smallLog(), HEAD = LOG.head ?? "", FILE = LOG.files[0] ?? new Uint8Array();

/** What separates files, and the last of them from the head. */
const BETWEEN = 0xff;

function diskOf(input: Input): Disk {
  const parts: Input[] = [];
  let start = 0;
  for (let end = input.indexOf(BETWEEN); end >= 0; end = input.indexOf(BETWEEN, start)) {
    parts.push(input.slice(start, end));
    start = end + 1;
  }
  return {
    files: parts.length === 0 ? [new Uint8Array()] : parts,
    head: ASCII.decode(input.subarray(start)),
  };
}

function attempt(input: Input): void {
  const disk = diskOf(input);
  for (const file of disk.files) {
    for (const line of linesOf(file).slice(0, 200)) readRecord(ASCII.decode(line.subarray(0, -1)));
  }
  try {
    const { intact, records, first, last, flaw, notes } = verify(disk);
    if (intact !== (flaw === undefined) && disk.head !== undefined && flaw !== undefined) {
      throw new Error("Intact, with a flaw");
    }
    if (intact && !isLog(disk, notes.length > 0)) {
      throw new Error(`Called intact: ${records} records from ${first} to ${last}`);
    }
  } catch (error) {
    if (!(error instanceof AegisError)) throw error;
  }
}

/** Whether a disk holds the records of the log that was written, all of them, under its own head; behind them a torn line, if that was told. */
function isLog({ files, head }: Disk, told: boolean): boolean {
  const text = files.map((file) => ASCII.decode(file)).join(""), written = ASCII.decode(FILE);
  const rest = text.slice(written.length), torn = rest !== "" && !rest.includes("\n");
  return text.startsWith(written) && (torn ? told : rest === "") && head?.trim() === HEAD.trim();
}

function joined(...parts: readonly (string | Uint8Array)[]): Input {
  return Uint8Array.from(parts.flatMap((part, index) => {
    const bytes = typeof part === "string" ? ENCODER.encode(part) : part;
    return index === parts.length - 1 ? [...bytes] : [...bytes, BETWEEN];
  }));
}

function seeds(): Input[] {
  const lines = linesOf(FILE);
  const two = [lines.slice(0, 3), lines.slice(3)].map((part) =>
    Uint8Array.from(part.flatMap((line) => [...line]))
  );
  return [joined(FILE, HEAD), joined(...two, HEAD), joined(FILE.subarray(0, -5), HEAD), joined(FILE, "")];
}

/** Takes out, doubles or swaps whole lines. */
function change(input: Input, random: { below(bound: number): number }): Input | undefined {
  const lines = linesOf(input), rest = input.subarray(lines.reduce((sum, { length }) => sum + length, 0));
  if (lines.length === 0) return undefined;
  const at = random.below(lines.length), other = random.below(lines.length), [line] = lines.splice(at, 1);
  if (random.below(2) === 0 && line !== undefined) {
    lines.splice(other, random.below(2), line, ...random.below(3) === 0 ? [line] : []);
  }
  return Uint8Array.from([...lines.flatMap((each) => [...each]), ...rest]);
}

export const target: Target = {
  doc: "verification of audit logs: nothing that was changed is called intact",
  seeds,
  change,
  words: [
    '{"seq":',
    '"kind":"log_closed"',
    '"hash":"',
    "0".repeat(64),
    '"detail":{}',
    "\n",
    Uint8Array.of(BETWEEN),
  ],
  mostBytes: 8192,
  patience: { base: 300, perKiB: 60 },
  open: () => ({ attempt }),
};
