import { FILE_TYPES, TIME_FLAGS } from "../../src/protocol/operations.ts";
import { assert, assertEquals, assertNotEquals } from "../assert.ts";
import { mountOf, Place, TestClock } from "./files_rig.ts";

const { accessed, accessedNow, modified, modifiedNow } = TIME_FLAGS;
const MILLISECOND = 1_000_000n;

Deno.test("stat and statAt tell type, size, links and times", () => {
  using place = new Place().file("f", "12345").directory("d").link("l", "f").link("dangling", "nowhere");
  Deno.linkSync(`${place.path}/f`, `${place.path}/g`);
  Deno.utimeSync(`${place.path}/f`, new Date(1_000_000_000_123), new Date(1_600_000_000_456));
  const guest = place.guest(), file = guest.perform("stat", { descriptor: guest.open("f", "read") });
  assertEquals([file.type, file.size, file.links], [FILE_TYPES.regularFile, 5, 2]);
  assertEquals([file.accessed, file.modified], [
    1_000_000_000_123n * MILLISECOND,
    1_600_000_000_456n * MILLISECOND,
  ]);
  assertEquals(guest.perform("statAt", { ...guest.at("l"), follow: 1 }), file);
  assertEquals(guest.perform("statAt", { ...guest.at("d/../g"), follow: 0 }), file);
  const link = guest.perform("statAt", { ...guest.at("l"), follow: 0 });
  assertEquals([link.type, link.size], [FILE_TYPES.symbolicLink, 1]);
  assertNotEquals(link.inode, file.inode);
  assertEquals(link.device, file.device);
  assertEquals(guest.errno("statAt", { ...guest.at("dangling"), follow: 0 }), "success");
  assertEquals(guest.errno("statAt", { ...guest.at("dangling"), follow: 1 }), "noent");
  assertEquals(guest.errno("statAt", { ...guest.at("f/"), follow: 0 }), "notdir");
  assertEquals(guest.errno("statAt", { ...guest.at("missing/"), follow: 0 }), "noent");
  const directory = guest.perform("stat", { descriptor: guest.open("d", "read") });
  assertEquals(directory, guest.perform("statAt", { ...guest.at("d/"), follow: 0 }));
  assertEquals(directory.type, FILE_TYPES.directory);
  assertEquals(guest.perform("stat", { descriptor: 0 }).type, FILE_TYPES.directory);
});

Deno.test("numbers of inodes and devices are not the host's, but equal where those are", () => {
  using place = new Place().file("f").file("g");
  const guest = place.guest(), other = place.guest();
  const host = Deno.lstatSync(`${place.path}/f`);
  const seen = guest.perform("statAt", { ...guest.at("f"), follow: 0 });
  assertNotEquals(seen.inode, BigInt(host.ino ?? 0));
  assertNotEquals(seen.device, BigInt(host.dev));
  assertEquals(other.perform("statAt", { ...other.at("f"), follow: 0 }), seen);
  assertNotEquals(guest.perform("statAt", { ...guest.at("g"), follow: 0 }).inode, seen.inode);
});

