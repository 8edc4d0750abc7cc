import { FRAMES, TURNS, WORDS } from "../../src/protocol/layout.ts";
import { readAnswer, writeRequest } from "../../src/protocol/operation_frames.ts";
import { OPERATIONS } from "../../src/protocol/operations.ts";
import { assert, assertEquals } from "../assert.ts";
import { Random } from "../wasm/random.ts";
import { seed } from "../wasm/verdict.ts";
import { errnoName, mountOf, NO_QUOTAS, Place, READ_ONLY, type RigGuest } from "./files_rig.ts";

/** Gives the turn with words that a guest should not write. */
function forge(guest: RigGuest, words: Partial<Record<"frameKind" | "frameLength", number>>): string {
  const view = new Int32Array(guest.buffer, 0, 64);
  const { giveBroker } = guest.end;
  guest.end.giveBroker = (broker, link) => {
    giveBroker.call(guest.end, broker, link);
    for (const [word, value] of Object.entries(words)) view[WORDS[word as keyof typeof words]] = value; // its own keys
  };
  guest.give();
  guest.end.giveBroker = giveBroker;
  assertEquals(view[WORDS.turn], TURNS.guest, "the turn comes back");
  assertEquals(guest.end.frameKind, FRAMES.answer);
  return errnoName(guest.end.reader().u32());
}

Deno.test("answerOperation() answers frames that are no operation, and serves on", () => {
  using place = new Place().file("f");
  const guest = place.guest();
  const request = () => writeRequest(guest.end.writer(), "open", guest.opening("f", ["read"]));
  for (const kind of [FRAMES.none, FRAMES.call, FRAMES.hostCall, FRAMES.answer, 99, -1]) {
    request();
    assertEquals(forge(guest, { frameKind: kind }), "inval", `kind ${kind}`);
  }
  for (const length of [-1, 0, 1, 3, 4, 7, 12, -(2 ** 31), 2 ** 31 - 1, 2 ** 22]) {
    request();
    assertEquals(forge(guest, { frameLength: length }), "inval", `length ${length}`);
  }
  assertEquals(guest.readFile("f"), "content");
});

Deno.test("answerOperation() performs what is its own, and nothing else", () => {
  using place = new Place();
  const guest = place.guest(),
    own = new Set(Object.values(OPERATIONS).filter(({ by }) => by === "files").map(({ code }) => code));
  for (let code = 0; code < 300; code++) {
    if (own.has(code as 20)) continue; // `as`: any number may be asked for
    guest.end.writer().u32(code);
    assertEquals(forge(guest, {}), "nosys", `code ${code}`);
  }
  guest.end.writer().u32(0xffffffff);
  assertEquals(forge(guest, {}), "nosys");
});

Deno.test("answerOperation() takes no length that reaches past its frame", () => {
  using place = new Place();
  const guest = place.guest();
  for (const length of [100, 2 ** 16, 2 ** 31, 2 ** 32 - 1]) {
    const writer = guest.end.writer();
    writer.u32(OPERATIONS.unlink.code);
    writer.u32(0);
    writer.u32(length);
    assertEquals(forge(guest, {}), "inval");
  }
});

Deno.test("answerOperation() survives frames of random bytes", () => {
  using place = new Place().file("f").directory("d");
  const guest = place.guest({}, { openFiles: 8 }), first = seed(), random = new Random(first);
  const codes = Object.values(OPERATIONS).map(({ code }) => code);
  console.log(`seed ${first}`);
  for (let run = 0; run < 3000; run++) {
    const writer = guest.end.writer();
    writer.u32(codes[random.below(codes.length)] ?? 0);
    for (let left = random.below(30); left > 0; left--) {
      switch (random.below(5)) {
        case 0:
          writer.u32(random.below(4));
          break;
        case 1:
          writer.u32(random.below(2 ** 30) * 4);
          break;
        case 2:
          writer.string(["f", "d", "../out", "d/../f", "", "new", "."][random.below(7)] ?? "");
          break;
        case 3:
          writer.f64([NaN, -1, 0, 5, 2 ** 53, 2 ** 60, 100][random.below(7)] ?? 0);
          break;
        default:
          writer.u8(random.below(256));
      }
    }
    forge(guest, {});
  }
  guest.perform("closeAll", {});
  assert(place.has("."));
});

