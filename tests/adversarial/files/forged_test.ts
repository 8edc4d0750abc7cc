/**
 * G53 for the files broker: whatever a guest's thread writes into the memory that it shares with the broker, the broker does
 * nothing beyond the grants, serves the others, and lets the host go.
 */
import { assert, assertEquals } from "../../assert.ts";
import { startForgedFiles } from "./forged_files_guest.ts";
import { operationsOf } from "../isolation/forged_broker_guest.ts";
import { withTree } from "./tree.ts";
import type { Forgery } from "../isolation/forged_guest.ts";
import { residentMemory, sleep } from "../process_facts.ts";
import { FIRST_DIRECTORY as ROOT, startDriver } from "../wasi/driver.ts";
import { Aegis, FilesystemCapability } from "../../../mod.ts";
import { ERRNO } from "../../../src/protocol/errno.ts";

/** Words that broker and guests share: the bell, and the one in which the host's messages were counted once. */
const BELL = 0, MAIL = 1;

interface Attacked {
  /** What the call of the forged guest returned, or how it ended. */
  readonly end: unknown;
  /** Names in the granted directory afterwards. */
  readonly names: readonly string[];
}

/**
 * Lets a forged guest attack through a read-only mount with `file` and `link`, and asserts that a neighbour is still served,
 * and that all can be closed.
 */
async function attack(forgery: Forgery): Promise<Attacked> {
  return await withTree(async ({ inside }) => {
    await Deno.writeTextFile(`${inside}/file`, "as it was");
    await Deno.symlink("../outside/canary", `${inside}/link`);
    const capabilities = [FilesystemCapability.readOnly([{ host: inside, guest: "/" }])];
    const runtime = await Aegis.create({ isolation: "worker", capabilities, fuelLimit: "unlimited" });
    const neighbour = await startDriver(runtime, { timeout: 10_000 });
    const { sandbox, words } = await startForgedFiles(runtime, forgery), before = words.slice();
    const outcome = await sandbox.tryCall("run");
    const reading = (async () => await neighbour.read(await neighbour.opened(ROOT, "file")))().catch(String);
    const served = await Promise.race([reading, sleep(3000)]);
    const closing = Promise.all([neighbour.sandbox.close(), runtime.close()]).then(() => "closed");
    const end = await Promise.race([closing, sleep(3000)]);
    // So that a test that fails ends: what the guest did to the words is undone.
    if (end === undefined) await undo(words, before);
    await Promise.all([closing, reading]);
    assertEquals<unknown>(served, "as it was", "the neighbour is not served");
    assertEquals<unknown>(end, "closed");
    assertEquals(await Deno.readTextFile(`${inside}/file`), "as it was");
    return {
      end: outcome.kind === "value" ? outcome.values[0] : outcome.kind,
      names: [...Deno.readDirSync(inside)].map(({ name }) => name).toSorted(),
    };
  });
}

/** Puts the count of the host's messages back to what it would have been, and rings. */
async function undo(words: Int32Array, before: Int32Array): Promise<void> {
  for (let more = 0; more < 20; more++) {
    Atomics.store(words, MAIL, (before[MAIL] ?? 0) + more);
    Atomics.add(words, BELL, 1);
    Atomics.notify(words, BELL);
    await sleep(20);
  }
}

Deno.test("G53 every operation with random fields ends in an error number, and changes nothing in a read-only mount", async () => {
  const forgery = `each(() => {
    const odd = [0, 1, 2, 127, 255, 0x7fffffff, 0x80000000, 0xffffffff];
    const odds = [0, -1, 0.5, NaN, Infinity, -Infinity, 2 ** 53, 2 ** 53 - 1, -(2 ** 63), 1e308];
    const texts = ["file", "link", "..", "../outside/canary", "/etc/passwd", "", "\\0", "file/", "new", "\\xff\\xfe", "a".repeat(5000)];
    const any = (list) => list[Math.random() * list.length | 0];
    let answered = 0;
    for (const name of ${JSON.stringify(operationsOf("files"))}) for (let i = 0; i < 100; i++) {
      begin(name);
      for (let fields = Math.random() * 8 | 0; fields > 0; fields--) {
        any([() => u32(any(odd)), () => f64(any(odds)), () => text(any(texts)), () => u8(any(odd) & 255), () => u32(0)])();
      }
      if (ask() > 76) throw new Error("no error number");
      answered++;
    }
    return answered;
  })`;
  const { end, names } = await attack(forgery);
  assertEquals<unknown>(end, operationsOf("files").length * 100);
  assertEquals(names, ["file", "link"]);
});

