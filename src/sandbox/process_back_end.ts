/**
 * Everything untrusted in processes of its own, which need no unstable flag: each guest in one, the preparer in one.
 * Between the host and the guests' processes stands the relay Worker; it has the host's permissions, as it starts the
 * processes, and runs nothing but our own program.
 */
import { type BackEnd, type BrokerProgram, PREPARE_PROGRAM } from "./back_end.ts";
import { checkHeld, permissionFlags } from "./child_permissions.ts";
import { CHILD_PROGRAM_TEXT } from "./child_program.gen.ts";
import { startChildPort } from "./child_port.ts";
import type { GuestBackEnd } from "./guest_back_end.ts";
import { GUEST_WORKER_TEXT } from "./guest_worker.gen.ts";
import { RelayPort } from "./relay_port.ts";
import { RELAY_WORKER_TEXT } from "./relay_worker.gen.ts";
import { tlsEnvironment } from "./tls_environment.ts";
import { startTrustedWorker, type WorkerPort } from "./worker.ts";
import { AegisError } from "../core/errors.ts";
import type { Limits } from "../core/limits.ts";
import type { BrokerPost } from "../relay/broker_relay.ts";

/** Milliseconds from an abort until a guest's process is killed: nothing is lost by that but the guest. */
const GRACE = 1000;

/** Bytes of a guest's heap, whatever its memory: V8 itself and our own program need a few. */
const LEAST_HEAP = 64 * 1024 * 1024, MOST_HEAP = 4 * 1024 * 1024 * 1024;

/** Bytes of the heap of the process that prepares modules. */
const PREPARE_HEAP = 2 * 1024 * 1024 * 1024;

/** A prepared module is larger than the original: by its code, which is kept twice as it travels, and by its maps. */
const PREPARED_GROWTH = 16, PREPARED_BASE = 16 * 1024 * 1024;

/** Milliseconds that the relay is kept without a guest: it would keep this process alive. */
const IDLE_TIME = 200;

/** @throws {AegisError} `UnsupportedPlatform` when this process cannot start others */
function checkProcesses(): void {
  if (Deno.build.standalone) {
    throw new AegisError(
      "UnsupportedPlatform",
      "Cannot isolate guests in processes: this is a compiled program, which has no deno to start",
      {
        field: "isolation",
        suggestion: 'Compile it with --unstable-worker-options and set isolation to "worker".',
      },
    );
  }
  const execPath = Deno.execPath();
  if (Deno.permissions.querySync({ name: "run", command: execPath }).state === "granted") return;
  throw new AegisError(
    "UnsupportedPlatform",
    `Cannot isolate guests in processes: this process may not run ${execPath}, and it saw no flag for Workers`,
    {
      field: "isolation",
      suggestion:
        `Run it with --allow-run=${execPath}. Or isolate guests in Workers: add "unstable": ["worker-options"] to deno.json or run with --unstable-worker-options; if that is on, and this process may not see it (it takes -A to read its own command line), set isolation to "worker".`,
    },
  );
}

export class ProcessBackEnd implements BackEnd {
  readonly preparing = { unboundedHeap: true, codeAsBytes: true } as const;
  readonly #limits: Limits;
  #relay: RelayPort | undefined;
  /** Relays that still end their processes. */
  readonly #closing: Set<Promise<void>> = new Set();
  #idle: ReturnType<typeof setTimeout> | undefined;
  #lastId = 0;

  /** @throws {AegisError} `UnsupportedPlatform` when this process cannot start others */
  constructor(limits: Limits) {
    checkProcesses();
    this.#limits = limits;
  }

  readonly startGuest = (onFailure: (why: string) => void): GuestBackEnd => {
    const id = ++this.#lastId;
    let relay: RelayPort | undefined;
    return {
      grace: GRACE,
      post: (message) => {
        if (message.kind !== "start") return relay?.post({ kind: "post", id, message });
        const { buffer, brokers: links, changes: _, ...start } = message;
        relay = this.#liveRelay();
        relay.start({ kind: "guest", id, buffer, links, start }, { onFailure });
      },
      terminate: () => relay?.end(id),
    };
  };

  startPreparer(): WorkerPort {
    return startChildPort({
      execPath: Deno.execPath(),
      program: CHILD_PROGRAM_TEXT,
      heapSize: PREPARE_HEAP,
      workerProgram: PREPARE_PROGRAM.source,
      answerSize: PREPARED_BASE + PREPARED_GROWTH * this.#limits.moduleSize,
    });
  }

  /** A broker in a process of its own. @throws {Deno.errors.NotCapable} for permissions that this process has not */
  startBroker({ performer, text, permissions, deniedNet = [] }: BrokerProgram): WorkerPort {
    checkHeld(permissions);
    const id = ++this.#lastId, relay = this.#liveRelay();
    const port: WorkerPort = {
      onmessage: null,
      onerror: null,
      onmessageerror: null,
      // `as`: the relay reads of the messages what all have in common
      postMessage: (message) => relay.post({ kind: "brokerPost", id, message: message as BrokerPost }),
      terminate: () => relay.end(id),
    };
    const request = {
      kind: "broker",
      id,
      performer,
      program: text.source,
      permissions: permissionFlags(permissions, deniedNet),
      environment: performer === "net" ? tlsEnvironment() : {},
    } as const;
    relay.start(request, {
      onFailure: (message) => port.onerror?.({ message, preventDefault: () => {} }),
      onReport: (data) => port.onmessage?.({ data }),
    });
    return port;
  }

  /** Ends all processes; returns when they are gone, those of earlier closes, too. */
  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const closed = this.#relay?.close();
    this.#relay = undefined;
    if (closed !== undefined) {
      this.#closing.add(closed);
      void closed.then(() => this.#closing.delete(closed));
    }
    await Promise.all(this.#closing);
  }

  #liveRelay(): RelayPort {
    clearTimeout(this.#idle);
    return this.#relay ??= this.#startRelay();
  }

  #startRelay(): RelayPort {
    const worker = startTrustedWorker({ name: "aegis-relay", source: RELAY_WORKER_TEXT });
    const relay: RelayPort = new RelayPort(worker, {
      idle: () => {
        if (this.#relay !== relay) return;
        clearTimeout(this.#idle);
        this.#idle = setTimeout(() => void this.close(), IDLE_TIME);
      },
      failed: () => {
        if (this.#relay === relay) this.#relay = undefined;
      },
    });
    relay.post({
      kind: "settings",
      execPath: Deno.execPath(),
      childProgram: CHILD_PROGRAM_TEXT,
      guestProgram: GUEST_WORKER_TEXT,
      heapSize: Math.min(Math.max(this.#limits.memoryLimit, LEAST_HEAP), MOST_HEAP),
      frameSize: this.#limits.frameSize,
    });
    return relay;
  }
}
