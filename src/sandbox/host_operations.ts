/** The operations that the host itself performs for a guest: its input, its output, its log, its sensors, its channels. */
import type { AlertMessages } from "./alert_messages.ts";
import type { Denials } from "./denials.ts";
import type { GuestChannels } from "./guest_channels.ts";
import { logLevel, type LogMessages } from "./log_messages.ts";
import { type Reading, readSensor } from "./sensor_reading.ts";
import type { StandardInput } from "./standard_input.ts";
import type { StandardOutput } from "./standard_output.ts";
import type { WatchDesk } from "./watch_desk.ts";
import { alertLevel } from "../core/alert_level.ts";
import type { AuditEvent } from "../core/audit.ts";
import { isThenable } from "../core/thenable.ts";
import { auditEvent, missingGrant } from "../policy/audit_event.ts";
import { decide, type Decision, type PolicyRequest } from "../policy/decide.ts";
import type { Policy } from "../policy/grants.ts";
import type { Denial } from "../policy/request.ts";
import { DEFAULT_PORTS } from "../policy/host_pattern.ts";
import { quote } from "../core/quote.ts";
import { ERRNO } from "../protocol/errno.ts";
import { POWERS } from "../protocol/powers.ts";
import {
  type Answer,
  LONGEST_CHANNEL_NAME,
  type MissingGrant,
  type OperationsBy,
  type RequestOf,
} from "../protocol/operations.ts";

type HostOperationName = OperationsBy<"host">;

type Performed<Name extends HostOperationName> = Answer<Name> | Promise<Answer<Name>>;

type HostPerformers = {
  readonly [Name in HostOperationName]: (request: RequestOf<Name>) => Performed<Name>;
};

/** An answer to what was denied. */
type Refusal = { readonly errno: typeof ERRNO.notcapable; readonly missing?: MissingGrant };