Deno.test("G53 frames of no, negative and huge length, of other kinds and other codes end in an error number", async () => {
  const forgery = `each(() => {
    let answered = 0;
    for (const length of [0, 1, 3, 4, 5, -1, -128, 0x7fffffff, -0x80000000, 1 << 24]) {
      for (const kind of [14, 0, 1, 10, 11, 15, -1, 0x7fffffff]) {
        for (const code of [20, 0, 1, 3, 60, 99, 0xffffffff]) {
          begin(code); u32(0xffffffff); u32(0xffffffff);
          const errno = ask(kind, length);
          if (errno === 0 || errno > 76) throw new Error("answered " + errno);
          answered++;
        }
      }
    }
    return answered;
  })`;
  assertEquals<unknown>((await attack(forgery)).end, 560);
});

Deno.test("G53 a text or a list of bytes that is longer than the frame is refused", async () => {
  const forgery = `each(() => {
    const seen = new Set();
    for (const length of [9, 4000, 0x7fffffff, 0x80000000, 0xffffffff]) {
      begin("open"); u32(0); u32(length); at += 8; seen.add(ask());
      begin("write"); u32(0); f64(0); u32(length); at += 8; seen.add(ask());
    }
    return seen.size === 1 ? [...seen][0] : -1;
  })`;
  assertEquals<unknown>((await attack(forgery)).end, ERRNO.inval);
});

Deno.test("G53 offsets, sizes and cookies that are no whole numbers from 0 to 2^53 are refused", async () => {
  const forgery = `each(() => {
    begin("open"); u32(0); text("file"); u32(1); ask();
    const descriptor = view.getUint32(132, true), seen = new Set();
    for (const number of [-1, -(2 ** 53), 0.5, NaN, Infinity, -Infinity, 2 ** 53, 2 ** 64, 1e308]) {
      begin("read"); u32(descriptor); f64(number); u32(4); seen.add(ask());
      begin("readDirectory"); u32(0); f64(number); u32(4); seen.add(ask());
    }
    return seen.size === 1 ? [...seen][0] : -1;
  })`;
  assertEquals<unknown>((await attack(forgery)).end, ERRNO.inval);
});

// Fails when a path is parsed where it lies: it is one path when it is checked, and another when it is used.
Deno.test("G53 a frame that changes while the broker reads it opens nothing that is not granted", async () => {
  const forgery = `each(() => {
    const paths = ["file             ", "../outside/canary", "link/../../outsid", "/etc/passwd      "], until = Date.now() + 700;
    const encoded = paths.map((path) => [...path].map((c) => c.charCodeAt(0)));
    let leaks = 0;
    for (let round = 0; Date.now() < until; round++) {
      begin("open"); u32(0); const from = at + 4; text("file"); u32(1);
      post(14, at - 128);
      // Nobody makes the guest wait: it writes on while the broker reads.
      for (let i = 0; Atomics.load(words, TURN) === 2 && i < 100000; i++) {
        const path = encoded[i & 3];
        for (let j = 0; j < path.length; j++) bytes[from + j] = path[j];
        view.setUint32(from - 4, [4, 17, 0xffffffff, 16][i & 3], true);
        view.setUint32(from + 4 + (i & 1) * 13, [1, 2, 255, 21][i & 3], true);
        Atomics.store(words, LENGTH, [16, 29, -1, 0x7fffffff][i & 3]);
      }
      turn();
      if (view.getUint32(128, true) !== 0) continue;
      const descriptor = view.getUint32(132, true);
      begin("read"); u32(descriptor); f64(0); u32(100);
      if (ask() === 0 && bytes[136] !== 97) leaks++;
      begin("close"); u32(descriptor); ask();
    }
    return leaks;
  })`;
  const { end, names } = await attack(forgery);
  assertEquals<unknown>(end, 0, "something else than the file was read");
  assertEquals(names, ["file", "link"]);
});

