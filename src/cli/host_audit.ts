/** The audit log of a process that runs guests: opened while the process may, told of, and closed whatever ends the process. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { AuditLog } from "../sandbox/audit_log.ts";
import type { AuditPlan } from "./audit_plan.ts";
import type { CommandIo } from "./io.ts";
import { printable } from "./printable.ts";
import { styleFor } from "./style.ts";

/** Tells a person at once what does not end the process. */
export function warner(
  { quiet, colour }: { readonly quiet: boolean; readonly colour: boolean },
  { err }: Pick<CommandIo, "err">,
): (text: string) => void {
  return (text) => {
    if (!quiet) err(`${styleFor(colour).warn("warning:")} ${printable(text)}\n`);
  };
}

/** Opens a log. @param warn is told of threats, and when the log fails @throws {AegisError} `InvalidOption` */
export async function openAudit(
  plan: AuditPlan | null,
  warn: (text: string) => void,
): Promise<AuditLog | undefined> {
  if (plan === null) return undefined;
  const { path, keyFile, shown } = plan;
  return await AuditLog.open(path, {
    ...(keyFile === null ? {} : { keyFile }),
    onThreat: ({ rule, doc }) => warn(`threat ${rule}: ${doc}`),
    onFailure: () => warn(`the audit log ${quote(shown)} cannot be written any more`),
  });
}

/** The log of a process that serves: closed by {@linkcode close}, or by whatever ends the process in its stead but a kill. */
export class ServedAudit {
  readonly log: AuditLog | undefined;
  readonly #atExit: () => void;

  private constructor(log: AuditLog | undefined) {
    this.log = log;
    this.#atExit = () => log?.close();
    if (log !== undefined) globalThis.addEventListener("unload", this.#atExit);
  }

  /** As {@linkcode openAudit}. */
  static async open(plan: AuditPlan | null, warn: (text: string) => void): Promise<ServedAudit> {
    return new ServedAudit(await openAudit(plan, warn));
  }

  /** What a runtime is made with, so that it is recorded. */
  get option(): { readonly audit?: AuditLog } {
    return this.log === undefined ? {} : { audit: this.log };
  }

  /** Ends it, when all runtimes have. @returns why not all was recorded, where it was not */
  close(): AegisError | undefined {
    globalThis.removeEventListener("unload", this.#atExit);
    this.log?.close();
    return auditFailure(this.log);
  }
}

/** What is recorded of work that nobody would find in the log is no success. */
export function auditFailure(audit: AuditLog | undefined): AegisError | undefined {
  if (audit?.failure === undefined) return undefined;
  const { failure } = audit, reason = failure instanceof Error ? failure.message : String(failure);
  return new AegisError("Full", `Cannot write the audit log: ${reason}`, { field: "audit" });
}
