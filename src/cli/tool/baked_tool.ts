/**
 * A module made into a tool: the module by its hash, and what it runs with, decided when the tool was made. It lies in a
 * file beside an installed module, whose hash stands in the launcher, or inside a compiled program.
 */
import { AegisError } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import { decodeGuest, guestJson, type GuestPlan } from "../guest_plan.ts";
import { list, malformed, record, text, textOrNull, whole } from "../plan_fields.ts";

/** Grows with every change of {@linkcode BakedTool}. */
export const TOOL_VERSION = 3;

/** What may be done in the directory where a tool is started; `write` is to read, too. */
export const CWD_RIGHTS = ["read", "write"] as const;

/** One of {@linkcode CWD_RIGHTS}. */
export type CwdRights = typeof CWD_RIGHTS[number];

export interface BakedTool {
  readonly version: typeof TOOL_VERSION;
  /** What the tool is called, and the guest finds as its own name. */
  readonly name: string;
  /** Of the module in binary form, in hexadecimal digits. */
  readonly sha256: string;
  /** Bytes of the module. */
  readonly size: number;
  /** The path of its module is `null` inside a compiled program. */
  readonly guest: GuestPlan;
  /** Words that the guest gets before those of the command line. */
  readonly args: readonly string[];
  /** What it may do where it is started; `null` for nothing. */
  readonly cwd: CwdRights | null;
  /** The home of who installed it, absolute, links followed; `null` for none that is known. */
  readonly home: string | null;
  /** Variables that were set with the tool, by the names under which the plan looks for them. */
  readonly values: Readonly<Record<string, string>>;
}

/** SHA-256 in hexadecimal digits. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** A tool as text, which {@linkcode decodeTool} reads. */
export function encodeTool(tool: BakedTool): string {
  return `${JSON.stringify({ ...tool, guest: guestJson(tool.guest) }, null, 2)}\n`;
}

/** Reads a tool and checks every field. @throws {AegisError} `InvalidOption` */
export function decodeTool(encoded: string): BakedTool {
  let decoded: unknown;
  try {
    decoded = JSON.parse(encoded);
  } catch {
    throw malformed("JSON");
  }
  const tool = record(decoded, "the tool"), hash = text(tool["sha256"], "sha256");
  if (tool["version"] !== TOOL_VERSION) throw malformed(`version ${TOOL_VERSION}`);
  if (!/^[0-9a-f]{64}$/.test(hash)) throw malformed("sha256");
  const rights = textOrNull(tool["cwd"], "cwd"), cwd = CWD_RIGHTS.find((one) => one === rights) ?? null;
  if (rights !== cwd) {
    throw new AegisError("InvalidOption", `Cannot read the tool: cwd is ${quote(rights ?? "")}`);
  }
  return Object.freeze({
    version: TOOL_VERSION,
    name: text(tool["name"], "name"),
    sha256: hash,
    size: whole(tool["size"], "size"),
    guest: decodeGuest(tool["guest"]),
    args: list(tool["args"], "args").map((arg) => text(arg, "args")),
    cwd,
    home: textOrNull(tool["home"], "home"),
    values: Object.fromEntries(
      Object.entries(record(tool["values"], "values")).map(([name, value]) => [name, text(value, "values")]),
    ),
  });
}
