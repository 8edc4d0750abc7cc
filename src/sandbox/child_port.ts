import type { WorkerPort } from "./worker.ts";
import { decodeData, encodeData } from "../protocol/data.ts";
import { type ChildOptions, ChildProcess } from "../relay/child_process.ts";
import { packet, type PacketLimits, PACKETS } from "../relay/wire.ts";

/** What a program in a child process is started with. */
export interface ChildPortOptions extends Omit<ChildOptions, "limits"> {
  /** The text of the program that runs in the child's Worker. */
  readonly workerProgram: string;
  /** The most bytes of one of its answers. */
  readonly answerSize: number;
}

/** The most bytes of a message about a failure. */
const FAILURE_SIZE = 4096;

/** Starts a program that takes messages and answers with messages in a child process. */
export function startChildPort({ workerProgram, answerSize, ...options }: ChildPortOptions): WorkerPort {
  const limits: PacketLimits = { [PACKETS.report]: answerSize, [PACKETS.failed]: FAILURE_SIZE };
  let ended = false;
  const port: WorkerPort = {
    onmessage: null,
    onerror: null,
    onmessageerror: null,
    postMessage: (message) => child.send(packet(PACKETS.post, encodeData(message))),
    terminate: () => {
      ended = true;
      child.kill();
    },
  };
  const child = new ChildProcess({ ...options, limits }, {
    packet: (kind, content) => {
      if (ended) return;
      if (kind === PACKETS.report) port.onmessage?.({ data: decodeData(content) });
      else child.kill(new TextDecoder().decode(content));
    },
    end: ({ why }) => {
      if (!ended) port.onerror?.({ message: why, preventDefault: () => {} });
      ended = true;
    },
  });
  child.send(packet(PACKETS.begin, encodeData({ role: "messages", program: workerProgram })));
  return port;
}
