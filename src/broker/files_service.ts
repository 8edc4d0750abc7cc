import { answerCanceled, answerOperation } from "./answer_operation.ts";
import { AuditLog } from "./audit_log.ts";
import type { Clock } from "./clock.ts";
import type { FileSystem } from "./file_system.ts";
import { FineTimes } from "./fine_times.ts";
import { IdentityMask } from "./identity.ts";
import type { AttachMessage, BrokerReport, FilesMessage, StartFilesMessage } from "./messages.ts";
import { PathLock } from "./path_lock.ts";
import { Quotas } from "./quotas.ts";
import { SandboxFiles, type SharedFiles } from "./sandbox_files.ts";

/** What a service is given. */
export interface FilesServiceOptions {
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly report: (report: BrokerReport) => void;
}

/** The files broker without its thread: sandboxes that come and go, and what they ask for. */
export class FilesService {
  readonly audit: AuditLog;
  readonly #sandboxes: Map<number, SandboxFiles> = new Map();
  /** By the names of their sandboxes: a guest that starts anew has what the one before has left of them. */
  readonly #quotas: Map<string, Quotas> = new Map();
  readonly #shared: SharedFiles;
  readonly #report: FilesServiceOptions["report"];

  constructor(start: StartFilesMessage, { fs, clock, report }: FilesServiceOptions) {
    this.audit = new AuditLog(clock, (events) => report({ kind: "audit", events }));
    this.#report = report;
    this.#shared = {
      fs,
      clock,
      lock: new PathLock(start.lock),
      identity: new IdentityMask(start.secret),
      fineTimes: new FineTimes(),
      audit: this.audit,
      changes: new Int32Array(start.changes),
      sandboxes: { [Symbol.iterator]: () => this.#sandboxes.values() },
    };
  }

  /** Reads one message of the host. */
  message(message: FilesMessage): void {
    switch (message.kind) {
      case "start":
        return;
      case "attach":
        this.#detach(message.slot);
        this.#sandboxes.set(message.slot, new SandboxFiles(message, this.#quotasOf(message), this.#shared));
        return;
      case "narrow":
        this.#sandboxes.get(message.slot)?.narrow(message.mounts);
        return;
      case "renew":
        this.#sandboxes.get(message.slot)?.quotas.renew();
        return;
      case "forget":
        this.#quotas.delete(message.sandbox);
        return;
      case "tell":
        this.audit.flush();
        this.#report({ kind: "told", slot: message.slot });
        return;
      case "detach":
        this.#detach(message.slot);
        this.audit.flush();
        this.#report({ kind: "detached", slot: message.slot });
        return;
      case "close":
        for (const slot of [...this.#sandboxes.keys()]) this.#detach(slot);
        this.audit.flush();
        this.#report({ kind: "closed" });
        return;
    }
  }

  /** Does what the sandbox in a slot asks for; returns whether it asked for anything. */
  serve(slot: number): boolean {
    const sandbox = this.#sandboxes.get(slot);
    if (!sandbox?.channel.asked) return false;
    answerOperation(sandbox);
    return true;
  }

  /** Does what any sandbox asks for, whether it has rung or not. */
  serveAll(): void {
    for (const slot of this.#sandboxes.keys()) this.serve(slot);
  }

  #quotasOf({ sandbox, quotas }: AttachMessage): Quotas {
    const { clock } = this.#shared;
    const used = this.#quotas.get(sandbox) ?? new Quotas(quotas, () => clock.now());
    this.#quotas.set(sandbox, used);
    return used;
  }

  #detach(slot: number): void {
    const sandbox = this.#sandboxes.get(slot);
    if (sandbox === undefined) return;
    this.#sandboxes.delete(slot);
    sandbox.open.closeAll();
    // A guest would wait for ever.
    if (sandbox.channel.asked) answerCanceled(sandbox);
  }
}
