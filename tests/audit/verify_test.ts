import { AuditChain } from "../../src/audit/chain.ts";
import { headText, readHead } from "../../src/audit/head.ts";
import type { AuditKind } from "../../src/audit/kinds.ts";
import { readRecord, recordBody, recordLine } from "../../src/audit/record.ts";
import { AegisError } from "../../src/core/errors.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../assert.ts";
import {
  copyOf,
  type Disk,
  emptyDisk,
  entryOf,
  join,
  KEYED,
  linesOf,
  PLAIN,
  smallLog,
  verify,
  writerOn,
} from "./log_rig.ts";

function withLog(disk: Disk, file: Uint8Array): Disk {
  return { ...disk, files: [file] };
}

Deno.test("a log that nobody touched is intact, with and without a key", () => {
  for (const digest of [PLAIN, KEYED]) {
    const { intact, records, first, last, closed, notes, flaw } = verify(smallLog(digest), { digest });
    assertEquals({ intact, records, first, last, closed, notes, flaw }, {
      intact: true,
      records: 6,
      first: 1,
      last: 6,
      closed: true,
      notes: [],
      flaw: undefined,
    });
  }
});

Deno.test("every single bit of a log and of its head that is flipped is found", () => {
  const disk = smallLog(), [file = new Uint8Array()] = disk.files, head = new TextEncoder().encode(disk.head);
  const missed: string[] = [];
  const flips = (bytes: Uint8Array, name: string, intact: (bytes: Uint8Array) => boolean) => {
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ 1 << (bit & 7);
      if (intact(bytes)) missed.push(`${name} ${bit}`);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ 1 << (bit & 7);
    }
  };
  flips(file.slice(), "log", (bytes) => verify(withLog(disk, bytes)).intact);
  const latin = new TextDecoder("latin1");
  flips(head, "head", (bytes) => verify({ ...disk, head: latin.decode(bytes) }).intact);
  assertEquals(missed, []);
});

Deno.test("a record that is removed is found, whichever it is, and so are several", () => {
  const disk = smallLog(), lines = linesOf(disk.files[0] ?? new Uint8Array());
  for (let from = 0; from < lines.length; from++) {
    for (let to = from + 1; to <= lines.length; to++) {
      const rest = [...lines.slice(0, from), ...lines.slice(to)];
      const { intact, flaw } = verify(withLog(disk, join(...rest)));
      assert(!intact, `${from} to ${to}`);
      if (from > 0 && to < lines.length) {
        assertEquals(flaw?.line, from + 1);
        assertMatch(flaw?.reason ?? "", /missing before it/);
      }
    }
  }
});

Deno.test("two records that were swapped, one that stands twice, and one that was put in are found", () => {
  const disk = smallLog(), lines = linesOf(disk.files[0] ?? new Uint8Array());
  for (let one = 0; one < lines.length; one++) {
    for (let other = one + 1; other < lines.length; other++) {
      const swapped = lines.slice();
      [swapped[one], swapped[other]] = [lines[other] ?? NOTHING, lines[one] ?? NOTHING];
      assert(!verify(withLog(disk, join(...swapped))).intact, `${one} and ${other}`);
    }
    for (let at = 0; at <= lines.length; at++) {
      const doubled = lines.toSpliced(at, 0, lines[one] ?? NOTHING);
      assert(!verify(withLog(disk, join(...doubled))).intact, `${one} once more at ${at}`);
    }
  }
  const foreign = linesOf(smallLogOf("elsewhere").files[0] ?? NOTHING)[2] ?? NOTHING;
  for (const put of [foreign, bytesOf("\n"), bytesOf("{}\n"), bytesOf("not JSON\n"), bytesOf("null\n")]) {
    for (let at = 0; at <= lines.length; at++) {
      assert(!verify(withLog(disk, join(...lines.toSpliced(at, 0, put)))).intact, `at ${at}`);
    }
  }
});

Deno.test("a record that was replaced by that of another log, with its number and a right hash, is found", () => {
  const disk = smallLog(), lines = linesOf(disk.files[0] ?? NOTHING);
  const others = linesOf(smallLogOf("elsewhere").files[0] ?? NOTHING);
  for (let at = 0; at < others.length; at++) {
    const { intact, flaw } = verify(withLog(disk, join(...lines.toSpliced(at, 1, others[at] ?? NOTHING))));
    assert(!intact, `${at}`);
    if (at > 0) assertEquals(flaw?.reason, "the record before it is another one than it was");
  }
});

const NOTHING = new Uint8Array();

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function smallLogOf(target: string): Disk {
  const disk = emptyDisk(), writer = writerOn(disk);
  writer.write(entryOf("grant_denied", { target }));
  writer.write(entryOf("grant_denied", { target: "other" }));
  writer.close();
  return disk;
}

Deno.test("a log that was cut is found, at every line end and at every byte", () => {
  const disk = smallLog(), [file = NOTHING] = disk.files;
  const missed = Array.from(file, (_, length) => length)
    .filter((length) => verify(withLog(disk, file.slice(0, length))).intact);
  assertEquals(missed, []);
  const { flaw } = verify(withLog(disk, join(...linesOf(file).slice(0, 4))));
  assertEquals(flaw, { file: "log.0", line: 4, reason: "the log ends with record 4, and the head names 6" });
});