Deno.test("answerOperation() leaves a turn that a guest has taken back", () => {
  using place = new Place().file("f");
  const view = { current: new Int32Array(new SharedArrayBuffer(64)) };
  const rig = place.rigWith({
    readLink: () => "f",
    createDirectory: () => {
      view.current[WORDS.turn] = TURNS.host; // meanwhile, by a guest that plays foul
    },
  });
  const guest = rig.attach([place.mount()]);
  view.current = new Int32Array(guest.buffer, 0, 64);
  writeRequest(guest.end.writer(), "createDirectory", guest.at("new"));
  guest.give();
  assertEquals(view.current[WORDS.turn], TURNS.host);
  assertEquals(rig.service.serve(guest.slot), false, "nothing is served out of turn");
});

Deno.test("an answer that its frame cannot hold is an error", () => {
  using place = new Place();
  const rig = place.rigWith({
    lstat: (path) => ({
      ...Deno.lstatSync(place.path),
      isDirectory: path === place.path,
      isSymlink: path !== place.path,
    }),
    readLink: () => "x".repeat(10_000),
  });
  const guest = rig.attach([mountOf(place.path)], { frame: 4096 });
  assertEquals(guest.errno("readLink", guest.at("l")), "inval");
  assertEquals(guest.errno("stat", { descriptor: 0 }), "success");
});

Deno.test("a broker that is asked to tell does so before it says that it has", () => {
  using place = new Place().file("f");
  const rig = place.rig(), guest = rig.attach([place.mount(READ_ONLY)]);
  assertEquals(guest.errno("unlink", guest.at("f")), "rofs");
  assertEquals(rig.reports, [], "it tells later");
  rig.service.message({ kind: "tell", slot: guest.slot });
  rig.service.message({ kind: "tell", slot: guest.slot });
  assertEquals(rig.reports.map(({ kind }) => kind), ["audit", "told", "told"]);
  assertEquals(rig.reports[1], { kind: "told", slot: guest.slot });
});

Deno.test("detach closes everything, answers whoever waits, and tells the host", () => {
  using place = new Place().file("f");
  const rig = place.rig(), guest = rig.attach([place.mount()]);
  guest.open("f", "read");
  writeRequest(guest.end.writer(), "stat", { descriptor: 0 });
  guest.end.giveBroker("files", { words: new Int32Array(rig.words), bell: 0, readyWord: 2, readyBit: 1 });
  rig.service.message({ kind: "detach", slot: guest.slot });
  assertEquals(errnoName(readAnswer(guest.end.reader(), "stat").errno), "canceled");
  assertEquals(rig.reports.at(-1), { kind: "detached", slot: guest.slot });
  rig.service.message({ kind: "detach", slot: guest.slot });
  assertEquals(rig.service.serve(guest.slot), false);
  assertEquals(rig.service.serve(12345), false);
});

Deno.test("a slot that is taken again has nothing of who was there before", () => {
  using place = new Place().file("f");
  const rig = place.rig(), guest = rig.attach([place.mount()]), descriptor = guest.open("f", "read");
  rig.service.message({ kind: "detach", slot: guest.slot });
  rig.service.message({
    kind: "attach",
    slot: guest.slot,
    sandbox: "next",
    channel: guest.buffer,
    mounts: [place.mount()],
    quotas: NO_QUOTAS,
    auditAll: false,
  });
  assertEquals(guest.errno("read", { descriptor, offset: 0, length: 1 }), "badf");
});
