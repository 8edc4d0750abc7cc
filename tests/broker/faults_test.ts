import { DENO_FILE_SYSTEM, type FileSystem, type OpenedFile } from "../../src/broker/file_system.ts";
import { TIME_FLAGS } from "../../src/protocol/operations.ts";
import { assert, assertEquals } from "../assert.ts";
import { mountOf, Place, type RigGuest } from "./files_rig.ts";

/** A file system whose `fails`th operation fails, as if the disk were broken. */
class Failing {
  #count = 0;
  readonly fs: FileSystem;

  constructor(readonly fails: number) {
    const step = <Result>(work: () => Result): Result => {
      if (++this.#count === this.fails) throw new Error("broken (os error 5)");
      return work();
    };
    const wrap = <Port extends object>(port: Port, names: readonly (keyof Port)[]): Port => {
      const wrapped = { ...port };
      for (const name of names) {
        const method = port[name];
        if (typeof method !== "function") continue;
        // `as`: the same method, with a step before it.
        wrapped[name] = ((...args: unknown[]) => step(() => method.apply(port, args))) as typeof method;
      }
      return wrapped;
    };
    this.fs = {
      ...wrap(DENO_FILE_SYSTEM, [
        "lstat",
        "readLink",
        "entries",
        "createDirectory",
        "remove",
        "rename",
        "link",
      ]),
      open: (path, options) => {
        const file: OpenedFile = step(() => Deno.openSync(path, options));
        const names = [
          "readSync",
          "writeSync",
          "seekSync",
          "statSync",
          "truncateSync",
          "utimeSync",
          "syncSync",
          "syncDataSync",
        ] as const;
        const failing: Record<string, unknown> = { close: () => file.close() };
        for (const name of names) {
          // `as`: the methods differ in what they take, and all of it is passed on.
          failing[name] = (...args: unknown[]) =>
            step(() => (file[name] as (...args: unknown[]) => unknown)(...args));
        }
        return failing as unknown as OpenedFile; // every method was just made
      },
    };
  }

  get reached(): boolean {
    return this.#count >= this.fails;
  }
}

/** Everything once; returns how often something failed. */
function everything(guest: RigGuest): number {
  let failed = 0;
  const ask: RigGuest["ask"] = (name, request) => {
    const answer = guest.ask(name, request);
    if (typeof answer === "string") {
      failed++;
      assert(["io", "noent", "badf"].includes(answer), `${name}: ${answer}`);
    }
    return answer;
  };
  const open = (path: string, ...flags: Parameters<RigGuest["opening"]>[1]) => {
    const answer = ask("open", guest.opening(path, flags));
    return typeof answer === "string" ? 12345 : answer.descriptor;
  };
  const times = { accessed: 1n, modified: 2n, flags: TIME_FLAGS.accessed | TIME_FLAGS.modified };
  const file = open("link", "read", "write", "truncate", "follow"),
    directory = open("d", "read", "directory");
  ask("write", { descriptor: file, offset: 0, bytes: new Uint8Array(10) });
  ask("read", { descriptor: file, offset: 0, length: 10 });
  ask("stat", { descriptor: file });
  ask("stat", { descriptor: directory });
  ask("statAt", { ...guest.at("d/../f"), follow: 1 });
  ask("setSize", { descriptor: file, size: 20 });
  ask("allocate", { descriptor: file, offset: 0, length: 30 });
  ask("setTimes", { descriptor: file, ...times });
  ask("setTimes", { descriptor: directory, ...times });
  ask("setTimesAt", { ...guest.at("f"), follow: 1, ...times });
  ask("sync", { descriptor: file, metadata: 1 });
  ask("sync", { descriptor: directory, metadata: 1 });
  ask("readDirectory", { descriptor: 0, cookie: 0, most: 10 });
  ask("readLink", guest.at("link"));
  const made = open("new", "create", "write");
  ask("link", { ...guest.at("new"), follow: 0, toDirectory: 0, toPath: "new2" });
  ask("rename", { ...guest.at("new2"), toDirectory: 0, toPath: "d/new" });
  ask("createDirectory", guest.at("e"));
  ask("removeDirectory", guest.at("e"));
  ask("unlink", guest.at("d/new"));
  for (const descriptor of [file, directory, made]) guest.errno("close", { descriptor });
  return failed;
}

/** How many files at a path or below it this process has open: others, of Workers that end, come and go. */
function openBelow(path: string): number {
  let open = 0;
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      if (Deno.readLinkSync(`/proc/self/fd/${name}`).startsWith(path)) open++;
    } catch {
      // it was closed meanwhile, such as the one that lists
    }
  }
  return open;
}

Deno.test(
  "whichever operation of the file system fails, it is an error number, and no descriptor stays open",
  {
    ignore: Deno.build.os !== "linux",
  },
  () => {
    let runs = 0;
    for (let fails = 1;; fails++) {
      using place = new Place().file("f").directory("d").link("link", "d/../f");
      const failing = new Failing(fails),
        rig = place.rig({ fs: failing.fs }),
        guest = rig.attach([mountOf(place.path)]);
      const failed = everything(guest);
      assertEquals(openBelow(place.path), 0, `after failure ${fails}`);
      assertEquals(new Int32Array(rig.lock)[0], 0, "the lock is free");
      if (!failing.reached) {
        assertEquals(failed, 0);
        break;
      }
      runs++;
    }
    assert(runs > 100, `${runs} places to fail`);
  },
);

Deno.test("closeAll and detach close what is open on the host", { ignore: Deno.build.os !== "linux" }, () => {
  using place = new Place().file("f");
  const rig = place.rig(), guest = rig.attach([place.mount()]);
  const openSome = () => [1, 2, 3].forEach(() => guest.open("f", "read"));
  openSome();
  assertEquals(openBelow(place.path), 3);
  guest.perform("closeAll", {});
  assertEquals(openBelow(place.path), 0);
  openSome();
  rig.service.message({ kind: "detach", slot: guest.slot });
  assertEquals(openBelow(place.path), 0);
});

Deno.test("a write that fails in the middle tells what was written, and the next one why", () => {
  using place = new Place();
  let room = 5;
  const rig = place.rigWith({
    open: (path, options) => {
      const file = Deno.openSync(path, options);
      return {
        readSync: (bytes) => file.readSync(bytes),
        seekSync: (offset, from) => file.seekSync(offset, from),
        statSync: () => file.statSync(),
        truncateSync: (size) => file.truncateSync(size),
        utimeSync: (accessed, modified) => file.utimeSync(accessed, modified),
        syncSync: () => file.syncSync(),
        syncDataSync: () => file.syncDataSync(),
        close: () => file.close(),
        writeSync: (bytes) => {
          if (room === 0) throw new Error("No space left on device (os error 28)");
          const now = Math.min(3, room, bytes.length);
          room -= now;
          return file.writeSync(bytes.subarray(0, now));
        },
      };
    },
  });
  const guest = rig.attach([place.mount()]),
    { descriptor, file } = guest.perform(
      "open",
      guest.opening("f", ["create", "write"]),
    );
  assertEquals(guest.write(descriptor, "12345678"), { written: 5, end: 5 });
  assertEquals(rig.changes[file % rig.changes.length], 1);
  assertEquals(guest.writeErrno(descriptor, "678", 5), "nospc");
  assertEquals(rig.changes[file % rig.changes.length], 1);
  assertEquals(place.text("f"), "12345");
});
