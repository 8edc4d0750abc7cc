import { AegisError } from "../../src/core/errors.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import {
  copyOf,
  type Disk,
  emptyDisk,
  entryOf,
  join,
  KEYED,
  linesOf,
  NONE,
  smallLog,
  type Trouble,
  verify,
  writerOn,
} from "./log_rig.ts";

const TEXT = "x".repeat(200);

function writeSome(disk: Disk, trouble: Trouble & { fileSize?: number } = {}, records = 5): void {
  const writer = writerOn(disk, trouble);
  for (let number = 0; number < records; number++) writer.write(entryOf("note", { number, text: TEXT }));
  writer.close();
}

Deno.test("a log goes on after it was closed: one chain over several processes", () => {
  const disk = emptyDisk();
  writeSome(disk);
  writeSome(disk);
  const { intact, records, closed } = verify(disk);
  assertEquals([intact, records, closed], [true, 14, true]);
});

Deno.test("wherever a process was killed, the log is intact, and the next one goes on with it", () => {
  const whole = emptyDisk();
  writeSome(whole, {}, 2);
  const total = (whole.files[0]?.length ?? 0) + 320 * 6;
  let torn = 0;
  for (let room = 0; room <= total; room += 7) {
    const disk = emptyDisk();
    try {
      writeSome(disk, { room }, 2);
    } catch {
      // the disk is full
    }
    if (disk.head === undefined) continue; // nothing was there yet
    const broken = verify(disk);
    assert(broken.intact, `${room}: ${broken.flaw?.reason}`);
    writeSome(disk, {}, 1);
    const { intact, flaw, notes } = verify(disk);
    assert(intact, `${room}: ${flaw?.reason}`);
    torn += notes.length;
    // What was torn is chained, too.
    if (notes.length === 0) continue;
    const [file = NONE] = disk.files, lines = linesOf(file);
    const at = lines.findIndex((line) => line.length > 1 && !line.includes(0x7d) || line.at(-2) !== 0x7d);
    assert(
      !verify({ ...disk, files: [join(...lines.toSpliced(at, 1))] }).intact,
      `${room}: the torn line taken out`,
    );
    const altered = lines.toSpliced(at, 1, join(lines[at]?.slice(1) ?? NONE));
    assert(!verify({ ...disk, files: [join(...altered)] }).intact, `${room}: the torn line altered`);
  }
  assert(torn > 100);
});

Deno.test("a record that wants nothing but its line end is whole, and the chain goes on behind it", () => {
  const disk = emptyDisk(), writer = writerOn(disk);
  writer.write(entryOf("note", { number: 1 }));
  const { head } = disk;
  writer.write(entryOf("note", { number: 2 }));
  const killed = { files: [(disk.files[0] ?? NONE).slice(0, -1)], head };
  assert(verify(killed).intact);
  writeSome(killed, {}, 1);
  const { intact, notes, last } = verify(killed);
  assertEquals([intact, notes, last], [true, [], 6]);
});

Deno.test("after a write that failed nothing is written any more", () => {
  const disk = emptyDisk(), writer = writerOn(disk, { room: 2000 });
  assertThrows(
    () => {
      for (;;) writer.write(entryOf("note", { text: TEXT }));
    },
    Error,
    "no space left",
  );
  const before = copyOf(disk);
  writer.write(entryOf("note"));
  writer.close();
  assertEquals(disk, before);
});

Deno.test("a log that does not end as its head says is not gone on with", () => {
  const refused = (disk: Disk, reason: RegExp) => {
    const error = assertThrows(() => writerOn(disk), AegisError);
    assert(reason.test(error.message), error.message);
    assertEquals(error.code, "InvalidOption");
  };
  const disk = smallLog(), lines = linesOf(disk.files[0] ?? NONE);
  refused(
    { ...disk, files: [join(...lines.slice(0, -1))] },
    /ends with record 5, and its head names record 6/,
  );
  refused({ ...disk, files: [NONE] }, /is empty, and its head names record 6/);
  refused({ ...disk, head: undefined }, /its head file is missing/);
  refused({ ...disk, head: `${disk.head?.slice(0, -2)}x\n` }, /its head file is damaged/);
  refused(
    { ...disk, files: [join(...lines.slice(0, -1), new TextEncoder().encode("{}\n"))] },
    /is no record/,
  );
  refused(smallLog(KEYED), /was begun with a key/);
  assertThrows(() => writerOn(smallLog(), { digest: KEYED }), AegisError, "was begun without a key");
});

Deno.test("a file that is full is put away, and the chain goes on in the next one", () => {
  const disk = emptyDisk();
  writeSome(disk, { fileSize: 40_000 }, 120);
  assertEquals(disk.files.length, 4);
  const { intact, records, first, last, flaw } = verify(disk);
  assertEquals([intact, flaw], [true, undefined]);
  assertEquals(last - first + 1, records);
  assert(first > 1, "the oldest records are gone");
  assert(disk.files.every(({ length }) => length < 40_000));
  // And not one of them more than its head says.
  assert(!verify({ ...disk, files: disk.files.slice(1) }).intact);
  assert(!verify({ ...disk, files: disk.files.toSpliced(1, 1) }).intact);
  writeSome(disk, { fileSize: 40_000 });
  assert(verify(disk).intact);
});

Deno.test("a process that was killed after a file was put away goes on in the next one", () => {
  const disk = emptyDisk();
  writeSome(disk, { fileSize: 40_000 }, 30);
  const killed = { ...disk, files: [...disk.files.slice(0, -1)] };
  // The last file is not there yet, and the head names the last record of the one before.
  const early = emptyDisk(), writer = writerOn(early);
  writer.write(entryOf("note"));
  early.files.push(NONE);
  writeSome(early);
  assert(verify(early).intact);
  assert(!verify(killed).intact);
});

Deno.test("a log that may not be put away says that it is full, and grows no more", () => {
  const disk = emptyDisk(), writer = writerOn(disk, { fileSize: 40_000, rotation: "denied" });
  for (let number = 0; number < 1000; number++) writer.write(entryOf("note", { number, text: TEXT }));
  const [file = NONE] = disk.files;
  assert(file.length < 41_000);
  assert(writer.dropped > 900);
  writer.close();
  const { intact, closed } = verify(disk), lines = linesOf(disk.files[0] ?? NONE).slice(-3);
  assertEquals([intact, closed], [true, true]);
  const kinds = lines.map((line) =>
    JSON.parse(new TextDecoder().decode(line)) as { kind: string; detail: unknown }
  );
  assertEquals(kinds.map(({ kind }) => kind), ["log_rotated", "log_full", "log_closed"]);
  assertEquals(kinds[2]?.detail, { dropped: writer.dropped });
});
