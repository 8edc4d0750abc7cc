/** Modules that answer by a function `handle`: what it gets, and what it may return. */
import { encode } from "@msgpack/msgpack";
import { readAnswer, readHead } from "../../../src/wrappers/http/structured_message.ts";
import { answerMessage, requestMessage } from "../../../src/wrappers/http/http_message.ts";
import { httpExchange } from "../../../src/wrappers/http/http_exchange.ts";
import { jsonRequest, packedRequest } from "../../../src/wrappers/http/structured_message.ts";
import { HttpFailure } from "../../../src/wrappers/http/http_failure.ts";
import { AegisError } from "../../../mod.ts";
import { assertEquals, assertRejects, assertThrows } from "../../assert.ts";
import { printing, returning, served } from "./rig.ts";

const ANSWER = { headerSize: 1000, responseSize: 1000 };

const BOUNDS = { route: "", headerSize: 16_384, authorization: false };

function exchange(init: RequestInit = {}): ReturnType<typeof httpExchange> {
  return httpExchange(new Request("http://h/a%20b?x=1", init), undefined, BOUNDS);
}

Deno.test("a request is told as JSON, as MessagePack and as a message of HTTP", () => {
  const one = exchange({ method: "POST", headers: { "x-one": "1" } }), text = new TextEncoder().encode("hé");
  const head = {
    method: "POST",
    url: "http://h/a%20b?x=1",
    path: "/a%20b",
    query: "x=1",
    headers: [["x-one", "1"]],
  };
  assertEquals(jsonRequest(one, text), { ...head, body: "hé" });
  assertEquals(jsonRequest(one, new Uint8Array([255, 0])), { ...head, body: "/wA=", base64: true });
  assertEquals(jsonRequest(one, new Uint8Array()), { ...head, body: null });
  assertEquals(packedRequest(one, text), { ...head, body: text });
  assertEquals(
    new TextDecoder().decode(requestMessage(one, text)),
    "POST /a%20b?x=1 HTTP/1.1\r\nx-one: 1\r\nhost: h\r\ncontent-length: 3\r\n\r\nhé",
  );
});

Deno.test("readAnswer() takes text, bytes, base64 and JSON, and headers in both forms", () => {
  const body = (value: unknown) => new TextDecoder().decode(readAnswer(value, ANSWER).body);
  assertEquals(body({ body: "text" }), "text");
  assertEquals(body({ body: new Uint8Array([65]) }), "A");
  assertEquals(body({ body: "QQ==", base64: true }), "A");
  assertEquals(body({ json: { a: [1] } }), '{"a":[1]}');
  assertEquals(body({}), "");
  for (const headers of [[["x-one", "1"], ["x-one", "2"]], { "x-one": ["1", "2"] }]) {
    assertEquals(readAnswer({ headers, status: 201 }, ANSWER).head.headers.get("x-one"), "1, 2");
  }
  assertEquals(readAnswer({ json: 1 }, ANSWER).head.headers.get("content-type"), "application/json");
});

Deno.test("readAnswer() refuses what is no answer", () => {
  const wrong: unknown[] = [
    null,
    "text",
    [],
    { status: "200" },
    { status: 99 },
    { status: 101 },
    { status: 200.5 },
    { status: 600 },
    { body: 5 },
    { body: "***", base64: true },
    { body: "x", base64: 1 },
    { body: "x", json: 1 },
    { headers: "x" },
    { headers: [["a"]] },
    { headers: [["a", 1]] },
    { headers: { "a b": "1" } },
    { headers: { a: "1\r\nset-cookie: x" } },
    { headers: { a: "\0" } },
    { headers: { a: "x".repeat(2000) } },
    { headers: Array.from({ length: 101 }, (_, index) => [`h${index}`, "1"]) },
    { statuscode: 200 },
  ];
  for (const value of wrong) {
    const error = assertThrows(() => readAnswer(value, ANSWER), HttpFailure);
    assertEquals(error.status, 502, JSON.stringify(value));
  }
  assertThrows(() => readHead({ body: "x" }, 1000), HttpFailure);
});

Deno.test("readAnswer() makes no JSON of bytes, nor more of it than an answer may have", async () => {
  const cases: readonly unknown[] = [
    new Uint8Array(5),
    [{ deep: new Uint8Array(5) }],
    5n,
    new Date(0),
    "x".repeat(999),
    "\0".repeat(200),
    ["ab", ...Array(334).fill(1234)],
    { a: { ["k".repeat(995)]: 1 } },
    undefined,
  ];
  for (const json of cases) {
    assertEquals(assertThrows(() => readAnswer({ json }, ANSWER), HttpFailure).status, 502);
  }
  for (
    const json of ['\n"é😀', { a: [1, -0.5, 1e300, true, null, {}, []], b: "" }, [], [[]], {}, 0, false, null]
  ) {
    const text = JSON.stringify(json);
    const exact = { ...ANSWER, responseSize: text.length },
      less = { ...ANSWER, responseSize: text.length - 1 };
    assertEquals(new TextDecoder().decode(readAnswer({ json }, exact).body), text);
    assertThrows(() => readAnswer({ json }, less), HttpFailure);
  }
  await using packed = await served(
    returning(new Uint8Array(encode({ json: new Uint8Array(9) })), "msgpack"),
  );
  assertEquals(await packed.ask("/"), [502, "502 Bad Gateway\n"]);
  assertEquals(packed.log.map(({ text }) => text), [
    '502: the guest\'s answer is wrong: "json" holds bytes, which JSON cannot say',
  ]);
});