Deno.test("setTimes and setTimesAt set what is asked for, and leave the rest", () => {
  using place = new Place().file("f").directory("d").link("l", "f");
  const clock = new TestClock(), guest = place.rig({ clock }).attach([mountOf(place.path)]);
  clock.start = 1_700_000_000_789;
  const times = (path: string) => {
    const stat = Deno.lstatSync(`${place.path}/${path}`);
    return [stat.atime?.getTime(), stat.mtime?.getTime()];
  };
  const set = (flags: number, first = 0n, second = 0n) => ({ accessed: first, modified: second, flags });
  const a = 1_234_567_890_123n, b = 999_999_999_999n;
  for (
    const [path, descriptor] of [["f", guest.open("f", "write")], ["f", guest.open("f", "read")], [
      ".",
      0,
    ]] as const
  ) {
    guest.perform("setTimes", { descriptor, ...set(accessed | modified, a * MILLISECOND, b * MILLISECOND) });
    assertEquals(times(path), [Number(a), Number(b)]);
    guest.perform("setTimes", { descriptor, ...set(accessed, b * MILLISECOND) });
    assertEquals(times(path), [Number(b), Number(b)]);
    guest.perform("setTimes", { descriptor, ...set(modifiedNow) });
    assertEquals(times(path), [Number(b), 1_700_000_000_789]);
    guest.perform("setTimes", { descriptor, ...set(0) });
    assertEquals(times(path), [Number(b), 1_700_000_000_789]);
  }
  guest.perform("setTimesAt", { ...guest.at("l"), follow: 1, ...set(accessed | modified, 0n, 1_000_000n) });
  assertEquals(times("f"), [0, 1]);
  guest.perform("setTimesAt", {
    ...guest.at("d"),
    follow: 0,
    ...set(accessedNow | modified, 0n, 1_000_000n),
  });
  assertEquals(times("d"), [1_700_000_000_789, 1]);
  assertEquals(guest.errno("setTimesAt", { ...guest.at("l"), follow: 0, ...set(accessedNow) }), "notsup");
  assertEquals(guest.errno("setTimesAt", { ...guest.at("f/"), follow: 0, ...set(accessedNow) }), "notdir");
  assertEquals(
    guest.errno("setTimesAt", { ...guest.at("missing"), follow: 0, ...set(accessedNow) }),
    "noent",
  );
  for (const flags of [accessed | accessedNow, modified | modifiedNow, 16, 255]) {
    assertEquals(guest.errno("setTimes", { descriptor: 0, ...set(flags) }), "inval");
    assertEquals(guest.errno("setTimesAt", { ...guest.at("f"), follow: 0, ...set(flags) }), "inval");
  }
});

Deno.test("times of all sizes are taken, and told without overflow", () => {
  using place = new Place().file("f");
  const guest = place.guest(), descriptor = guest.open("f", "read", "write");
  for (const time of [0n, -1n, 1n, 2n ** 31n, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 62n]) {
    const request = { descriptor, accessed: time, modified: time, flags: accessed | modified };
    assertEquals(guest.errno("setTimes", request), "success", String(time));
    const stat = guest.perform("stat", { descriptor });
    for (const told of [stat.accessed, stat.modified, stat.changed]) assert(told >= 0n && told < 2n ** 63n);
  }
  Deno.utimeSync(`${place.path}/f`, -1e9, 1e11);
  const stat = guest.perform("stat", { descriptor });
  assertEquals(stat.accessed, 0n);
  assert(stat.modified > 2n ** 62n, "what is too late becomes as late as can be");
});

Deno.test("readLink tells where links inside lead, and no host path", () => {
  using place = new Place().file("f").directory("d").link("l", "d/../f").link("up", "../out").link(
    "absolute",
    "/etc/passwd",
  );
  const guest = place.guest();
  assertEquals(guest.perform("readLink", guest.at("l")), { target: "d/../f" });
  assertEquals(guest.perform("readLink", guest.at("d/../up")), { target: "../out" });
  assertEquals(guest.errno("readLink", guest.at("absolute")), "perm");
  assertEquals(guest.errno("readLink", guest.at("f")), "inval");
  assertEquals(guest.errno("readLink", guest.at("d")), "inval");
  assertEquals(guest.errno("readLink", guest.at("missing")), "noent");
  assertEquals(guest.errno("readLink", guest.at("l/")), "notdir");
});

Deno.test("no answer names a host path", () => {
  using place = new Place().file("f").directory("d").link("absolute", "/etc/passwd").link("out", "../out");
  const rig = place.rig(), guest = rig.attach([mountOf(place.path)]);
  const seen = (): string => new TextDecoder().decode(new Uint8Array(guest.buffer).slice());
  for (
    const path of ["f", "missing", "missing/x", "f/x", "../out", "absolute", "out", "d", "x".repeat(300)]
  ) {
    for (
      const work of [
        () => guest.openErrno(path, "read", "write", "create", "follow"),
        () => guest.errno("unlink", guest.at(`${path}/`)),
        () => guest.errno("removeDirectory", guest.at("f")),
        () => guest.rename(path, "d/d/d"),
        () => guest.link(path, path),
      ]
    ) {
      work();
      assert(!seen().includes(place.root), path);
    }
  }
});
