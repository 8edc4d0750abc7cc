/** What WASI relies on in the side that performs operations on files; held by the fake, and by the files broker. */
import { ERRNO, type ErrnoName } from "../../src/protocol/errno.ts";
import {
  APPEND,
  FILE_TYPES,
  OPEN_FLAGS,
  type OperationName,
  type Operations,
  type ReplyOf,
  type RequestOf,
} from "../../src/protocol/operations.ts";
import { assert, assertEquals, assertNotEquals } from "../assert.ts";

const ENCODER = new TextEncoder(), DECODER = new TextDecoder();

const CREATE = OPEN_FLAGS.read | OPEN_FLAGS.write | OPEN_FLAGS.create;

/** Operations on an empty directory that may be changed, descriptor 0; what they return is copied at once. */
class Subject {
  constructor(readonly operations: Operations) {}

  ok<Name extends OperationName>(name: Name, request: RequestOf<Name>): ReplyOf<Name> {
    const answer = this.operations.perform(name, request);
    assert(answer.reply !== undefined, `${name} failed with ${answer.errno}`);
    return answer.reply;
  }

  fails<Name extends OperationName>(name: Name, request: RequestOf<Name>, ...allowed: ErrnoName[]): void {
    const { errno } = this.operations.perform(name, request);
    assert(allowed.some((one) => ERRNO[one] === errno), `${name} gave ${errno}`);
  }

  open(path: string, flags: number = CREATE): ReplyOf<"open"> {
    return this.ok("open", { directory: 0, path, flags });
  }

  write(descriptor: number, offset: number, text: string): number {
    return this.ok("write", { descriptor, offset, bytes: ENCODER.encode(text) }).end;
  }

  read(descriptor: number, offset: number, length: number): string {
    return DECODER.decode(this.ok("read", { descriptor, offset, length }).bytes.slice());
  }

  names(descriptor: number, cookie: number, most: number): string[] {
    return this.ok("readDirectory", { descriptor, cookie, most }).entries.map(({ name }) => name);
  }
}

