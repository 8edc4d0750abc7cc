/** What surrounds one guest on the host's side: its input and output, its log, its alerts, its channels, what it was denied. */
import { type Alert, AlertMessages } from "./alert_messages.ts";
import { Denials } from "./denials.ts";
import { GuestChannels } from "./guest_channels.ts";
import { HostOperations } from "./host_operations.ts";
import { type LogMessage, LogMessages } from "./log_messages.ts";
import type { ResolvedProgram } from "./program_input.ts";
import { type InputSource, StandardInput } from "./standard_input.ts";
import { type OutputSink, StandardOutput } from "./standard_output.ts";
import { WatchDesk } from "./watch_desk.ts";
import type { AuditEvent } from "../core/audit.ts";
import type { Policy } from "../policy/grants.ts";

/** What a program finds when it starts, and where what it prints goes. */
export interface ProgramOptions {
  /** Its arguments; the first is its own name. @default `["main"]` */
  readonly args?: readonly string[];
  /** Standard input. @default nothing */
  readonly stdin?: InputSource;
  /** Takes standard output. @default it is kept, see `Sandbox.output` */
  readonly stdout?: OutputSink;
  /** Takes standard error. @default it is kept, see `Sandbox.output` */
  readonly stderr?: OutputSink;
  /** Whether stdin, stdout and stderr are to look like terminals. @default none */
  readonly terminals?: readonly [stdin: boolean, stdout: boolean, stderr: boolean];
  /** Takes what the guest logs, as far as it may. @default it is kept, see `Sandbox.logs` */
  readonly onLog?: (message: LogMessage) => void;
  /** Takes the alerts that the guest sends, as far as it may. @default they are kept, see `Sandbox.alerts` */
  readonly onAlert?: (alert: Alert) => void;
}

export class SandboxIo {
  readonly input: StandardInput;
  readonly output: StandardOutput;
  readonly log: LogMessages;
  readonly alerts: AlertMessages;
  readonly channels: GuestChannels;
  readonly denials: Denials = new Denials();
  readonly watch: WatchDesk = new WatchDesk();
  readonly operations: HostOperations;

  /** @throws {AegisError} `InvalidOption` */
  constructor(
    program: ProgramOptions,
    options: {
      readonly sandbox: string;
      readonly outputSize: number;
      readonly frameSize: number;
      /** Whether each life of the guest serves somebody else. */
      readonly pooled: boolean;
      readonly policy: () => Policy;
      readonly audit: (event: AuditEvent) => void;
      /** Told of each alert that is taken. */
      readonly alerted: (alert: Alert) => void;
    },
  ) {
    const { sandbox, policy, audit, frameSize, pooled } = options;
    this.input = new StandardInput(program.stdin);
    this.output = new StandardOutput(options.outputSize, program);
    this.log = new LogMessages(sandbox, program.onLog);
    this.alerts = new AlertMessages(sandbox, { take: program.onAlert, tell: options.alerted });
    this.channels = new GuestChannels({ frameSize, clearing: pooled });
    const { input, output, log, alerts, channels, denials, watch } = this;
    this.operations = new HostOperations({
      sandbox,
      policy,
      input,
      output,
      log,
      alerts,
      channels,
      denials,
      watch,
      audit,
    });
  }

  /** A new life of the guest begins. */
  restart(): void {
    this.input.restart();
    this.output.restart();
    this.log.restart();
    this.alerts.restart();
    this.channels.restart();
    this.denials.restart();
  }

  /** A call begins that has a program's input of its own. */
  give({ stdin, stdout, stderr }: ResolvedProgram): void {
    if (stdin !== undefined) this.input.give(stdin);
    if (stdout !== undefined || stderr !== undefined) this.output.give(stdout, stderr);
  }

  /** That call has ended. */
  giveBack(): void {
    this.input.giveBack();
    this.output.giveBack();
  }

  close(): void {
    this.input.close();
    this.channels.shut();
  }
}