/** What they need of a sandbox. */
export interface HostOperationsOptions {
  readonly sandbox: string;
  /** Asked anew each time, since it may be narrowed. */
  readonly policy: () => Policy;
  readonly input: StandardInput;
  readonly output: StandardOutput;
  readonly log: LogMessages;
  readonly alerts: AlertMessages;
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
    readSensor: true,
    sendAlert: true,
    used: true,
  };

  /** @throws what a sink for output throws */
  perform<Name extends HostOperationName>(name: Name, request: RequestOf<Name>): Performed<Name> {
    return this.#performers[name](request);
  }

  /** An operation that is under way is not waited for any more: the guest was stopped. */
  abandon(name: HostOperationName): void {
    if (name === "channelSend" || name === "channelReceive") this.#options.channels.abandon();
    else if (name === "watched") this.#options.watch.abandon();
    else if (name === "readInput" || name === "pollInput") this.#options.input.abandon();
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

  /** Refuses what was denied, and tells about it. */
  #refuse(request: PolicyRequest, denial: Denial): Refusal {
    this.#tell(request, denial);
    return { errno: ERRNO.notcapable, missing: missingGrant(request, denial) };
  }

  /** As {@linkcode decide}, with what the guest gets in place of what it asked for. */
  #refusalOf(request: PolicyRequest): Refusal | undefined {
    const decision = this.decide(request);
    return decision.allowed
      ? undefined
      : { errno: ERRNO.notcapable, missing: missingGrant(request, decision) };
  }

  /** Tells of what came to nothing for a reason that is in no policy. */
  #tellOf(facts: Pick<AuditEvent, "capability" | "action" | "target" | "reason">): void {
    const { sandbox, audit, denials } = this.#options;
    const event = { time: Date.now(), sandbox, ...facts, allowed: false };
    denials.add(event);
    audit(event);
  }

  /** Decides about a channel, which the host grants by opening it. */
  #refusalOfChannel(target: string): Refusal | undefined {
    const { sandbox, audit, channels } = this.#options, facts = { capability: "channel", action: "open" };
    if (channels.has(target)) {
      audit({ time: Date.now(), sandbox, ...facts, target, allowed: true });
      return undefined;
    }
    const reason = "the host has opened no channel of that name";
    this.#tellOf({ ...facts, target, reason });
    const hint = `Open it: sandbox.channel(${quote(target)}).`;
    return { errno: ERRNO.notcapable, missing: { ...facts, reason, hint } };
  }

  /** The answer to a reading; one that came to nothing is a zero, and recorded. */
  #sensorAnswer(id: number, reading: Reading): Answer<"readSensor"> {
    if ("value" in reading) return { errno: ERRNO.success, reply: { value: reading.value >>> 0 } };
    const reason = `the file of the sensor gives nothing: ${reading.why}`;
    this.#tellOf({ capability: "sensor", action: "read", target: String(id), reason });
    return { errno: ERRNO.success, reply: { value: 0 } };
  }

  /** What stands for the use of a power: one request, or one for each variable. */
  #usesOf(number: number): readonly PolicyRequest[] {
    const power = POWERS[number];
    switch (power) {
      case "monotonic":
      case "realtime":
        return [{ kind: "clock", clock: power }];
      case "random":
        return [{ kind: "random" }];
      case "env":
        return this.#options.policy().env.map(({ name }) => ({ kind: "env", name }));
      default:
        return [];
    }
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
      const refusal = this.#refusalOf({ kind: "logging", level: name });
      if (refusal !== undefined || grant === undefined) return refusal ?? { errno: ERRNO.notcapable };
      const taken = this.#options.log.add(grant, { level: name, text: message, time: Date.now() });
      return taken ? { errno: ERRNO.success, reply: {} } : { errno: ERRNO.again };
    },
    refusedFile: ({ write, path }) => {
      const request = { kind: "filesystem", action: write === 0 ? "read" : "write", path } as const;
      const decision = decide(this.#options.policy(), request);
      return this.#refuse(request, decision.allowed ? UNREACHED : decision);
    },
    refusedRequest: ({ method, url }) => {
      const parsed = URL.parse(url), scheme = parsed?.protocol.slice(0, -1) ?? "";
      if (parsed === null || (scheme !== "http" && scheme !== "https")) return { errno: ERRNO.inval };
      const port = Number(parsed.port) || DEFAULT_PORTS[scheme];
      const request = {
        kind: "network",
        method: method.toUpperCase(),
        scheme,
        host: parsed.hostname,
        port,
      } as const;
      return this.#refusalOf(request) ?? { errno: ERRNO.notcapable };
    },
    refusedCommand: ({ name }) => {
      return this.#refusalOf({ kind: "process", name, moreArgs: false }) ?? { errno: ERRNO.notcapable };
    },
    channelOpen: (request) => {
      // A guest's thread may be forged: what is told must not be as long as a frame.
      if (request.name.length > LONGEST_CHANNEL_NAME) return { errno: ERRNO.nametoolong };
      return this.#refusalOfChannel(request.name) ?? this.#options.channels.open(request);
    },
    channelSend: (request) => this.#options.channels.send(request),
    channelReceive: (request) => this.#options.channels.receive(request),
    channelClose: (request) => this.#options.channels.close(request),
    watched: (request) => this.#options.watch.take(request),
    readSensor: ({ id: bits, reading }) => {
      const id = bits | 0, decision = this.decide({ kind: "sensor", id });
      if (!decision.allowed) {
        return { errno: ERRNO.notcapable, missing: missingGrant({ kind: "sensor", id }, decision) };
      }
      if (decision.grant.kind !== "sensor" || !Number.isSafeInteger(reading) || reading < 0) {
        return { errno: ERRNO.inval };
      }
      const read = readSensor(decision.grant, reading);
      return isThenable(read)
        ? read.then((settled) => this.#sensorAnswer(id, settled))
        : this.#sensorAnswer(id, read);
    },
    sendAlert: ({ level: number, message }) => {
      const level = alertLevel(number), grant = this.#options.policy().alert;
      const facts = { capability: "alert", action: "send" };
      if (level === undefined) {
        this.#tellOf({
          ...facts,
          target: String(number | 0),
          reason: "no level of alerts has that number: 0 to 3 are",
        });
        return { errno: ERRNO.inval };
      }
      const refusal = this.#refusalOf({ kind: "alert", level });
      if (refusal !== undefined || grant === undefined) return refusal ?? { errno: ERRNO.notcapable };
      if (this.#options.alerts.add(grant, { level, text: message, time: Date.now() })) {
        return { errno: ERRNO.success, reply: {} };
      }
      this.#tellOf({ ...facts, target: level, reason: `more than ${grant.rate} alerts in a second` });
      return { errno: ERRNO.again };
    },
    used: ({ power }) => {
      const { policy, sandbox, audit } = this.#options;
      for (const request of this.#usesOf(power)) {
        // No refusal, so none of the guest's denials: without a grant it has a time and bytes that are always the same.
        const event = auditEvent(sandbox, request, { decision: decide(policy(), request), time: Date.now() });
        audit(event.allowed ? event : { ...event, standIn: true });
      }
      return { errno: ERRNO.success, reply: {} };
    },
  };
}
