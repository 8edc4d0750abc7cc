/** What surrounds a guest on the host's side, and outlives its thread. */
import type { Attachment, Brokers } from "./brokers.ts";
import { Content } from "./content.ts";
import type { EventSubscriber } from "./event_subscriber.ts";
import { AegisEvents, endEvents } from "./events.ts";
import { ExecutionEvents } from "./execution_events.ts";
import type { StartGuest } from "./guest_back_end.ts";
import { GuestThread } from "./guest_thread.ts";
import { HostFunctions } from "./host_functions.ts";
import { narrowMounts } from "./mounts.ts";
import { programSettings } from "./program_settings.ts";
import { type ProgramOptions, SandboxIo } from "./sandbox_io.ts";
import type { Mount } from "../broker/messages.ts";
import type { AuditEvent } from "../core/audit.ts";
import type { AegisEvent } from "../core/events.ts";
import { DEFAULT_SLICE, type Limits, MOST_SLICE } from "../core/limits.ts";
import type { OnDenial } from "../core/on_denial.ts";
import type { Policy } from "../policy/grants.ts";
import type { ResolvedSecret } from "../policy/secret.ts";
import type { ProgramWords, WasiSettings } from "../wasi/host.ts";

/** What a sandbox is made with. */
export interface SandboxSettings {
  readonly limits: Limits;
  readonly onMemoryLimit: "fail" | "trap";
  /** What an operation does that is refused for want of a grant. */
  readonly onDenial: OnDenial;
  /** What it may reach; host paths are resolved. */
  readonly policy: Policy;
  /** Its directories, one for each filesystem grant. */
  readonly mounts: readonly Mount[];
  readonly secrets: readonly ResolvedSecret[];
  readonly program: ProgramOptions;
  readonly brokers: Brokers;
  /** Starts what its guest runs in. */
  readonly startGuest: StartGuest;
  /** Whether it is a guest of a pool, which serves somebody else after each reset. */
  readonly pooled: boolean;
  /** Whether waiting may spin. */
  readonly spin: boolean;
  readonly audit: (event: AuditEvent) => void;
  /** Those of the runtime, which hear all that is told here. */
  readonly events: AegisEvents;
  /** Told of the events of this sandbox from the beginning. */
  readonly subscribers: readonly (EventSubscriber | ((event: AegisEvent) => void))[];
  /** Called once, when the sandbox is closed. */
  readonly onClose: () => void;
}

/** What outlives a guest's thread: when one is written off, the next starts in the same surroundings. */
export class Surroundings {
  readonly id: string = crypto.randomUUID();
  readonly functions: HostFunctions = new HostFunctions();
  readonly content: Content = new Content();
  readonly io: SandboxIo;
  readonly events: AegisEvents;
  readonly executions: ExecutionEvents;
  policy: Policy;
  /** Words that the guest's program was given in this life, in the place of its sandbox's. */
  given: ProgramWords | undefined;
  readonly #wasi: WasiSettings;
  /** What binds the guest that is there, or that is starting, to the brokers. */
  #attachment: Attachment | undefined;

  constructor(readonly settings: SandboxSettings) {
    const { policy, program, limits } = settings;
    this.policy = policy;
    this.#wasi = programSettings(policy, program);
    this.events = new AegisEvents(settings.events);
    for (const subscriber of settings.subscribers) this.events.subscribe(subscriber);
    this.executions = new ExecutionEvents(this.id, this.events);
    this.io = new SandboxIo(program, {
      sandbox: this.id,
      outputSize: limits.outputSize,
      frameSize: limits.frameSize,
      pooled: settings.pooled,
      policy: () => this.policy,
      audit: this.#tell,
      alerted: (alert) => this.executions.alerted(alert),
    });
  }

  /** Tells of a decision. */
  readonly #tell = (event: AuditEvent): void => {
    this.settings.audit(event);
    if (this.events.active) this.executions.audit(event);
  };

  /** Takes note of a decision that a broker made. */
  readonly #audit = (event: AuditEvent): void => {
    this.io.denials.add(event);
    this.#tell(event);
  };

  /** Arguments of the guest's program at this moment. */
  get args(): readonly string[] {
    return (this.given ?? this.#wasi).args;
  }

  /** What the sandbox was made with. */
  get ownWords(): ProgramWords {
    return this.#wasi;
  }

  /** Starts a guest's thread; what the one before had with the brokers is given back. */
  async startThread(): Promise<GuestThread> {
    const { limits, onMemoryLimit, onDenial, brokers, startGuest, spin, mounts, secrets } = this.settings;
    await this.#attachment?.release();
    return await GuestThread.start(
      {
        limits,
        onMemoryLimit,
        onDenial,
        slice: DEFAULT_SLICE,
        mostSlice: MOST_SLICE,
        wasi: this.#wasi,
        changes: brokers.changes,
        spin,
      },
      {
        sandbox: this.id,
        startGuest,
        functions: this.functions,
        content: this.content,
        operations: this.io.operations,
        executions: this.executions,
        attach: (channel, lose) =>
          this.#attachment = brokers.attach({
            sandbox: this.id,
            channel,
            lose,
            policy: this.policy,
            mounts: narrowMounts(mounts, this.policy.filesystem),
            limits,
            secrets,
            audit: this.#audit,
            auditAll: this.events.wants("capability_checked"),
          }),
      },
    );
  }

  /** A new life of the guest begins. */
  restart(): void {
    this.given = undefined;
    this.functions.restart();
    this.io.restart();
  }

  /** The sandbox serves somebody else: what it may use over its life counts from zero. */
  renewQuotas(): void {
    this.#attachment?.renew();
  }

  /** The policy becomes narrower, for a guest that is just starting, too. */
  narrow(policy: Policy): void {
    this.policy = policy;
    this.#attachment?.narrow(policy);
  }

  /** Ends when the brokers have told all that they have decided by now. @returns whether they did, rather than took too long */
  async told(): Promise<boolean> {
    return await this.#attachment?.told() ?? true;
  }

  /** Ends when the brokers have let the guest go. */
  async release(): Promise<void> {
    await this.#attachment?.release();
    this.settings.brokers.forget(this.id);
    endEvents(this.events);
  }
}
