/** The guest's side of the channel's tests, in a Worker: it may park. Each request says what it shall do. */
import { GuestEnd } from "../../src/protocol/channel.ts";
import { FRAMES } from "../../src/protocol/layout.ts";

const scope = globalThis as unknown as { onmessage: (event: { data: SharedArrayBuffer }) => void }; // a Worker's

scope.onmessage = async ({ data }) => {
  const channel = new GuestEnd(data);
  channel.writer();
  channel.give(FRAMES.none);
  for (;;) {
    await channel.nextTurn();
    const task = channel.reader().string();
    if (task === "ask") {
      // As in a host call: the frame goes out, the thread parks, the answer comes in.
      for (let turn = 0; turn < 3; turn++) {
        channel.writer().u32(turn);
        channel.give(FRAMES.hostCall);
        channel.waitForTurn();
        const answer = channel.reader().u32();
        if (answer !== turn * 10) throw new Error(`The host answered ${answer} in turn ${turn}`);
      }
    } else if (task === "pause") {
      channel.setState("paused");
      channel.waitWhilePaused(0);
      channel.setState("running");
    }
    channel.writer().string(`${task} done`);
    channel.give(FRAMES.result);
  }
};