Deno.test("G53 a frame that grows and turns that change while the broker answers end in nothing but errors", async () => {
  const forgery = `each(() => {
    const until = Date.now() + 500;
    for (let round = 0; Date.now() < until; round++) {
      begin("open"); u32(0); text("file"); u32(1);
      post(14, at - 128);
      const grown = Math.min(buffer.maxByteLength, buffer.byteLength + 64);
      try { buffer.grow(grown); } catch {}
      Atomics.store(words, TURN, round & 3);
      Atomics.or(shared, link.readyWord, -1);
      ring();
      Atomics.store(words, TURN, 1);
    }
    Atomics.store(words, TURN, 2); Atomics.or(shared, link.readyWord, link.readyBit); ring();
    const end = Date.now() + 200;
    while (Atomics.load(words, TURN) === 2 && Date.now() < end);
    Atomics.store(words, TURN, 1);
    return 1;
  })`;
  await attack(forgery);
});

// Fails while guests hold the word that counts the host's messages.
for (const [what, step] of [["fewer", -1000], ["more", 1000]] as const) {
  Deno.test(`G53 a guest that lets the broker believe in ${what} messages of the host's stops no neighbour and no close`, async () => {
    const forgery = `each(() => { Atomics.add(shared, ${MAIL}, ${step}); ring(); return 1; })`;
    await attack(forgery);
  });
}

// Fails when a broker that nobody rings for looks at nobody.
Deno.test("G53 a guest that takes away what tells the broker of others lets its neighbours in", async () => {
  const forgery = `turn(); told(1);
    const until = Date.now() + 1500;
    while (Date.now() < until) for (let word = link.bell + 1; word < shared.length; word++) Atomics.store(shared, word, 0);
    turn();`;
  assertEquals<unknown>((await attack(forgery)).end, 1);
});

// Fails while the broker and the host keep what is refused at any length.
Deno.test("G53 paths of megabytes that are refused do not fill the host's memory", async () => {
  const before = residentMemory();
  const forgery = `each(() => {
    buffer.grow(buffer.maxByteLength);
    const size = 8 * 2 ** 20;
    bytes.fill(97, 140, 140 + size);
    for (let i = 0; i < 40; i++) {
      begin("createDirectory"); u32(0); u32(size); bytes[140] = 65 + i; at = 140 + size;
      ask();
    }
    return 40;
  })`;
  await attack(forgery);
  const more = residentMemory() - before;
  assert(more < 250, `${more} MiB more than before`);
});

Deno.test("G53 a descriptor of another sandbox, or one that was never given out, is none", async () => {
  const forgery = `each(() => {
    const seen = new Set();
    for (const descriptor of [1, 2, 3, 4, 5, 100, 0x7fffffff, 0xffffffff]) {
      begin("read"); u32(descriptor); f64(0); u32(10); seen.add(ask());
      begin("close"); u32(descriptor); seen.add(ask());
      begin("open"); u32(descriptor); text("file"); u32(1); seen.add(ask());
    }
    return seen.size === 1 ? [...seen][0] : -1;
  })`;
  assertEquals<unknown>((await attack(forgery)).end, ERRNO.badf);
});

Deno.test("G53 a guest that closes the broker's own directories, and opens thousands of files, harms itself alone", async () => {
  const forgery = `each(() => {
    begin("close"); u32(0); ask();
    begin("open"); u32(0); text("file"); u32(1);
    const closed = ask();
    begin("closeAll"); ask();
    let opened = 0;
    for (let i = 0; i < 3000; i++) { begin("open"); u32(0); text("file"); u32(1); if (ask() === 0) opened++; }
    return closed === 0 ? -1 : opened;
  })`;
  assertEquals<unknown>((await attack(forgery)).end, 128);
});
