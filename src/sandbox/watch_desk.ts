/** What a guest that is watched tells the host, handed to who watches. What a guest says is checked by who reads it. */
import { ERRNO } from "../protocol/errno.ts";
import type { Answer, RequestOf } from "../protocol/operations.ts";

/** Takes what is told. A promise keeps the guest waiting. */
export type WatchTaker = (kind: number, bytes: Uint8Array<ArrayBuffer>) => Uint8Array | Promise<Uint8Array>;

const NOTHING: Uint8Array = new Uint8Array();

export class WatchDesk {
  /** Who watches; nobody at first. */
  taker: WatchTaker | undefined;
  /** Told when the guest was stopped, and what it waits for is not wanted any more. */
  onAbandon: (() => void) | undefined;

  take({ kind, bytes }: RequestOf<"watched">): Answer<"watched"> | Promise<Answer<"watched">> {
    const answer = (said: Uint8Array) => ({ errno: ERRNO.success, reply: { bytes: said } } as const);
    if (this.taker === undefined) return { errno: ERRNO.nosys };
    const said = this.taker(kind, new Uint8Array(bytes)) ?? NOTHING;
    return said instanceof Uint8Array ? answer(said) : said.then(answer);
  }

  abandon(): void {
    this.onAbandon?.();
  }
}