Deno.test("answerMessage() refuses what is no message of HTTP", () => {
  const read = (text: string) => answerMessage(new TextEncoder().encode(text), 200);
  assertEquals(read("HTTP/1.1 201 Made\r\nX: 1\r\n\r\nbody").head.status, 201);
  for (
    const text of [
      "",
      "HTTP/1.1 200 OK",
      "HTTP/2 200\r\n\r\n",
      "200 OK\r\n\r\n",
      "HTTP/1.1 20 X\r\n\r\n",
      `HTTP/1.1 200 OK\r\nA: ${"x".repeat(300)}\r\n\r\n`,
    ]
  ) {
    assertThrows(() => read(text), HttpFailure);
  }
});

Deno.test("a module answers by handle in each form, and says which by its signature", async () => {
  await using json = await served(returning('{"status":201,"body":"json"}'));
  assertEquals([json.handler.form, ...await json.ask("/")], ["json", 201, "json"]);
  await using packed = await served(
    returning(new Uint8Array(encode({ status: 202, body: new Uint8Array([65, 66]) })), "msgpack"),
  );
  assertEquals([packed.handler.form, ...await packed.ask("/")], ["msgpack", 202, "AB"]);
  await using bytes = await served(returning("HTTP/1.1 203 Yes\r\nX: 1\r\n\r\nbytes", "bytes"));
  assertEquals([bytes.handler.form, ...await bytes.ask("/", { method: "POST", body: "x" })], [
    "bytes",
    203,
    "bytes",
  ]);
  await using c = await served("examples/http/handle.wasm");
  assertEquals(await c.ask("/some%20path"), [200, "Hello from /some%20path\n"]);
});

Deno.test("what handle returns that is no answer is a bad gateway, whose text is for the log alone", async () => {
  for (
    const output of [
      "no json",
      '{"status":700}',
      '{"headers":{"a":"b\\r\\nc: d"}}',
      '{"body":"secret words","x":1}',
    ]
  ) {
    await using site = await served(returning(output));
    assertEquals(await site.ask("/"), [502, "502 Bad Gateway\n"]);
    assertEquals(site.log.length, 1);
  }
});

Deno.test("a module that handles no requests is refused before anything listens", async () => {
  const cases: readonly (readonly [guest: string, form?: "json" | "cgi" | "stream" | "bytes"])[] = [
    ["(module)"],
    ["(module)", "cgi"],
    ["(module)", "stream"],
    ['(module (func (export "handle") (param i32)))'],
    ['(module (func (export "_start") (param i32)))'],
    [returning("{}"), "bytes"],
  ];
  for (const [guest, form] of cases) {
    const error = await assertRejects(() => served(guest, form === undefined ? {} : { form }), AegisError);
    assertEquals([error.code, error.field], ["InvalidOption", "form"]);
  }
  const error = await assertRejects(() => served(printing(""), { reuse: true }), AegisError);
  assertEquals(error.field, "reuse");
});

/** Counts requests in its memory. */
const COUNTING = `(module (memory (export "memory") 1) (data (i32.const 1024) "{\\22json\\22:0}")
  (func (export "aegis_alloc") (param i32) (result i32) (i32.const 4096)) (func (export "aegis_free") (param i32 i32))
  (func (export "handle") (param i32 i32) (result i64)
    (i32.store8 (i32.const 1032) (i32.add (i32.load8_u (i32.const 1032)) (i32.const 1)))
    (i64.const ${(1024n << 32n) | 10n})))`;

/** Answers 599, and then what is none. */
const WORSE = COUNTING.replace("{\\22json\\22:0}", "{\\22status\\22:499}")
  .replaceAll("1032", "1034").replace(`${(1024n << 32n) | 10n}`, `${(1024n << 32n) | 14n}`);

Deno.test("an instance that is reused is made as new after an answer that is none", async () => {
  await using site = await served(WORSE, { concurrency: 1, reuse: true });
  const statuses = [];
  for (let count = 0; count < 4; count++) statuses.push((await site.ask("/"))[0]);
  assertEquals(statuses, [599, 502, 599, 502]);
});

Deno.test("nothing of one request is there for the next, unless an instance is to be reused", async () => {
  await using fresh = await served(COUNTING, { concurrency: 1 });
  assertEquals([await fresh.ask("/"), await fresh.ask("/")], [[200, "1"], [200, "1"]]);
  await using reused = await served(COUNTING, { concurrency: 1, reuse: true });
  assertEquals([await reused.ask("/"), await reused.ask("/")], [[200, "1"], [200, "2"]]);
});
