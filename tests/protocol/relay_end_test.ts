/** The end of a channel that a relay holds: what it takes may be a guest's, what it puts a hijacked child's. */
import { createSharedBuffer, FrameError } from "../../src/protocol/frame.ts";
import { FIRST_FRAME_SIZE, FRAMES, WORDS } from "../../src/protocol/layout.ts";
import { RelayEnd } from "../../src/protocol/relay_end.ts";
import { assertEquals, assertThrows } from "../assert.ts";

const LIMIT = 16_384;

Deno.test("RelayEnd.putFrame() lays down what takeFrame() takes, in a buffer that grows", () => {
  const end = new RelayEnd(createSharedBuffer(LIMIT), "host");
  for (const length of [0, 1, 7, FIRST_FRAME_SIZE, FIRST_FRAME_SIZE + 1, LIMIT, 3]) {
    const bytes = Uint8Array.from({ length }, (_, index) => index + length);
    end.putFrame({ kind: FRAMES.call, bytes });
    assertEquals(end.takeFrame(), { kind: FRAMES.call, bytes });
  }
});

Deno.test("RelayEnd.takeFrame() gives bytes that the next frame does not change", () => {
  const end = new RelayEnd(createSharedBuffer(LIMIT), "host");
  end.putFrame({ kind: FRAMES.call, bytes: Uint8Array.of(1, 2) });
  const { bytes } = end.takeFrame();
  end.putFrame({ kind: FRAMES.call, bytes: Uint8Array.of(8, 9) });
  assertEquals(bytes, Uint8Array.of(1, 2));
});

Deno.test("RelayEnd.takeFrame() takes a frame that another end has made the buffer grow for", () => {
  const buffer = createSharedBuffer(LIMIT),
    one = new RelayEnd(buffer, "host"),
    other = new RelayEnd(buffer, "guest");
  other.takeFrame();
  one.putFrame({ kind: FRAMES.result, bytes: new Uint8Array(LIMIT).fill(7) });
  assertEquals(other.takeFrame().bytes, new Uint8Array(LIMIT).fill(7));
});

Deno.test("RelayEnd refuses lengths that no honest side writes", () => {
  const buffer = createSharedBuffer(LIMIT), end = new RelayEnd(buffer, "host");
  for (const length of [-1, FIRST_FRAME_SIZE + 1, 2 ** 31 - 1, -(2 ** 31)]) {
    new Int32Array(buffer, 0, 64)[WORDS.frameLength] = length;
    assertThrows(() => end.takeFrame(), FrameError, `${length}`);
  }
  assertThrows(
    () => end.putFrame({ kind: FRAMES.call, bytes: new Uint8Array(LIMIT + 1) }),
    FrameError,
    "the limit is 16KiB",
  );
});
