import { BrokerEnd } from "../../src/protocol/broker_end.ts";
import { GuestEnd } from "../../src/protocol/channel.ts";
import {
  createSharedBuffer,
  FrameArea,
  FrameError,
  FrameReader,
  FrameWriter,
} from "../../src/protocol/frame.ts";
import { FIRST_FRAME_SIZE, FRAME_START, FRAMES, TURNS, WORDS } from "../../src/protocol/layout.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

const LINK = { words: new Int32Array(new SharedArrayBuffer(12)), bell: 0, readyWord: 2, readyBit: 1 };

Deno.test("BrokerEnd is asked when the turn is its own, and gives it back to the guest", () => {
  const buffer = createSharedBuffer(65536), guest = new GuestEnd(buffer);
  const files = new BrokerEnd(buffer, "files"), net = new BrokerEnd(buffer, "net");
  assertEquals([files.asked, net.asked], [false, false]);
  guest.writer().string("question");
  guest.giveBroker("files", LINK);
  assertEquals([files.asked, net.asked], [true, false]);
  assertEquals([files.frameKind, files.reader().string()], [FRAMES.operation, "question"]);
  files.writer().string("answer");
  files.give();
  assertEquals(files.asked, false);
  guest.waitForTurn();
  assertEquals([guest.frameKind, guest.reader().string()], [FRAMES.answer, "answer"]);
  assertEquals(files.room, guest.room);
});

Deno.test("BrokerEnd.give() leaves a turn that is no longer its own", () => {
  const buffer = createSharedBuffer(65536),
    words = new Int32Array(buffer, 0, 64),
    files = new BrokerEnd(buffer, "files");
  words[WORDS.turn] = TURNS.host;
  files.writer();
  files.give();
  assertEquals(words[WORDS.turn], TURNS.host);
});

Deno.test("FrameWriter.place() is where the next bytes will lie, and they are not copied", () => {
  const buffer = createSharedBuffer(65536), writer = new FrameWriter(new FrameArea(buffer));
  const place = writer.place(10_000, 4);
  assertEquals([place.byteOffset, place.length], [FRAME_START + 8, 10_000]);
  assert(buffer.byteLength >= FRAME_START + 8 + 10_000, "the frame has grown for it");
  place.set([1, 2, 3]);
  writer.u32(7);
  writer.bytes(place.subarray(0, 3));
  writer.u8(9);
  const reader = new FrameReader(new FrameArea(buffer), writer.length);
  assertEquals([reader.u32(), [...reader.bytes()], reader.u8()], [7, [1, 2, 3], 9]);
});

Deno.test("FrameWriter.bytes() copies bytes of its own buffer that lie elsewhere", () => {
  const buffer = createSharedBuffer(65536), writer = new FrameWriter(new FrameArea(buffer));
  const place = writer.place(3, 100);
  place.set([1, 2, 3]);
  writer.bytes(place);
  assertEquals([...new FrameReader(new FrameArea(buffer), writer.length).bytes()], [1, 2, 3]);
});

Deno.test("FrameWriter.place() is cut where the frame ends", () => {
  const buffer = createSharedBuffer(FIRST_FRAME_SIZE), writer = new FrameWriter(new FrameArea(buffer));
  assertEquals(writer.place(2 ** 40, 4).length, FIRST_FRAME_SIZE - 8);
  assertEquals(writer.place(5, FIRST_FRAME_SIZE - 4).length, 0);
  assertThrows(() => writer.place(5, FIRST_FRAME_SIZE), FrameError, "the limit is");
});
