/** The child's end of its standard input and output. */
import { packet, type PacketKind, type PacketLimits, PacketParser } from "./wire.ts";

/** Bytes that are read at once. */
const CHUNK = 64 * 1024;

/** Sends a packet to the host; returns when all of it is in the pipe. */
export type SendPacket = (kind: PacketKind, ...parts: readonly Uint8Array[]) => void;

export const sendPacket: SendPacket = (kind, ...parts) => {
  const bytes = packet(kind, ...parts);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
};

/** Takes packets from the host until the input ends: then the host is gone, and so is this process. */
export async function takePackets(
  limits: PacketLimits,
  onPacket: (kind: PacketKind, content: Uint8Array<ArrayBuffer>) => void,
): Promise<void> {
  const parser = new PacketParser(limits, onPacket), chunk = new Uint8Array(CHUNK);
  for (;;) {
    const count = await Deno.stdin.read(chunk);
    if (count === null) Deno.exit(0);
    parser.push(chunk.subarray(0, count));
  }
}
