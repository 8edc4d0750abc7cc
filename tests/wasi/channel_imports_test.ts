import { CHANNEL_FUNCTIONS, ChannelImports } from "../../src/wasi/channel_imports.ts";
import type { WasiHost } from "../../src/wasi/host.ts";
import { providedFunctionType, ProvidedImports, providedNames } from "../../src/wasi/provided_imports.ts";
import { ERRNO } from "../../src/protocol/errno.ts";
import type { Answer, OperationName, Operations, RequestOf } from "../../src/protocol/operations.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { FakeHost, SETTINGS } from "./fake_host.ts";

const PAGE = 65_536, LARGEST = 2 ** 32 - 1;

/** Every operation with its fields, and answers as a test wants them. */
class FakeChannels implements Operations {
  readonly log: string[] = [];
  reply: object = { channel: 1, length: 5, bytes: new TextEncoder().encode("hello") };
  errno: number = ERRNO.success;

  perform<Name extends OperationName>(name: Name, request: RequestOf<Name>): Answer<Name> {
    const fields = Object.values(request).map((value) => value instanceof Uint8Array ? value.length : value);
    this.log.push(`${name} ${fields.join(",")}`);
    const { errno, reply } = this;
    return (errno === ERRNO.success ? { errno, reply } : { errno }) as Answer<Name>; // the reply that is wanted
  }
}

/** A guest with one page, of which the test is the program. */
function guest(memory = new ArrayBuffer(PAGE)) {
  const bytes = new Uint8Array(memory), channels = new FakeChannels();
  const host: WasiHost = Object.assign(new FakeHost(), { operations: channels });
  const imports = new ChannelImports(host);
  const call = (name: keyof typeof CHANNEL_FUNCTIONS, ...args: readonly number[]) => {
    const result = imports.bind(name, () => memory)(...args.map((arg) => arg | 0)) ?? 0;
    return result < 0 ? `-${nameOf(-result)}` : nameOf(result);
  };
  return { bytes, view: new DataView(memory), channels, host, imports, call };
}

function nameOf(errno: number): string {
  return Object.keys(ERRNO)[errno] ?? String(errno);
}

Deno.test("aegis:channel is provided, under its six names alone", () => {
  assertEquals(providedNames("aegis:channel"), [
    "open",
    "send",
    "try_send",
    "receive",
    "try_receive",
    "close",
  ]);
  assertEquals(providedFunctionType({ module: "aegis:channel", name: "receive" })?.params.length, 4);
  assertEquals(providedFunctionType({ module: "aegis:channel", name: "toString" }), undefined);
  const provided = new ProvidedImports(SETTINGS, new FakeHost());
  for (const name of providedNames("aegis:channel")) {
    provided.bind({ module: "aegis:channel", name }, () => undefined);
  }
  assertThrows(() => guest().imports.bind("constructor", () => undefined), TypeError);
});

Deno.test("open() reads a name as text, and gives a handle or an error number, negated", () => {
  const { bytes, call, channels } = guest();
  bytes.set(new TextEncoder().encode("wörds"), 10);
  assertEquals(call("open", 10, 6), nameOf(1));
  assertEquals(channels.log, ["channelOpen wörds"]);
  bytes.set([0xff, 0xfe], 100);
  assertEquals([call("open", 100, 2), call("open", PAGE - 1, 2), call("open", 0, 257)], [
    "-ilseq",
    "-fault",
    "-nametoolong",
  ]);
  assertEquals([call("open", 0, LARGEST), call("open", LARGEST, LARGEST), call("open", LARGEST, 1)], [
    "-nametoolong",
    "-nametoolong",
    "-fault",
  ]);
  assertEquals(channels.log.length, 1);
  channels.errno = ERRNO.notcapable;
  assertEquals(call("open", PAGE, 0), "-notcapable");
});

Deno.test("send() hands over what lies inside the memory and fits into a frame, and nothing else", () => {
  const { call, channels, host } = guest();
  assertEquals([call("send", 7, 100, 5), call("try_send", 7, PAGE, 0)], ["success", "success"]);
  assertEquals(channels.log, ["channelSend 7,1,5", "channelSend 7,0,0"]);
  for (
    const [at, length] of [[PAGE, 1], [0, PAGE + 1], [1, PAGE], [0, LARGEST], [LARGEST, LARGEST], [
      LARGEST,
      1,
    ]]
  ) {
    for (const name of ["send", "try_send"] as const) {
      assertEquals(call(name, 7, at ?? 0, length ?? 0), "fault");
    }
  }
  assertEquals(call("send", 7, 0, host.room + 1), "msgsize");
  assertEquals(channels.log.length, 2);
});

Deno.test("receive() copies what fits and tells the length; what does not fit is told alone", () => {
  const { bytes, view, call, channels } = guest();
  for (const name of ["receive", "try_receive"] as const) {
    assertEquals(call(name, 7, 100, 5, 8), "success");
    assertEquals([view.getUint32(8, true), new TextDecoder().decode(bytes.slice(100, 105))], [5, "hello"]);
    bytes.fill(0);
  }
  assertEquals(channels.log, ["channelReceive 7,1,5", "channelReceive 7,0,5"]);
  channels.reply = { length: 300, bytes: new Uint8Array() };
  assertEquals([call("receive", 7, 100, 299, 8), view.getUint32(8, true)], ["msgsize", 300]);
  assert(bytes.subarray(100, 400).every((byte) => byte === 0));
});

Deno.test("receive() asks nothing for what lies outside of the memory", () => {
  const { call, channels } = guest();
  const outside = [[PAGE, 1, 0], [0, PAGE + 1, 0], [0, LARGEST, 0], [LARGEST, LARGEST, 0], [0, 1, PAGE - 3], [
    0,
    1,
    LARGEST,
  ]];
  for (const [at, capacity, length] of outside) {
    for (const name of ["receive", "try_receive"] as const) {
      assertEquals(call(name, 7, at ?? 0, capacity ?? 0, length ?? 0), "fault");
    }
  }
  assertEquals(channels.log, []);
});

Deno.test("receive() writes nothing when it fails, or when the host's answer is no answer", () => {
  const { bytes, call, channels } = guest();
  for (const errno of ["pipe", "again", "badf", "intr"] as const) {
    channels.errno = ERRNO[errno];
    assertEquals(call("receive", 7, 100, 50, 8), errno);
  }
  channels.errno = ERRNO.success;
  for (const reply of [{ length: 5, bytes: new Uint8Array(6) }, { length: 5, bytes: new Uint8Array() }]) {
    channels.reply = reply;
    assertEquals(call("receive", 7, 100, 5, 8), "io");
  }
  assert(bytes.every((byte) => byte === 0));
});

Deno.test("functions of aegis:channel take handles as they are, and do without a memory", () => {
  const { call, channels, imports } = guest();
  channels.errno = ERRNO.badf;
  assertEquals([call("close", LARGEST), call("close", 0)], ["badf", "badf"]);
  assertEquals(channels.log, [`channelClose ${LARGEST}`, "channelClose 0"]);
  assertEquals(imports.bind("send", () => undefined)(1, 0, 1), ERRNO.fault);
});
