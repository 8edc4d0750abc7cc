import type { WorkerPort } from "./worker.ts";
import { decodeData, encodeData } from "../protocol/data.ts";
import { type ChildOptions, ChildProcess, type Sending } from "../relay/child_process.ts";
import { failureText } from "../relay/foreign_text.ts";
import { FAILURE_SIZE, packet, type PacketLimits, PACKETS, WireError } from "../relay/wire.ts";

/** What a program in a child process is started with. */
export interface ChildPortOptions extends Omit<ChildOptions, "limits"> {
  /** The text of the program that runs in the child's Worker. */
  readonly workerProgram: string;
  /** The most bytes of one of its answers. */
  readonly answerSize: number;
}

/** Starts a program that takes messages and answers with messages in a child process. */
export function startChildPort({ workerProgram, answerSize, ...options }: ChildPortOptions): WorkerPort {
  const limits: PacketLimits = { [PACKETS.report]: answerSize, [PACKETS.failed]: FAILURE_SIZE };
  /** Requests that are not answered, first one first. */
  const asked: Sending[] = [];
  let ended = false;
  const port: WorkerPort = {
    onmessage: null,
    onerror: null,
    onmessageerror: null,
    postMessage: (message) => void asked.push(child.send(packet(PACKETS.post, encodeData(message)))),
    terminate: () => {
      ended = true;
      child.kill();
    },
  };
  const child = new ChildProcess({ ...options, limits }, {
    packet: (kind, content) => {
      if (ended) return;
      if (kind !== PACKETS.report) return child.kill(failureText(content));
      // Else requests without end could wait in this process for one that reads none of them.
      if (!asked.shift()?.written) throw new WireError("Cannot take an answer to what is unread");
      port.onmessage?.({ data: decodeData(content) });
    },
    end: ({ why }) => {
      if (!ended) port.onerror?.({ message: why, preventDefault: () => {} });
      ended = true;
    },
  });
  child.send(packet(PACKETS.begin, encodeData({ role: "messages", program: workerProgram })));
  return port;
}
