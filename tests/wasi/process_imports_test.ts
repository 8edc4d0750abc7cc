import { PROCESS_FUNCTIONS, ProcessImports } from "../../src/wasi/process_imports.ts";
import { providedFunctionType, ProvidedImports, providedNames } from "../../src/wasi/provided_imports.ts";
import type { WasiHost } from "../../src/wasi/host.ts";
import { ERRNO } from "../../src/protocol/errno.ts";
import type { Answer, OperationName, Operations, RequestOf } from "../../src/protocol/operations.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { FakeHost, SETTINGS } from "./fake_host.ts";

const ENCODER = new TextEncoder(), DECODER = new TextDecoder();

/** What the broker is asked for, and what it says: every command prints `0123456789`. */
class FakeBroker implements Operations {
  readonly log: string[] = [];
  #last = 0;

  perform<Name extends OperationName>(name: Name, request: RequestOf<Name>): Answer<Name> {
    const fields: Record<string, unknown> = { ...request };
    if (fields.input instanceof Uint8Array) fields.input = DECODER.decode(fields.input);
    this.log.push(`${name} ${JSON.stringify(Object.values(fields))}`);
    return { errno: ERRNO.success, reply: this.#reply(name, fields) } as Answer<Name>; // the reply of that name
  }

  #reply(name: OperationName, { offset, length }: Record<string, unknown>): object {
    if (name === "processRun") {
      return { process: ++this.#last, status: 3, stdout: 10, stderr: 2, truncated: 1 };
    }
    const start = Number(offset);
    return name === "processRead"
      ? { bytes: ENCODER.encode("0123456789").subarray(start, start + Number(length)) }
      : {};
  }
}

/** A guest with one page, of which the test is the program. Texts lie at 0, 256 and 512, results at 1024. */
function guest() {
  const buffer = new ArrayBuffer(65_536), bytes = new Uint8Array(buffer), view = new DataView(buffer);
  const broker = new FakeBroker(), host: WasiHost = Object.assign(new FakeHost(), { operations: broker });
  const imports = new ProcessImports(host);
  const call = (name: keyof typeof PROCESS_FUNCTIONS, ...args: readonly number[]) => {
    const errno = imports.bind(name, () => buffer)(...args.map((arg) => arg | 0));
    return Object.keys(ERRNO)[errno ?? -1] ?? `${errno}`;
  };
  const put = (at: number, text: string | Uint8Array) => {
    const given = typeof text === "string" ? ENCODER.encode(text) : text;
    bytes.set(given, at);
    return [at, given.length] as const;
  };
  const run = (name: string, words = "", input = "") =>
    call("run", ...put(0, name), ...put(256, words), ...put(512, input), 1024);
  return { bytes, view, broker, imports, call, put, run };
}

Deno.test("aegis:process is provided, under its three names alone", () => {
  assertEquals(providedNames("aegis:process"), ["run", "read", "close"]);
  assertEquals(providedFunctionType({ module: "aegis:process", name: "run" })?.params.length, 7);
  assertEquals(providedFunctionType({ module: "aegis:process", name: "toString" }), undefined);
  const provided = new ProvidedImports(SETTINGS, new FakeHost());
  for (const name of providedNames("aegis:process")) {
    provided.bind({ module: "aegis:process", name }, () => undefined);
  }
  assertThrows(
    () => provided.bind({ module: "aegis:process", name: "toString" }, () => undefined),
    TypeError,
    "No function toString",
  );
});

Deno.test("run() hands over name, words and input, and writes the result; read() and close() take its number", () => {
  const { view, bytes, broker, call, run } = guest();
  assertEquals(run("näme", "one\0two\0", "input"), "success");
  assertEquals([0, 4, 8, 12, 16].map((at) => view.getUint32(1024 + at, true)), [1, 3, 10, 2, 1]);
  assertEquals(call("read", 1, 2, 4, 2048, 3, 1100), "success");
  assertEquals([DECODER.decode(bytes.subarray(2048, 2052)), view.getUint32(1100, true)], ["456\0", 3]);
  assertEquals(call("read", 1, 1, 10, 2048, 3, 1100), "success");
  assertEquals(view.getUint32(1100, true), 0);
  assertEquals(call("close", 1), "success");
  assertEquals([call("close", 1), call("read", 1, 1, 0, 2048, 3, 1100)], ["badf", "badf"]);
  assertEquals(broker.log, [
    'processRun ["näme","one\\u0000two\\u0000","input"]',
    "processRead [1,2,4,3]",
    "processRead [1,1,10,3]",
    "processClose [1]",
  ]);
});

Deno.test("B14 ranges past the end of memory and around it are faults that reach nobody", () => {
  const { broker, call, run } = guest(), end = 65_536;
  assertEquals(run("name"), "success");
  const asked = broker.log.length;
  for (const at of [end - 3, end, 2 ** 31, 2 ** 32 - 4, 2 ** 32 - 1]) {
    const errors = [
      call("run", at, 4, 0, 0, 0, 0, 1024),
      call("run", 0, 4, at, 4, 0, 0, 1024),
      call("run", 0, 4, 0, 0, at, 4, 1024),
      call("run", 0, 4, 0, 0, 0, 2 ** 32 - 1, 1024),
      call("run", 0, 4, 0, 0, 0, 0, at),
      call("read", 1, 1, 0, at, 4, 1024),
      call("read", 1, 1, 0, 0, 2 ** 32 - 1, 1024),
      call("read", 1, 1, 0, 0, 4, at),
    ];
    assertEquals(errors, errors.map(() => "fault"), `${at}`);
  }
  assertEquals(call("run", 0, 4, 0, 0, 0, 0, end - 19), "fault", "the result is 20 bytes");
  assertEquals(broker.log.length, asked);
  assertEquals(call("run", 0, 4, 0, 0, 0, 0, end - 20), "success");
});

Deno.test("B16 names, words and input that are too long are refused before they are looked at", () => {
  const { broker, call } = guest(), most = 64 * 1024;
  assertEquals(call("run", 0, 1025, 0, 0, 0, 0, 1024), "nametoolong");
  assertEquals(call("run", 0, 4, 0, most + 1, 0, 0, 1024), "toobig");
  assertEquals(call("run", 0, 4, 0, 0, 0, 30_000, 1024), "msgsize");
  assertEquals(call("run", 2 ** 32 - 1, 2 ** 32 - 1, 0, 2 ** 32 - 1, 0, 2 ** 32 - 1, 0), "nametoolong");
  assertEquals(broker.log, []);
});

Deno.test("B18 names and words that are no UTF-8 are refused", () => {
  const { broker, call, put } = guest(), bad = put(0, new Uint8Array([0xc3, 0x28]));
  assertEquals(call("run", ...bad, 256, 0, 512, 0, 1024), "ilseq");
  assertEquals(call("run", 256, 0, ...bad, 512, 0, 1024), "ilseq");
  assertEquals(broker.log, []);
});

Deno.test("read() refuses streams that are none, whatever the process", () => {
  const { broker, call, run } = guest();
  assertEquals(run("name"), "success");
  for (const stream of [0, 3, 257, 2 ** 32 - 1]) {
    assertEquals(call("read", 1, stream, 0, 0, 4, 1024), "inval");
  }
  assertEquals(broker.log.length, 1);
});

Deno.test("reset() closes every process that is open", () => {
  const { broker, imports, call, run } = guest();
  for (let i = 0; i < 3; i++) assertEquals(run("name"), "success");
  assertEquals(call("close", 2), "success");
  imports.reset();
  assertEquals(broker.log.slice(-3), ["processClose [2]", "processClose [1]", "processClose [3]"]);
  assertEquals(call("close", 1), "badf");
  imports.reset();
  assert(broker.log.length === 6);
});
