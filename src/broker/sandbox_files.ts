import type { AuditLog } from "./audit_log.ts";
import type { Clock } from "./clock.ts";
import type { FileSystem } from "./file_system.ts";
import type { FineTimes } from "./fine_times.ts";
import type { IdentityMask } from "./identity.ts";
import type { AttachMessage, Mount } from "./messages.ts";
import { isWithin, type MountAction, MountState } from "./mount.ts";
import { OpenFiles } from "./open_files.ts";
import type { PathLock } from "./path_lock.ts";
import { provePath } from "./prove_path.ts";
import { Quotas, RateExceeded } from "./quotas.ts";
import { type Decision, Refused } from "./refusals.ts";
import { type Found, resolvePath, type Wanted } from "./resolve_path.ts";
import { BrokerEnd } from "../protocol/broker_end.ts";
import { OperationError } from "../protocol/operations.ts";

/** What the sandboxes of one broker share. */
export interface SharedFiles {
  readonly fs: FileSystem;
  readonly clock: Clock;
  readonly lock: PathLock;
  readonly identity: IdentityMask;
  readonly fineTimes: FineTimes;
  readonly audit: AuditLog;
  /** Words that count changes of files, by token. */
  readonly changes: Int32Array;
  /** All that are attached. */
  readonly sandboxes: Iterable<SandboxFiles>;
}

/** A path as a guest gives it: from a directory that it has open, or that directory itself. */
export interface Place {
  readonly directory: number;
  readonly path: string | undefined;
}

/** What a path led to, and a way to be sure of it once it was opened. */
export interface Sighting {
  readonly found: Found;
  /** @throws {OperationError} `noent` when the path leads elsewhere by now */
  prove(): void;
  /** Walks the path once more. */
  again(): Found;
}

/** Milliseconds that paths may be worked on at a time, and how many times as long the sandbox rests after more. */
const LONG = 5, REST = 4;

/** One sandbox as the broker knows it. */
export class SandboxFiles {
  readonly slot: number;
  #restUntil = -Infinity;
  readonly channel: BrokerEnd;
  readonly mounts: readonly MountState[];
  readonly open: OpenFiles;
  readonly quotas: Quotas;
  readonly shared: SharedFiles;
  readonly #name: string;
  readonly #auditAll: boolean;

  /** @param quotas what the sandbox has used so far */
  constructor(message: AttachMessage, quotas: Quotas, shared: SharedFiles) {
    const { slot, sandbox, channel, mounts, auditAll } = message, { fs } = shared;
    this.slot = slot;
    this.channel = new BrokerEnd(channel, "files");
    this.mounts = mounts.map((mount, index) => new MountState(mount, { index, fs }));
    this.open = new OpenFiles(this.mounts, quotas.openFiles);
    this.quotas = quotas;
    this.shared = shared;
    this.#name = sandbox;
    this.#auditAll = auditAll;
  }

  /** Grants become fewer; a mount that is not named any more can do nothing. */
  narrow(mounts: readonly Mount[]): void {
    for (const mount of this.mounts) {
      const grant = mounts[mount.index];
      const { read, write, create, delete: remove } = grant ?? NOTHING;
      mount.narrow({ ...(grant ?? mount.grant), read, write, create, delete: remove });
    }
  }

  /**
   * Leads a path to what it names. Only while the path lock is held.
   *
   * @throws {Refused} @throws {OperationError}
   */
  find(
    place: Place,
    how: Pick<Wanted, "last" | "action">,
  ): Sighting {
    const { fs, clock } = this.shared, began = clock.wall();
    const wanted = { start: this.open.directory(place.directory), path: place.path, ...how };
    const found = this.#noted(wanted, () => resolvePath(fs, wanted));
    return {
      found,
      prove: () => provePath(found, { fs, wanted, clock, began }),
      again: () => resolvePath(fs, wanted),
    };
  }

  /** To look for what is not there is to read as well: who may not would be told so. */
  #noted({ start, path, action }: Wanted, look: () => Found): Found {
    const note = () => {
      if (action === "read" && path !== undefined) {
        this.allowed(start.mount.decision("read", [...start.names, path]));
      }
    };
    try {
      const found = look();
      if (found.kind === "missing") note();
      return found;
    } catch (error) {
      if (error instanceof OperationError && error.errno === "noent") note();
      throw error;
    }
  }

  /**
   * Runs work on paths; no other broker of this process does so meanwhile. Who kept all others waiting for long, by listing
   * a huge directory for instance, waits in turn before the next time.
   *
   * @throws {RateExceeded}
   */
  locked<Result>(work: () => Result): Result {
    this.#demandRest();
    return this.shared.lock.hold(() => this.#timed(work));
  }

  /**
   * Runs work that the system may take long for, as it does to write to a disk. It keeps the sandboxes of this broker
   * waiting; when there are others, this one rests as after {@linkcode locked}.
   *
   * @throws {RateExceeded}
   */
  unhurried<Result>(work: () => Result): Result {
    const others = [...this.shared.sandboxes].some((sandbox) => sandbox !== this);
    if (!others) return work();
    this.#demandRest();
    return this.#timed(work);
  }

  #demandRest(): void {
    const rest = this.#restUntil - this.shared.clock.now();
    if (rest > 0) throw new RateExceeded(rest);
  }

  #timed<Result>(work: () => Result): Result {
    const { clock } = this.shared, began = clock.now();
    try {
      return work();
    } finally {
      const ended = clock.now(), held = ended - began;
      if (held > LONG) this.#restUntil = ended + held * REST;
    }
  }

  /** Asks for a right on a path before it is resolved, and returns the mount. */
  demand({ directory, path }: Place, action: MountAction): MountState {
    const { mount, names } = this.open.directory(directory);
    mount.demand(action, path === undefined ? names : [...names, path]);
    return mount;
  }

  /** Whether a mount of any sandbox lies at a host path or below it: that may not go away. */
  holdsMount(hostPath: string): boolean {
    for (const { mounts } of this.shared.sandboxes) {
      if (mounts.some((mount) => isWithin(mount.hostPath([]), hostPath))) return true;
    }
    return false;
  }

  /** Tells all who have read ahead of a file that it is no longer as it was. */
  changed(token: number): void {
    const { changes } = this.shared;
    if (changes.length > 0) Atomics.add(changes, token % changes.length, 1);
  }

  /** Notes that something was allowed. */
  allowed(decision: Decision): void {
    if (this.#auditAll) this.shared.audit.allowed(this.#name, decision);
  }

  /** Notes why something was not allowed. */
  failed(error: unknown): void {
    if (error instanceof Refused) this.shared.audit.refused(this.#name, error);
  }
}

const NOTHING = { read: false, write: false, create: false, delete: false };
