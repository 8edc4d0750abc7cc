/** The children of a runtime, as processes: what is wrong with one ends that one, and none is left behind. */
import { Children } from "../../src/relay/children.ts";
import type { RelayReport, RelaySettings } from "../../src/relay/relay_messages.ts";
import { createSharedBuffer } from "../../src/protocol/frame.ts";
import { becomes, childrenOf, HAS_PROC } from "../isolation/child_processes.ts";
import { assertEquals } from "../assert.ts";

const FRAME_SIZE = 8192, FOREVER = "setInterval(() => {}, 1000);";

/** Longer than until a spare child is started, in milliseconds. */
const SPARE_TIME = 80;

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Children that run this program. */
class Rig implements AsyncDisposable {
  readonly reports: RelayReport[] = [];
  readonly children: Children;

  constructor(childProgram: string = FOREVER) {
    const settings: RelaySettings = {
      kind: "settings",
      execPath: Deno.execPath(),
      childProgram,
      guestProgram: "",
      heapSize: 64 * 2 ** 20,
      frameSize: FRAME_SIZE,
    };
    this.children = new Children(settings, (report) => this.reports.push(report));
  }

  guest(id: number, start: object = { kind: "start" }): void {
    this.children.guest({ kind: "guest", id, buffer: createSharedBuffer(FRAME_SIZE), links: {}, start });
  }

  /** What was reported, in short; waits until there is so much. */
  async said(count: number): Promise<string[]> {
    await becomes(() => this.reports.length >= count);
    return this.reports.map((report) =>
      report.kind === "lost"
        ? `${report.id} lost: ${report.why}`
        : `${"id" in report ? report.id : ""} ${report.kind}`
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.children.close();
  }
}

Deno.test("Children ends a guest that cannot be started, and one that cannot be sent a message; the others live", async () => {
  await using rig = new Rig();
  rig.guest(1);
  rig.guest(2, { run: () => {} });
  assertEquals(await rig.said(2), [
    "2 lost: its relay failed: Cannot send a function to another process",
    "2 ended",
  ]);
  rig.guest(3);
  rig.children.post(3, { run: () => {} });
  assertEquals((await rig.said(4)).slice(2), [
    "3 lost: its relay failed: Cannot send a function to another process",
    "3 ended",
  ]);
});

Deno.test("Children starts no child once it was closed", async () => {
  const rig = new Rig();
  await rig.children.close();
  rig.guest(1);
  assertEquals(await rig.said(2), ["1 lost: the runtime was closed", "1 ended"]);
});

Deno.test({
  name: "Children leaves no process when it is closed, whatever the spare one is at",
  ignore: !HAS_PROC,
  fn: async () => {
    for (const pause of [0, SPARE_TIME - 30, SPARE_TIME - 25, SPARE_TIME]) {
      const rig = new Rig();
      rig.guest(1);
      await wait(pause);
      await rig.children.close();
      assertEquals(childrenOf(Deno.pid), [], `closed after ${pause} ms`);
      await wait(SPARE_TIME);
      assertEquals(childrenOf(Deno.pid), [], `closed after ${pause} ms, and later`);
    }
  },
});

Deno.test({
  name: "Children ends a spare child that sends anything",
  ignore: !HAS_PROC,
  fn: async () => {
    await using rig = new Rig(
      `setTimeout(() => Deno.stdout.writeSync(new Uint8Array(8).fill(0, 1).fill(11, 0, 1)), 300);
      ${FOREVER}`,
    );
    rig.guest(1);
    await wait(SPARE_TIME);
    assertEquals(childrenOf(Deno.pid).length, 2, "the guest's and a spare one");
    assertEquals(await becomes(() => childrenOf(Deno.pid).length === 0), true);
  },
});
