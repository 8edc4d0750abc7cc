/** The channels of a sandbox without a guest: a test is the guest, by these. */
import { GuestChannels } from "../../src/sandbox/guest_channels.ts";
import { assert } from "../assert.ts";

export const decoder = new TextDecoder(), encoder = new TextEncoder();

export function channels(clearing = false): GuestChannels {
  return new GuestChannels({ frameSize: 65_600, clearing });
}

/** Opens a channel as the guest. @returns its handle */
export function opened(of: GuestChannels, name: string): number {
  const { reply } = of.open({ name });
  assert(reply !== undefined, `${name} is open`);
  return reply.channel;
}

/** Receives as the guest, without waiting: the text, or an error number. */
export function taken(of: GuestChannels, channel: number): string | number {
  const answer = of.receive({ channel, wait: 0, room: 1000 });
  assert(!(answer instanceof Promise));
  return answer.reply === undefined ? answer.errno : decoder.decode(answer.reply.bytes);
}

/** Sends as the guest, without waiting. @returns the error number */
export function given(of: GuestChannels, channel: number, text: string): number {
  const answer = of.send({ channel, wait: 0, bytes: encoder.encode(text) });
  assert(!(answer instanceof Promise));
  return answer.errno;
}
