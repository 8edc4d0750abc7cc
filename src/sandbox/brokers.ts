/** The brokers of one runtime: started with its grants, once, and only those that hold one. */
import type { BackEnd, BrokerProgram } from "./back_end.ts";
import { BrokerWorker } from "./broker_worker.ts";
import { FILES_WORKER_TEXT } from "./files_worker.gen.ts";
import { narrowMounts } from "./mounts.ts";
import { NET_WORKER_TEXT } from "./net_worker.gen.ts";
import { processPathLock } from "./path_lock.ts";
import { PROCESS_WORKER_TEXT } from "./process_worker.gen.ts";
import type {
  DetachMessage,
  FilesMessage,
  InterruptMessage,
  Mount,
  NarrowAsyncMessage,
  NetMessage,
  ProcessMessage,
  RenewMessage,
  ResumeMessage,
  TellMessage,
} from "../broker/messages.ts";
import type { AuditEvent } from "../core/audit.ts";
import type { Limits } from "../core/limits.ts";
import type { StartMessage } from "../guest/messages.ts";
import {
  deniedNet,
  filesPermissions,
  netPermissions,
  processPermissions,
} from "../policy/deno_permissions.ts";
import type { NetworkGrant, Policy, ProcessGrant } from "../policy/grants.ts";
import type { ResolvedSecret } from "../policy/secret.ts";
import type { BrokerLink } from "../protocol/broker_link.ts";
import type { HostEnd } from "../protocol/channel.ts";
import type { BrokerPerformer } from "../protocol/operations.ts";

/** Words that count changes of files; two files that share a word only make each other read anew. */
const CHANGE_WORDS = 1024;

export interface BrokersOptions {
  /** Starts them. */
  readonly backEnd: Pick<BackEnd, "startBroker">;
  /** The grants of the runtime. */
  readonly policy: Policy;
  /** Its directories; host paths are resolved. */
  readonly mounts: readonly Mount[];
  /** Sandboxes that can be alive at once. */
  readonly slots: number;
  /** Whether waiting may spin. */
  readonly spin: boolean;
  /** Whether brokers tell of what they allowed, too. */
  readonly auditAll: boolean;
}

/** A sandbox that comes to the brokers. */
export interface BrokersClient {
  readonly sandbox: string;
  readonly channel: HostEnd;
  /** Called when a broker failed: the sandbox can do nothing with it any more. */
  readonly lose: (why: string) => void;
  readonly policy: Policy;
  /** Its directories. */
  readonly mounts: readonly Mount[];
  readonly limits: Limits;
  readonly secrets: readonly ResolvedSecret[];
  /** Told of every decision that a broker makes about the sandbox. */
  readonly audit: (event: AuditEvent) => void;
  /** Whether it is to be told of what they allow the sandbox, too. */
  readonly auditAll: boolean;
}

/** What binds a sandbox to the brokers, until it is released. */
export interface Attachment {
  readonly links: StartMessage["brokers"];
  /** The sandbox's grants become fewer, at once; files keep their order. */
  narrow(policy: Policy): void;
  /** Ends what a broker does for the sandbox and may take long; nothing of the kind is begun any more. */
  interrupt(): void;
  /** After an interrupt: brokers work for the sandbox again. */
  resume(): void;
  /** The sandbox serves somebody else: what it may use in all counts from zero. */
  renew(): void;
  /** Ends when the brokers have told all that they have decided by now. @returns whether they did, rather than took too long */
  told(): Promise<boolean>;
  /**
   * Ends when the brokers have closed what the sandbox had open, and told all about it. What it has used counts on when it is
   * attached again.
   */
  release(): Promise<void>;
}

export class Brokers {
  /** Words that count changes of files, for guests to look at. */
  readonly changes: SharedArrayBuffer;
  readonly #files: BrokerWorker<FilesMessage> | undefined;
  #net: BrokerWorker<NetMessage> | undefined;
  #process: BrokerWorker<ProcessMessage> | undefined;
  readonly #backEnd: BrokersOptions["backEnd"];
  readonly #auditAll: boolean;
  /** Clients by the id of their sandbox. */
  readonly #clients: Map<string, BrokersClient> = new Map();

