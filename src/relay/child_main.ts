/**
 * Entry of every child process; bundled to self-contained text. What the process may do was decided when it was
 * started; what it is for comes with the first packet.
 */
import { BrokerChild } from "./broker_child.ts";
import { sendPacket, takePackets } from "./child_link.ts";
import { startChildWorker } from "./child_worker.ts";
import { GuestChild } from "./guest_child.ts";
import { MessageChild } from "./message_child.ts";
import { type PacketKind, PACKETS } from "./wire.ts";
import { decodeData } from "../protocol/data.ts";

/** What a child is for. */
export interface BeginData {
  readonly role: "guest" | "broker" | "messages";
  /** The text of the program that runs in its Worker. */
  readonly program: string;
}

/** What takes the packets after the first. */
interface Role {
  packet(kind: PacketKind, content: Uint8Array<ArrayBuffer>): void;
}

/** The host sends nothing longer; it is not held to it, being trusted. */
const MOST = 0xffffffff;

const ENCODER = new TextEncoder();

function fail(why: string): void {
  sendPacket(PACKETS.failed, ENCODER.encode(why.slice(0, 1000)));
}

function begin({ role, program }: BeginData): Role {
  const worker = startChildWorker(program, fail);
  const ports = { worker, send: sendPacket, fail };
  switch (role) {
    case "guest":
      return new GuestChild(ports);
    case "broker":
      return new BrokerChild(ports);
    case "messages":
      return new MessageChild(ports);
  }
}

let role: Role | undefined;
void takePackets(
  { [PACKETS.begin]: MOST, [PACKETS.post]: MOST, [PACKETS.control]: MOST, [PACKETS.frame]: MOST },
  (kind, content) => {
    // `as`: only our relay writes to this process
    if (kind === PACKETS.begin) role ??= begin(decodeData(content) as BeginData);
    else role?.packet(kind, content);
  },
);
