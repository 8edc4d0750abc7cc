/** Messages between the host and a broker. What a guest asks for never comes this way: it comes through its channel. */
import type { HostIdentity } from "./identity.ts";
import type { AuditEvent } from "../core/audit.ts";
import type { FilesystemGrant, NetworkGrant, ProcessGrant } from "../policy/grants.ts";
import type { ResolvedSecret } from "../policy/secret.ts";

export { BROKER_WORDS } from "../protocol/broker_words.ts";

/** What bounds one sandbox's use of files; bytes, bytes a second, counts; Infinity for no bound. */
export interface FileQuotas {
  readonly openFiles: number;
  readonly createdFiles: number;
  readonly readBytes: number;
  readonly writeBytes: number;
  readonly fileSize: number;
  readonly readRate: number;
  readonly writeRate: number;
}

/** First message to the files broker. */
export interface StartFilesMessage {
  readonly kind: "start";
  /** The words of `protocol/broker_words.ts`. */
  readonly words: SharedArrayBuffer;
  /** One word, which counts the messages that the host has posted; no guest holds it. */
  readonly mail: SharedArrayBuffer;
  /** One word that all file brokers of this process share: the lock that is held during a path operation. */
  readonly lock: SharedArrayBuffer;
  /** Words that count changes of files: `file % length` is the index. Guests look at them, brokers add to them. */
  readonly changes: SharedArrayBuffer;
  /** Key under which device and inode numbers are hidden. */
  readonly secret: Uint32Array;
  /** Whether to look for work a while before parking; off on one core. */
  readonly spin: boolean;
}

/** A sandbox comes. `mounts[i]` becomes descriptor `i`. Its guest does not run yet. */
export interface AttachMessage {
  readonly kind: "attach";
  /** Index of its ready bit. */
  readonly slot: number;
  readonly sandbox: string;
  /** Its channel. */
  readonly channel: SharedArrayBuffer;
  /** Host paths are absolute and without links. */
  readonly mounts: readonly Mount[];
  readonly quotas: FileQuotas;
  /** Whether decisions that allowed something are told, too. */
  readonly auditAll: boolean;
}

/** A directory that a guest finds open. */
export interface Mount extends Omit<FilesystemGrant, "kind"> {
  /**
   * When single files were granted: their names in the directory `hostPath`, which shows nothing else, and itself
   * cannot be listed or looked at by the broker. Undefined for a directory that was granted as a whole.
   */
  readonly only: readonly string[] | undefined;
  /**
   * What was found when the directory, or the one file, was granted: a path that leads elsewhere by now leads to
   * nothing. Undefined: what is there when the sandbox comes.
   */
  readonly identity?: HostIdentity;
}

/** A sandbox's grants become fewer, at once; descriptors stay open but can do no more than the grants. */
export interface NarrowMessage {
  readonly kind: "narrow";
  readonly slot: number;
  /** As many as before, in the same order. */
  readonly mounts: readonly Mount[];
}

/** A sandbox serves somebody else: bytes and names count from zero. Rates go on, and so does what is open. */
export interface RenewMessage {
  readonly kind: "renew";
  readonly slot: number;
}

/** A sandbox goes, or its guest does: everything it has open is closed. What it has used counts on if it comes again. */
export interface DetachMessage {
  readonly kind: "detach";
  readonly slot: number;
}

/** A sandbox has ended: it does not come again. */
export interface ForgetMessage {
  readonly kind: "forget";
  readonly sandbox: string;
}

/** What was decided about a sandbox is to be told now, rather than when it is due. */
export interface TellMessage {
  readonly kind: "tell";
  readonly slot: number;
}

/** The last message. */
export interface CloseMessage {
  readonly kind: "close";
}

export type FilesMessage =
  | StartFilesMessage
  | AttachMessage
  | NarrowMessage
  | RenewMessage
  | TellMessage
  | DetachMessage
  | ForgetMessage
  | CloseMessage;

/** From a broker to the host. */
export type BrokerReport =
  /** It serves from now on. */
  | { readonly kind: "ready" }
  | { readonly kind: "audit"; readonly events: readonly AuditEvent[] }
  /** All that was decided about the sandbox of that slot has been told. */
  | { readonly kind: "told"; readonly slot: number }
  /** The sandbox of that slot is detached. */
  | { readonly kind: "detached"; readonly slot: number }
  | { readonly kind: "closed" };

/** First message to a broker that serves in its event loop. */
export interface StartAsyncMessage {
  readonly kind: "start";
  /** The words of `protocol/broker_words.ts`. */
  readonly words: SharedArrayBuffer;
  /** One word, which counts the messages that the host has posted; no guest holds it. */
  readonly mail: SharedArrayBuffer;
}

/** A sandbox comes to such a broker. Its guest does not run yet. */
export interface AttachAsyncMessage<OwnGrant> {
  readonly kind: "attach";
  /** Index of its ready bit. */
  readonly slot: number;
  readonly sandbox: string;
  /** Its channel. */
  readonly channel: SharedArrayBuffer;
  readonly grants: readonly OwnGrant[];
  /** Whether decisions that allowed something are told, too. */
  readonly auditAll: boolean;
}

/** A sandbox's grants become fewer, at once: what is open or under way by one that is gone ends. */
export interface NarrowAsyncMessage<OwnGrant> {
  readonly kind: "narrow";
  readonly slot: number;
  readonly grants: readonly OwnGrant[];
}

/** Ends the operation that is under way for a sandbox; its guest gets `intr`, and nothing is begun for it any more. */
export interface InterruptMessage {
  readonly kind: "interrupt";
  readonly slot: number;
}

/** After an interrupt: operations of a sandbox are performed again. */
export interface ResumeMessage {
  readonly kind: "resume";
  readonly slot: number;
}

/** Messages to a broker that serves in its event loop; `Attach` is how its sandboxes come. */
export type AsyncMessage<Attach extends AttachAsyncMessage<unknown>> =
  | StartAsyncMessage
  | Attach
  | NarrowAsyncMessage<Attach["grants"][number]>
  | InterruptMessage
  | ResumeMessage
  | RenewMessage
  | TellMessage
  | DetachMessage
  | ForgetMessage
  | CloseMessage;

/** What bounds one sandbox's use of hosts; counts, bytes, bytes a second; Infinity for no bound. */
export interface NetQuotas {
  /** Responses open at once. */
  readonly connections: number;
  /** Heads and bodies of responses. */
  readonly readBytes: number;
  /** Heads and bodies of requests, of each hop. */
  readonly writeBytes: number;
  readonly readRate: number;
  readonly writeRate: number;
}

/** A sandbox comes to the network broker. */
export interface AttachNetMessage extends AttachAsyncMessage<NetworkGrant> {
  readonly quotas: NetQuotas;
  /** @default none */
  readonly secrets?: readonly ResolvedSecret[];
  /**
   * Milliseconds that a request may take, with its redirects, until the head of the response is there; and that each
   * read of its body may take.
   * @default 30_000
   */
  readonly timeout?: number;
}

export type NetMessage = AsyncMessage<AttachNetMessage>;

/** A sandbox comes to the process broker. */
export interface AttachProcessMessage extends AttachAsyncMessage<ProcessGrant> {
  /** Bytes of its stdout, and of its stderr, that are kept of a command; what it prints beyond is dropped. */
  readonly outputSize: number;
  /** Milliseconds that a command may run; then it is killed. */
  readonly timeout: number;
}

export type ProcessMessage = AsyncMessage<AttachProcessMessage>;