  constructor(options: BrokersOptions) {
    const { mounts, auditAll, spin } = options;
    this.#backEnd = options.backEnd;
    this.#auditAll = auditAll;
    this.changes = new SharedArrayBuffer(mounts.length === 0 ? 0 : 4 * CHANGE_WORDS);
    if (mounts.length > 0) {
      const text = { name: "aegis-files", source: FILES_WORKER_TEXT };
      this.#files = this.#start("files", {
        text,
        permissions: filesPermissions(mounts),
        slots: options.slots,
      });
      this.#files.post({
        kind: "start",
        words: this.#files.words,
        mail: this.#files.mail,
        lock: processPathLock(),
        changes: this.changes,
        secret: crypto.getRandomValues(new Uint32Array(4)),
        spin,
      });
    }
    try {
      this.#startAsync(options);
    } catch (error) {
      this.close(); // what was started by then would keep the process alive
      throw error;
    }
  }

  #startAsync({ policy, slots }: BrokersOptions): void {
    if (policy.network.length > 0) {
      const text = { name: "aegis-net", source: NET_WORKER_TEXT };
      const permissions = { net: netPermissions(policy) };
      this.#net = this.#start("net", { text, permissions, deniedNet: deniedNet(policy), slots });
      this.#net.post({ kind: "start", words: this.#net.words, mail: this.#net.mail });
    }
    if (policy.process.length > 0) {
      const text = { name: "aegis-process", source: PROCESS_WORKER_TEXT };
      const permissions = { run: processPermissions(policy) };
      this.#process = this.#start("process", { text, permissions, slots });
      this.#process.post({ kind: "start", words: this.#process.words, mail: this.#process.mail });
    }
  }

  #start<Message extends { readonly kind: string }>(
    performer: BrokerPerformer,
    options: Omit<BrokerProgram, "performer"> & { readonly slots: number },
  ): BrokerWorker<Message> {
    const { slots, ...program } = options;
    return new BrokerWorker({
      start: () => this.#backEnd.startBroker({ ...program, performer }),
      slots,
      performer,
      audit: (events) => {
        for (const event of events) this.#clients.get(event.sandbox)?.audit(event);
      },
    });
  }

  /** Ends when all serve. @throws {AegisError} `GuestFault` */
  async started(): Promise<void> {
    await Promise.all([this.#files?.started, this.#net?.started, this.#process?.started]);
  }

  /** Takes a sandbox in, before its guest starts. @throws {AegisError} `GuestFault`, `TooManySandboxes` */
  attach(client: BrokersClient): Attachment {
    const files = client.mounts.length === 0 ? undefined : this.#attachFiles(client);
    let net: Attached<NetworkGrant> | undefined, process: Attached<ProcessGrant> | undefined;
    try {
      net = client.policy.network.length === 0 ? undefined : this.#attachNet(client);
      process = client.policy.process.length === 0 ? undefined : this.#attachProcess(client);
    } catch (error) {
      void files?.release(); // one of them has failed, and the others still serve
      void net?.release();
      throw error;
    }
    this.#clients.set(client.sandbox, client);
    // Once it is given back, a slot is another sandbox's.
    let attached = true;
    return {
      links: {
        ...(files === undefined ? {} : { files: files.link }),
        ...(net === undefined ? {} : { net: net.link }),
        ...(process === undefined ? {} : { process: process.link }),
      },
      narrow: (policy) => {
        if (!attached) return;
        files?.narrow(policy);
        net?.narrow(policy.network);
        process?.narrow(policy.process);
      },
      interrupt: () => {
        if (!attached) return;
        net?.interrupt();
        process?.interrupt();
      },
      resume: () => {
        if (!attached) return;
        net?.resume();
        process?.resume();
      },
      renew: () => {
        if (!attached) return;
        files?.renew();
        net?.renew();
        process?.renew();
      },
      told: async () => {
        if (!attached) return true;
        const all = await Promise.all([files?.told(), net?.told(), process?.told()]);
        return !all.includes(false);
      },
      release: once(async () => {
        attached = false;
        await Promise.all([files?.release(), net?.release(), process?.release()]);
        this.#clients.delete(client.sandbox);
      }),
    };
  }

  /** A sandbox has ended, and is not attached again. */
  forget(sandbox: string): void {
    for (const broker of [this.#files, this.#net]) broker?.send({ kind: "forget", sandbox });
  }

  #attachFiles(client: BrokersClient) {
    const broker = this.#files, { mounts, limits } = client;
    if (broker === undefined) return undefined;
    const slot = broker.take(client);
    broker.post({ ...this.#coming(client, slot), mounts, quotas: limits });
    return {
      link: broker.link(slot),
      narrow: ({ filesystem }: Policy) =>
        broker.post({ kind: "narrow", slot, mounts: narrowMounts(mounts, filesystem) }),
      renew: () => broker.post({ kind: "renew", slot }),
      told: () => broker.told(slot, { kind: "tell", slot }),
      release: () => broker.release(slot, { kind: "detach", slot }),
    };
  }

  #attachNet(client: BrokersClient) {
    const broker = this.#net, { policy, limits, secrets } = client, { timeout } = limits;
    if (broker === undefined) return undefined;
    const slot = broker.take(client);
    const own = { grants: policy.network, quotas: limits, secrets, timeout };
    broker.post({ ...this.#coming(client, slot), ...own });
    return asyncAttachment<NetworkGrant>(broker, slot);
  }

  #attachProcess(client: BrokersClient) {
    const broker = this.#process, { policy, limits } = client, { outputSize, timeout } = limits;
    if (broker === undefined) return undefined;
    const slot = broker.take(client);
    broker.post({ ...this.#coming(client, slot), grants: policy.process, outputSize, timeout });
    return asyncAttachment<ProcessGrant>(broker, slot);
  }

  /** What every broker is told of a sandbox that comes. */
  #coming({ sandbox, channel, auditAll }: BrokersClient, slot: number) {
    return {
      kind: "attach",
      slot,
      sandbox,
      channel: channel.buffer,
      auditAll: auditAll || this.#auditAll,
    } as const;
  }

  async close(): Promise<void> {
    const brokers = [this.#files, this.#net, this.#process];
    await Promise.all(brokers.map((broker) => broker?.close({ kind: "close" })));
  }
}

/** What binds a sandbox to a broker that serves in its event loop. */
interface Attached<OwnGrant> {
  readonly link: BrokerLink;
  readonly narrow: (grants: readonly OwnGrant[]) => void;
  readonly interrupt: () => void;
  readonly resume: () => void;
  readonly renew: () => void;
  readonly told: () => Promise<boolean>;
  readonly release: () => Promise<void>;
}

function asyncAttachment<OwnGrant>(
  broker: BrokerWorker<
    | NarrowAsyncMessage<OwnGrant>
    | InterruptMessage
    | ResumeMessage
    | RenewMessage
    | TellMessage
    | DetachMessage
  >,
  slot: number,
): Attached<OwnGrant> {
  return {
    link: broker.link(slot),
    narrow: (grants: readonly OwnGrant[]) => broker.post({ kind: "narrow", slot, grants }),
    interrupt: () => broker.post({ kind: "interrupt", slot }),
    resume: () => broker.post({ kind: "resume", slot }),
    renew: () => broker.post({ kind: "renew", slot }),
    told: () => broker.told(slot, { kind: "tell", slot }),
    release: () => broker.release(slot, { kind: "detach", slot }),
  };
}

/** Does something once, however often it is asked for: a slot that was given back may be another sandbox's by now. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => done ??= work();
}
