/** The operations that the host itself performs for a guest: its input, its output, its log, its channels. */
import type { Denials } from "./denials.ts";
import type { GuestChannels } from "./guest_channels.ts";
import { logLevel, type LogMessages } from "./log_messages.ts";
import type { StandardInput } from "./standard_input.ts";
import type { StandardOutput } from "./standard_output.ts";
import type { WatchDesk } from "./watch_desk.ts";
import type { AuditEvent } from "../core/audit.ts";
import { auditEvent } from "../policy/audit_event.ts";
import { decide, type Decision, type PolicyRequest } from "../policy/decide.ts";
import type { Policy } from "../policy/grants.ts";
import type { Denial } from "../policy/request.ts";
import { DEFAULT_PORTS } from "../policy/host_pattern.ts";
import { ERRNO } from "../protocol/errno.ts";
import {
  type Answer,
  LONGEST_CHANNEL_NAME,
  type OperationsBy,
  type RequestOf,
} from "../protocol/operations.ts";

type HostOperationName = OperationsBy<"host">;

type Performed<Name extends HostOperationName> = Answer<Name> | Promise<Answer<Name>>;

type HostPerformers = {
  readonly [Name in HostOperationName]: (request: RequestOf<Name>) => Performed<Name>;
};

/** What they need of a sandbox. */
export interface HostOperationsOptions {
  readonly sandbox: string;
  /** Asked anew each time, since it may be narrowed. */
  readonly policy: () => Policy;
  readonly input: StandardInput;
  readonly output: StandardOutput;
  readonly log: LogMessages;
  readonly channels: GuestChannels;
  readonly denials: Denials;
  readonly watch: WatchDesk;
  /** Told of every decision. */
  readonly audit: (event: AuditEvent) => void;
}

/** A path that lies in a grant by its text, and was not looked for in the directory of that grant. */
const UNREACHED: Denial = {
  allowed: false,
  reason: "the path leads through none of the directories that were granted",
  flag: undefined,
  hint: 'a path without "..", below a directory that was granted',
};

/** Bytes of one read of standard input. */
const LARGEST_READ = 64 * 1024;

export class HostOperations {
  readonly #options: HostOperationsOptions;

  constructor(options: HostOperationsOptions) {
    this.#options = options;
  }

  /** Whether an operation is one of these. */
  static performs(name: string): name is HostOperationName {
    return Object.hasOwn(HostOperations.#names, name);
  }

  static readonly #names: { readonly [Name in HostOperationName]: true } = {
    readInput: true,
    pollInput: true,
    writeOutput: true,
    log: true,
    refusedFile: true,
    refusedRequest: true,
    refusedCommand: true,
    channelOpen: true,
    channelSend: true,
    channelReceive: true,
    channelClose: true,
    watched: true,
  };

  /** @throws what a sink for output throws */
  perform<Name extends HostOperationName>(name: Name, request: RequestOf<Name>): Performed<Name> {
    return this.#performers[name](request);
  }

  /** An operation that is under way is not waited for any more: the guest was stopped. */
  abandon(name: HostOperationName): void {
    if (name === "channelSend" || name === "channelReceive") this.#options.channels.abandon();
    else if (name === "watched") this.#options.watch.abandon();
    else this.#options.input.abandon();
  }

  /** Decides, and tells about it. */
  decide(request: PolicyRequest): Decision {
    const decision = decide(this.#options.policy(), request);
    this.#tell(request, decision);
    return decision;
  }

  #tell(request: PolicyRequest, decision: Decision): void {
    const { sandbox, audit, denials } = this.#options;
    const event = auditEvent(sandbox, request, { decision, time: Date.now() });
    denials.add(event);
    audit(event);
  }

  /** The same for a channel, which the host grants by opening it. */
  #tellOfChannel(target: string): void {
    const { sandbox, audit, denials, channels } = this.#options, time = Date.now();
    const facts = { time, sandbox, capability: "channel", action: "open", target };
    const event: AuditEvent = channels.has(target)
      ? { ...facts, allowed: true }
      : { ...facts, allowed: false, reason: "the host has opened no channel of that name" };
    denials.add(event);
    audit(event);
  }

  readonly #performers: HostPerformers = {
    readInput: async ({ length }) => {
      const bytes = await this.#options.input.read(Math.min(length, LARGEST_READ));
      return { errno: ERRNO.success, reply: { bytes } };
    },
    pollInput: async ({ timeout }) => {
      const ready = await this.#options.input.ready(timeout);
      return { errno: ERRNO.success, reply: { ready: ready ? 1 : 0 } };
    },
    writeOutput: ({ pieces }) => {
      const written = this.#options.output.write(pieces),
        answer = { errno: ERRNO.success, reply: {} } as const;
      return written === undefined ? answer : written.then(() => answer);
    },
    log: ({ level, message }) => {
      const name = logLevel(level), grant = this.#options.policy().logging;
      if (name === undefined) return { errno: ERRNO.inval };
      const { allowed } = this.decide({ kind: "logging", level: name });
      if (!allowed || grant === undefined) return { errno: ERRNO.notcapable };
      const taken = this.#options.log.add(grant, { level: name, text: message, time: Date.now() });
      return taken ? { errno: ERRNO.success, reply: {} } : { errno: ERRNO.again };
    },
    refusedFile: ({ write, path }) => {
      const request = { kind: "filesystem", action: write === 0 ? "read" : "write", path } as const;
      const decision = decide(this.#options.policy(), request);
      this.#tell(request, decision.allowed ? UNREACHED : decision);
      return { errno: ERRNO.notcapable };
    },
    refusedRequest: ({ method, url }) => {
      const parsed = URL.parse(url), scheme = parsed?.protocol.slice(0, -1) ?? "";
      if (parsed === null || (scheme !== "http" && scheme !== "https")) return { errno: ERRNO.inval };
      const port = Number(parsed.port) || DEFAULT_PORTS[scheme];
      this.decide({ kind: "network", method: method.toUpperCase(), scheme, host: parsed.hostname, port });
      return { errno: ERRNO.notcapable };
    },
    refusedCommand: ({ name }) => {
      this.decide({ kind: "process", name, moreArgs: false });
      return { errno: ERRNO.notcapable };
    },
    channelOpen: (request) => {
      // A guest's thread may be forged: what is told must not be as long as a frame.
      if (request.name.length > LONGEST_CHANNEL_NAME) return { errno: ERRNO.nametoolong };
      this.#tellOfChannel(request.name);
      return this.#options.channels.open(request);
    },
    channelSend: (request) => this.#options.channels.send(request),
    channelReceive: (request) => this.#options.channels.receive(request),
    channelClose: (request) => this.#options.channels.close(request),
    watched: (request) => this.#options.watch.take(request),
  };
}
