/**
 * The files broker: frames that a forged guest gives it. Each is answered with an error number and the turn, nothing
 * outside of what was granted is read, written or named, and an honest guest is served as ever.
 */
import { ERRNO } from "../../../src/protocol/errno.ts";
import { FRAME_START, FRAMES, TURNS, WORDS } from "../../../src/protocol/layout.ts";
import { writeRequest } from "../../../src/protocol/operation_frames.ts";
import { OPEN_FLAGS, operationOf, OPERATIONS, type RequestOf } from "../../../src/protocol/operations.ts";
import { Place, type RigGuest, SECRET } from "../../broker/files_rig.ts";
import { Choices } from "../choices.ts";
import type { Attempts, Input, Target } from "../target.ts";

const ERRNOS: ReadonlySet<number> = new Set(Object.values(ERRNO));

/** Operations that an input asks for. */
const MOST_OPERATIONS = 24;

/** Inputs after which everything begins anew. */
const LIFE = 500;

const DECODER = new TextDecoder("latin1");

/** Codes of the operations about files, and some that are of others. */
const CODES = Object.values(OPERATIONS).filter(({ by }) => by === "files").map(({ code }) => code);

/** A request by its fields, each from the input; what is no field of the operation is left out. */
function writeFields(guest: RigGuest, choices: Choices, code: number): number {
  const name = operationOf(code);
  if (name === undefined) return 0;
  const request: Record<string, unknown> = {};
  for (const [field, type] of Object.entries(OPERATIONS[name].request)) {
    request[field] = valueOf(type, choices);
  }
  const writer = guest.end.writer();
  writeRequest(writer, name, request as RequestOf<typeof name>); // as its row says
  return writer.length;
}

const PATHS = [
  ...[
    "f",
    "d",
    "d/g",
    "link",
    "up",
    "new",
    "d/new",
    "..",
    "../out",
    "/",
    "",
    ".",
    "d/..",
    "d/../..",
    "link/x",
    "a//b",
  ],
  ...[
    "f/",
    "d/",
    "./f",
    "\0",
    "f\0",
    "../outside/file",
    "up/out",
    "loop",
    "\u{1f600}",
    "x".repeat(300),
    "CON",
    "f:s",
  ],
] as const;

function valueOf(type: string, choices: Choices): unknown {
  switch (type) {
    case "u8":
    case "u32":
      return choices.i32() >>> 0;
    case "f64": {
      const value = choices.i32();
      return value % 5 === 4 ? [NaN, Infinity, -1, 0.5, 2 ** 60][choices.below(5)] : value;
    }
    case "i64":
      return choices.i64();
    case "text":
      return choices.below(4) > 0 ? choices.pick(PATHS) : DECODER.decode(choices.bytes(choices.below(40)));
    default:
      return choices.bytes(choices.byte());
  }
}

class BrokerTarget implements Attempts {
  #place = new Place();
  #guest!: RigGuest;
  #honest!: RigGuest;
  #inputs = 0;

  constructor() {
    this.#begin();
  }

  #begin(): void {
    const place = this.#place.file("f").directory("d").file("d/g").link("link", "f").link("up", "..").link(
      "loop",
      "loop",
    );
    const rig = place.rig(),
      quotas = { openFiles: 64, createdFiles: 300, fileSize: 2 ** 20, writeBytes: 2 ** 24 };
    this.#guest = rig.attach([place.mount()], { frame: 2 ** 16, ...quotas });
    this.#honest = rig.attach([place.mount()]);
  }

  attempt(input: Input): void {
    const choices = new Choices(input);
    for (let count = 0; count < MOST_OPERATIONS && !choices.ended; count++) this.#operate(choices);
    const errno = this.#honest.errno("stat", { descriptor: 0 });
    if (errno !== "success") throw new Error(`An honest guest gets ${errno}`);
    if (++this.#inputs % LIFE === 0) {
      this.close();
      this.#place = new Place();
      this.#begin();
    }
  }

  #operate(choices: Choices): void {
    const guest = this.#guest, view = new Int32Array(guest.buffer, 0, 64), how = choices.byte();
    const code = how < 240 ? CODES[how % CODES.length] ?? 0 : choices.u32();
    guest.end.writer();
    let length = writeFields(guest, choices, code);
    if (how >= 224) length = this.#scribble(choices);
    // As giveBroker() does, with words that a guest should not write.
    const give = guest.end.giveBroker;
    guest.end.giveBroker = (broker, link) => {
      give.call(guest.end, broker, link);
      view[WORDS.frameKind] = how === 239 ? choices.byte() : FRAMES.operation;
      view[WORDS.frameLength] = how === 238 ? choices.u32() | 0 : length;
    };
    guest.give();
    guest.end.giveBroker = give;
    this.#check(view);
  }

  /** Any bytes as a frame. @returns how long it is said to be */
  #scribble(choices: Choices): number {
    const bytes = choices.bytes(choices.byte()), whole = new Uint8Array(this.#guest.buffer);
    whole.set(bytes, FRAME_START + choices.below(2) * 4);
    return bytes.length;
  }

  #check(view: Int32Array): void {
    if (view[WORDS.turn] !== TURNS.guest) throw new Error(`The turn is with ${view[WORDS.turn]}`);
    if (view[WORDS.frameKind] !== FRAMES.answer) {
      throw new Error(`The answer is of kind ${view[WORDS.frameKind]}`);
    }
    const { end } = this.#guest, length = view[WORDS.frameLength] ?? 0;
    if (length < 4) throw new Error(`The answer has ${length} bytes`);
    const errno = end.reader().u32();
    if (!ERRNOS.has(errno)) throw new Error(`No error number: ${errno}`);
    const frame = new Uint8Array(this.#guest.buffer, FRAME_START, length);
    const text = DECODER.decode(frame.slice());
    if (text.includes(SECRET) || text.includes(this.#place.root)) {
      throw new Error("The answer tells of what lies outside");
    }
  }

  close(): void {
    this.#place[Symbol.dispose](); // which looks whether all that lies outside is as it was
  }
}

function seeds(): Input[] {
  const each = CODES.map((_, index) => Uint8Array.from([index, ...[0, 0, 1, 0, 1, 2, 0, 0, 1, 1, 5, 1]]));
  const open = (
    path: number,
    flags: number,
  ) => [CODES.indexOf(OPERATIONS.open.code), 0, 1, path, 150, flags & 255, flags >> 8];
  const all = Object.values(OPEN_FLAGS).reduce((bits, flag) => bits | flag, 0);
  return [...each, Uint8Array.from([...open(0, 1), ...open(1, all), ...each.flatMap((input) => [...input])])];
}

export const target: Target = {
  doc: "files broker: an errno for every frame, nothing outside its grants, other guests served",
  seeds,
  words: PATHS,
  mostBytes: 1024,
  patience: { base: 1500, perKiB: 500 },
  open: () => new BrokerTarget(),
};