Deno.test("a head of another moment does not fit a log, and one that is forged needs the key", () => {
  const disk = smallLog(KEYED), lines = linesOf(disk.files[0] ?? NOTHING);
  const cut = join(...lines.slice(0, 3)),
    third = readRecord(new TextDecoder().decode(lines[2]?.slice(0, -1)));
  assert(typeof third === "object");
  const head = { digest: "hmac-sha256" as const, first: 1, count: 3, hash: third.record.hash };
  // What somebody without the key can write: the hash of the third record stands in the log.
  assert(
    !verify({ files: [cut], head: headText(head, { ...PLAIN, name: "hmac-sha256" }) }, { digest: KEYED })
      .intact,
  );
  // And with it: nothing but a note made elsewhere finds that.
  const forged = { files: [cut], head: headText(head, KEYED) };
  assert(verify(forged, { digest: KEYED }).intact);
  assertEquals(
    verify(forged, { digest: KEYED, expected: [{ count: 6 }] }).flaw?.reason,
    "the log ends with record 3, and 6 were expected",
  );
  const { hash } = verify(disk, { digest: KEYED });
  assert(verify(disk, { digest: KEYED, expected: [{ hash }, { count: 6 }] }).intact);
  assert(!verify(forged, { digest: KEYED, expected: [{ hash }] }).intact);
});

Deno.test("without a key who can write everything can forge it; with one a forged record is found", () => {
  const forge = (disk: Disk): Disk => {
    const lines = linesOf(disk.files[0] ?? NOTHING),
      last = readRecord(new TextDecoder().decode(lines[5]?.slice(0, -1)));
    assert(typeof last === "object");
    const { hash: _, ...rest } = last.record, body = recordBody({ ...rest, detail: { forged: true } });
    const line = bytesOf(`${recordLine(body, PLAIN.of(body))}\n`);
    return {
      files: [join(...lines.slice(0, 5), line)],
      head: headText({ digest: "sha256", first: 1, count: 6, hash: PLAIN.of(body) }, PLAIN),
    };
  };
  assert(verify(forge(smallLog())).intact);
  assert(!verify(forge(smallLog(KEYED)), { digest: KEYED }).intact);
  assert(!verify(smallLog(), { digest: KEYED }).intact);
  assert(!verify(smallLog(KEYED)).intact);
});

Deno.test("a process that was killed between a record and its head is no attack, and is told", () => {
  const disk = emptyDisk(), writer = writerOn(disk);
  writer.write(entryOf("note", { number: 1 }));
  const { head } = disk;
  writer.write(entryOf("note", { number: 2 }));
  const found = verify({ ...copyOf(disk), head });
  assertEquals([found.intact, found.closed, found.notes.length], [true, false, 1]);
  writer.write(entryOf("note", { number: 3 }));
  assertEquals(
    verify({ ...copyOf(disk), head }).flaw?.reason,
    "2 records stand behind the one that the head names",
  );
});

Deno.test("a record that was put in behind the end of a log that was closed is found, with a right hash, too", () => {
  const disk = smallLog(), [file = NOTHING] = disk.files;
  const forged = (kind: AuditKind): Uint8Array => {
    const chain = new AuditChain(PLAIN, readHead(disk.head ?? "", PLAIN));
    return bytesOf(`${chain.next(entryOf(kind, { target: "forged" }))}\n`);
  };
  const withLine = (line: Uint8Array) => withLog(disk, join(file, line));
  assertEquals(verify(withLine(forged("grant_allowed"))).flaw, {
    file: "log.0",
    line: 7,
    reason: "it stands behind the end of a log that was closed",
  });
  // Nor does the next process make it one of its own, whole or without its line end.
  assertThrows(() => writerOn(withLine(forged("grant_allowed"))), AegisError, "that was closed");
  const unended = copyOf(withLine(forged("grant_allowed").slice(0, -1)));
  writerOn(unended).close();
  assert(!verify(unended).intact);
  // A process that was killed within its beginning is none of that.
  const begun = verify(withLine(forged("log_opened")));
  assertEquals([begun.intact, begun.notes.length], [true, 1]);
  writerOn(withLine(forged("log_opened"))).close();
});

Deno.test("without a head a log is intact only as far as something was expected of it", () => {
  const disk = smallLog();
  assert(!verify({ ...disk, head: undefined }).intact);
  assert(verify(disk, { without: true, expected: [{ count: 6 }] }).intact);
  assert(!verify(disk, { without: true, expected: [{ count: 7 }] }).intact);
});

Deno.test("readHead() takes no head whose first record is another one", () => {
  const disk = smallLog(), head = readHead(disk.head ?? "", PLAIN);
  assert(head !== undefined);
  const lines = linesOf(disk.files[0] ?? NOTHING), begun = join(...lines.slice(2));
  assertMatch(verify(withLog(disk, begun)).flaw?.reason ?? "", /begins with record 3, and the head names 1/);
  assert(verify({ files: [begun], head: headText({ ...head, first: 3 }, PLAIN) }).intact);
});