const CASES: Readonly<Record<string, (subject: Subject) => void>> = {
  "read and write work at offsets, short at the end of the file alone"(subject) {
    const { descriptor, type } = subject.open("file");
    assertEquals(type, FILE_TYPES.regularFile);
    assertEquals(subject.write(descriptor, 0, "0123456789"), 10);
    assertEquals(subject.write(descriptor, 12, "x"), 13);
    assertEquals([subject.read(descriptor, 8, 5), subject.read(descriptor, 13, 5)], ["89\0\0x", ""]);
    assertEquals(subject.write(descriptor, APPEND, "end"), 16);
    assertEquals(subject.read(descriptor, 12, 100), "xend");
  },
  "65,536 bytes are moved by one operation"(subject) {
    const { descriptor } = subject.open("file"), bytes = new Uint8Array(65_536).fill(7);
    assertEquals(subject.ok("write", { descriptor, offset: 0, bytes }).written, 65_536);
    assertEquals(subject.ok("read", { descriptor, offset: 0, length: 65_536 }).bytes.length, 65_536);
  },
  "open gives one number for all descriptors of a file, and fails as flags say"(subject) {
    const first = subject.open("file"),
      second = subject.open("file", OPEN_FLAGS.read),
      other = subject.open("other");
    assertEquals(first.file, second.file);
    assertNotEquals(first.descriptor, second.descriptor);
    assertNotEquals(first.file, other.file);
    const at = (path: string, flags: number) => ({ directory: 0, path, flags });
    subject.fails("open", at("missing", OPEN_FLAGS.read), "noent");
    subject.fails("open", at("file", CREATE | OPEN_FLAGS.exclusive), "exist");
    subject.fails("open", at("file", OPEN_FLAGS.read | OPEN_FLAGS.directory), "notdir");
    subject.fails("open", at("file/", OPEN_FLAGS.read), "notdir");
    subject.fails("open", at(".", OPEN_FLAGS.write), "isdir");
    subject.fails("open", at("../file", OPEN_FLAGS.read), "perm", "notcapable");
    subject.fails("open", { ...at("x", CREATE), directory: first.descriptor }, "notdir");
  },
  "open with truncate empties the file"(subject) {
    const { descriptor } = subject.open("file");
    subject.write(descriptor, 0, "text");
    subject.open("file", OPEN_FLAGS.write | OPEN_FLAGS.truncate);
    assertEquals(subject.read(descriptor, 0, 10), "");
  },
  "close frees a descriptor, closeAll all but the preopened"(subject) {
    const { descriptor } = subject.open("file"), stat = () => ({ descriptor });
    subject.ok("close", { descriptor });
    subject.fails("close", { descriptor }, "badf");
    subject.fails("stat", stat(), "badf");
    const again = subject.open("file");
    subject.ok("closeAll", {});
    subject.fails("read", { descriptor: again.descriptor, offset: 0, length: 1 }, "badf");
    assertEquals(subject.ok("stat", { descriptor: 0 }).type, FILE_TYPES.directory);
  },
  "stat, setSize, allocate and setTimes agree"(subject) {
    const { descriptor } = subject.open("file");
    subject.ok("setSize", { descriptor, size: 100 });
    subject.ok("allocate", { descriptor, offset: 90, length: 20 });
    subject.ok("allocate", { descriptor, offset: 0, length: 10 });
    subject.ok("setTimes", { descriptor, accessed: 0n, modified: 1_500_000_000_000_000_000n, flags: 4 });
    const stat = subject.ok("stat", { descriptor });
    assertEquals([stat.size, stat.modified], [110, 1_500_000_000_000_000_000n]);
    const named = subject.ok("statAt", { directory: 0, path: "file", follow: 0 });
    assertEquals([named.inode, named.size, named.type], [stat.inode, 110, FILE_TYPES.regularFile]);
    subject.ok("sync", { descriptor, metadata: 1 });
  },
  "a listing is taken at cookie 0, and stays"(subject) {
    for (const name of ["one", "two", "three"]) subject.open(name);
    const first = subject.names(0, 0, 100);
    assertEquals([first.slice(0, 2), first.slice(2).sort()], [[".", ".."], ["one", "three", "two"]]);
    subject.ok("unlink", { directory: 0, path: "two" });
    assertEquals([subject.names(0, 1, 2), subject.names(0, 3, 100)], [first.slice(1, 3), first.slice(3)]);
    assertEquals(subject.names(0, 5, 100), []);
    assertEquals(subject.names(0, 0, 100).length, 4);
  },
  "directories are made, filled, and removed when they are empty"(subject) {
    const at = (path: string) => ({ directory: 0, path });
    subject.ok("createDirectory", at("sub"));
    subject.fails("createDirectory", at("sub"), "exist");
    subject.open("sub/file");
    subject.fails("removeDirectory", at("sub"), "notempty");
    subject.fails("removeDirectory", at("sub/file"), "notdir");
    subject.fails("unlink", at("sub"), "isdir");
    subject.ok("rename", { ...at("sub/file"), toDirectory: 0, toPath: "moved" });
    subject.ok("link", { ...at("moved"), follow: 0, toDirectory: 0, toPath: "linked" });
    subject.fails("link", { ...at("moved"), follow: 0, toDirectory: 0, toPath: "linked" }, "exist");
    subject.ok("removeDirectory", at("sub"));
    subject.fails("statAt", { ...at("sub"), follow: 0 }, "noent");
    subject.fails("symlink", { target: "moved", ...at("symbolic") }, "perm", "notsup");
  },
};

/** Registers the tests. @param make operations on an empty directory of their own */
export function testOperations(name: string, make: () => Operations): void {
  for (const [behaviour, test] of Object.entries(CASES)) {
    Deno.test(`${name}: ${behaviour}`, () => test(new Subject(make())));
  }
}
