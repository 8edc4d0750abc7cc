/** The operations of the process broker, for one sandbox. A guest waits for each, so at most one is under way. */
import { keptProcess } from "./kept_grants.ts";
import { checkAmount, MOST_MOVED } from "./amount.ts";
import type { AsyncOperations } from "./async_client.ts";
import { Deadline } from "./deadline.ts";
import { errnoOf } from "./failure.ts";
import type { AttachProcessMessage } from "./messages.ts";
import { ProcessDecisions } from "./process_decisions.ts";
import type { ProcessPorts } from "./process_ports.ts";
import { CommandResults } from "./process_results.ts";
import { runCommand } from "./process_run.ts";
import { readWords } from "./process_words.ts";
import type { AuditEvent } from "../core/audit.ts";
import type { ProcessGrant } from "../policy/grants.ts";
import { policyOf } from "../policy/merge_grants.ts";
import type { ProcessRequest } from "../policy/request.ts";
import { ERRNO } from "../protocol/errno.ts";
import {
  type Answer,
  OperationError,
  type OperationsBy,
  type ReplyOf,
  type RequestOf,
} from "../protocol/operations.ts";

type ProcessOperationName = OperationsBy<"process">;

type Performers = {
  readonly [Name in ProcessOperationName]: (
    request: RequestOf<Name>,
  ) => ReplyOf<Name> | Promise<ReplyOf<Name>>;
};

export interface ProcessOperationsOptions {
  readonly sandbox: Pick<
    AttachProcessMessage,
    "sandbox" | "grants" | "outputSize" | "timeout" | "auditAll"
  >;
  readonly ports: ProcessPorts;
  readonly audit: (event: AuditEvent) => void;
  /** Bytes that a reply can carry. */
  readonly room: number;
}

export class ProcessOperations implements AsyncOperations<"process", ProcessGrant> {
  readonly #ports: ProcessPorts;
  readonly #outputSize: number;
  readonly #timeout: number;
  readonly #room: number;
  readonly #decisions: ProcessDecisions;
  #grants: readonly ProcessGrant[];
  readonly #results: CommandResults = new CommandResults();
  #underway: { readonly request: ProcessRequest; readonly deadline: Deadline } | undefined;
  /** The last command that was run, while the guest has not yet shown that it knows of its end. */
  #unclaimed: number | undefined;

  constructor(
    { sandbox: { grants, outputSize, timeout, ...own }, ports, audit, room }: ProcessOperationsOptions,
  ) {
    const { permitted, wallTime } = ports;
    this.#ports = ports;
    this.#grants = grants;
    this.#outputSize = outputSize;
    this.#timeout = timeout;
    this.#room = room;
    this.#decisions = new ProcessDecisions({ ...own, policy: policyOf(grants), audit, permitted, wallTime });
  }

  /** Never rejects: whatever fails is an error number. */
  async perform<Name extends ProcessOperationName>(
    name: Name,
    request: RequestOf<Name>,
  ): Promise<Answer<Name>> {
    this.#unclaimed = undefined;
    try {
      return { errno: ERRNO.success, reply: await this.#performers[name](request) };
    } catch (error) {
      return {
        errno: ERRNO[errnoOf(error)],
        missing: error instanceof OperationError ? error.missing : undefined,
      };
    }
  }

  /** Kills what is under way. A result whose number may not have reached the guest any more is closed. */
  interrupt(): void {
    this.#underway?.deadline.end("intr");
    if (this.#unclaimed !== undefined) this.#results.close(this.#unclaimed);
    this.#unclaimed = undefined;
  }

  /** Nothing is counted over a life here. */
  renew(): void {}

  /** Takes grants away: a command that is no longer granted is killed, and what it printed is gone. */
  narrow(grants: readonly ProcessGrant[]): void {
    this.#grants = keptProcess(this.#grants, grants);
    this.#decisions.narrow(policyOf(this.#grants));
    const granted = (request: ProcessRequest) => this.#decisions.stillGranted(request);
    if (this.#underway !== undefined && !granted(this.#underway.request)) {
      this.#underway.deadline.end("notcapable");
    }
    this.#results.narrow(granted);
  }

  /** Kills what is under way and lets go of what is open. */
  close(): void {
    this.#underway?.deadline.end("intr");
    this.#results.closeAll();
  }

  readonly #performers: Performers = {
    processRun: async ({ name, words, input }) => {
      const own = readWords(words), request = { kind: "process", name, moreArgs: own.length > 0 } as const;
      this.#results.checkRoom();
      const { command, args } = this.#decisions.run(request);
      // The input lies in memory that the guest can write to.
      const given = { input: new Uint8Array(input), outputSize: this.#outputSize };
      const child = this.#ports.start(command, [...args, ...own]), deadline = new Deadline(this.#timeout);
      this.#underway = { request, deadline };
      try {
        const result = await runCommand(child, given, deadline);
        if (deadline.over) throw new OperationError("intr");
        const process = this.#unclaimed = this.#results.add(request, result);
        const { status, stdout, stderr, truncated } = result;
        return {
          process,
          status,
          stdout: stdout.length,
          stderr: stderr.length,
          truncated: truncated ? 1 : 0,
        };
      } finally {
        deadline.clear();
        this.#underway = undefined;
      }
    },

    processRead: ({ process, stream, offset, length }) => {
      const { stdout, stderr } = this.#results.get(process), start = checkAmount(offset);
      if (stream !== 1 && stream !== 2) throw new OperationError("inval");
      const most = Math.min(length, this.#room, MOST_MOVED);
      return { bytes: (stream === 1 ? stdout : stderr).subarray(start, start + most) };
    },

    processClose: ({ process }) => {
      this.#results.close(process);
      return {};
    },
  };
}
