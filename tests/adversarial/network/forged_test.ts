/**
 * G53 for the brokers that serve in their event loop: whatever a guest's thread writes into the memory that it shares, nothing
 * beyond its grants is asked for or run, its neighbours are served, and all can be closed.
 */
import { operationsOf, startForged } from "../isolation/forged_broker_guest.ts";
import { HttpGuest } from "./http_guest.ts";
import { assert, assertEquals } from "../../assert.ts";
import { ok, startServer, write } from "../../broker/net_servers.ts";
import type { Forgery } from "../isolation/forged_guest.ts";
import { residentMemory, sleep } from "../process_facts.ts";
import { Aegis, type AuditEvent, NetworkCapability, ProcessCapability } from "../../../mod.ts";
import { ERRNO } from "../../../src/protocol/errno.ts";
import { CONTROLS, WORDS } from "../../../src/protocol/layout.ts";

interface Attack {
  readonly broker: "net" | "process";
  /** Text of the program; `HOST` stands for what was granted, `OTHER` for what was not. */
  readonly forgery: Forgery;
}

/** Lets a forged guest attack beside an honest one; what its call returned, and the requests that arrived. */
async function attack({ broker, forgery }: Attack) {
  await using server = startServer(async ({ head }) => {
    if (head.includes("/slow")) await sleep(150);
    return ok("in");
  });
  await using other = startServer(() => ok("secret"));
  const host = `127.0.0.1:${server.port}`, events: AuditEvent[] = [];
  const runtime = await Aegis.create({
    isolation: "worker",
    fuelLimit: "unlimited",
    capabilities: [
      NetworkCapability.hosts([host]),
      ProcessCapability.command("say", { command: "/bin/echo", args: ["own"] }),
    ],
    onAudit: (event) => void events.push(event),
  });
  const neighbour = await HttpGuest.start(runtime, { timeout: "10s" });
  const kept = await neighbour.head(`http://${host}/neighbour`);
  assert(typeof kept !== "string");
  const text = forgery.replaceAll("HOST", host).replaceAll("OTHER", `127.0.0.1:${other.port}`);
  const sandbox = await startForged(runtime, { broker, forgery: text });
  const outcome = await sandbox.tryCall("run");
  const served = await Promise.race([neighbour.fetch(`http://${host}/neighbour`), sleep(3000)]);
  assertEquals<unknown>(served, "200 in", "the neighbour is not served");
  assertEquals(await neighbour.body(kept.response), "in", "the neighbour's response is gone");
  assertEquals(await Promise.race([runtime.close().then(() => "closed"), sleep(5000)]), "closed");
  assertEquals(other.connections(), 0);
  const own = server.received.filter(({ head }) => !head.includes("/neighbour"));
  return {
    end: outcome.kind === "value" ? outcome.values[0] : outcome.kind,
    heads: own.map(({ head }) => head),
    events,
  };
}

Deno.test("G53 every network operation with random fields ends in an error number, and reaches what is granted alone", async () => {
  const { end } = await attack({
    broker: "net",
    forgery: `each(() => {
    const odd = [0, 1, 2, 127, 255, 0x7fffffff, 0x80000000, 0xffffffff];
    const texts = ["GET", "POST", "CONNECT", "http://HOST/", "http://OTHER/", "https://OTHER/", "", "\\0", "x: a\\n",
      "host: a\\ncontent-length: 9\\n", "\\xff\\xfe", "a".repeat(20000), "http://" + "a.".repeat(4000) + "/", "{{secret:A}}"];
    const any = (list) => list[Math.random() * list.length | 0];
    let answered = 0;
    for (const name of ${JSON.stringify(operationsOf("net"))}) for (let i = 0; i < 60; i++) {
      begin(name);
      for (let fields = Math.random() * 6 | 0; fields > 0; fields--) any([() => u32(any(odd)), () => text(any(texts)), () => u8(255)])();
      if (ask() > 76) throw new Error("no error number");
      answered++;
    }
    return answered;
  })`,
  });
  assertEquals(end, 180);
});

Deno.test("G53 frames that lie about lengths, kinds and codes, and operations of others, get an error", async () => {
  const { end, heads } = await attack({
    broker: "net",
    forgery: `each(() => {
    const errors = new Set();
    for (const length of [0, 1, 3, 4, 5, 0x7fffffff, -1, -0x80000000, 1 << 20, (1 << 20) - 127]) {
      begin("httpRequest"); text("GET"); text("http://HOST/"); text("");
      errors.add(ask(14, length));
    }
    for (const lie of [0xffffffff, 0x7fffffff, 1 << 20, 1 << 24]) {
      begin("httpRequest"); u32(lie); errors.add(ask());
      begin("httpRequest"); text("GET"); u32(lie); errors.add(ask());
      begin("httpRequest"); text("GET"); text("http://HOST/"); text(""); u32(lie); errors.add(ask());
    }
    for (const code of ["open", "read", "processRun", "writeOutput", 0, 59, 63, 0xffffffff]) { begin(code); errors.add(ask()); }
    for (const number of [0, 1, 2, 0xffffffff]) for (const name of ["httpRead", "httpClose"]) {
      begin(name); u32(number); u32(0xffffffff);
      if (ask() !== ${ERRNO.badf}) return -1;
    }
    return errors.has(0) ? -2 : errors.size;
  })`,
  });
  assert(Number(end) > 0, String(end));
  assertEquals(heads, []);
});

Deno.test("G53 a frame that changes while it is performed changes neither what was decided nor what is sent", async () => {
  const { heads, end } = await attack({
    broker: "net",
    forgery: `each(() => {
    let good = 0;
    for (let i = 0; i < 40; i++) {
      begin("httpRequest"); text("POST"); const url = at + 4; text("http://HOST/a"); text(""); bytesOf("x".repeat(8));
      const length = at - 128, evil = "http://OTHER/a";
      post(14, length);
      for (let k = 0; k < 2000; k++) {
        for (let c = 0; c < evil.length; c++) bytes[url + c] = evil.charCodeAt(c);
        for (let c = at - 8; c < at; c++) bytes[c] = k;
        if (Atomics.load(words, TURN) === 1) break;
      }
      turn();
      if (view.getUint32(128, true) === 0) { good++; const number = view.getUint32(132, true); begin("httpClose"); u32(number); ask(); }
    }
    return good;
  })`,
  });
  assert(typeof end === "number" && end === heads.length, `${end} of ${heads.length}`);
  for (const head of heads) {
    assert(/^POST \/\S* HTTP\/1\.1\r\n/.test(head) && head.includes("content-length: "), head);
  }
});

Deno.test("G53 a guest that takes turns, rings for others and asks twice is answered once, and starves nobody", async () => {
  const before = residentMemory();
  const { end } = await attack({
    broker: "net",
    forgery: `each(() => {
    const stop = Date.now() + 400;
    while (Date.now() < stop) {
      // The ready bits of every slot, the bell without end, and a turn that is given to everybody in turn.
      for (let word = 0; word < shared.length; word++) if (word !== link.bell) Atomics.or(shared, word, -1);
      ring();
      begin("httpRequest"); text("GET"); text("http://OTHER/"); text(""); bytesOf("");
      post(14, at - 128);
      for (const turn of [0, 2, 3, 4, 99, -1, 3]) Atomics.store(words, TURN, turn);
    }
    while (Atomics.load(words, TURN) !== 1) { Atomics.store(words, TURN, 1); }
    return 1;
  })`,
  });
  assert([1, "limit", "fault"].includes(end as string | number), String(end));
  assert(residentMemory() - before < 200);
});

Deno.test("G53 a request is sent once, however often its guest rings and gives the turn while it is under way", async () => {
  const { end, heads } = await attack({
    broker: "net",
    forgery: `each(() => {
    begin("httpRequest"); text("GET"); text("http://HOST/slow"); text(""); bytesOf("");
    post(14, at - 128);
    const stop = Date.now() + 100;
    while (Date.now() < stop) {
      Atomics.or(shared, link.readyWord, link.readyBit);
      Atomics.store(words, TURN, MINE);
      ring();
    }
    turn();
    return view.getUint32(128, true);
  })`,
  });
  assertEquals([end, heads.length], [0, 1]);
});

Deno.test("G53 a guest that opens responses and numbers of its own has no more of them than its limit", async () => {
  const { end, heads } = await attack({
    broker: "net",
    forgery: `each(() => {
    let open = 0;
    for (let i = 0; i < 40; i++) { begin("httpRequest"); text("GET"); text("http://HOST/"); text(""); bytesOf(""); if (ask() === 0) open++; }
    return open;
  })`,
  });
  assertEquals([end, heads.length], [8, 8]);
});

Deno.test("G53 every process operation with random fields ends in an error number, and runs what is granted alone", async () => {
  const { end, events } = await attack({
    broker: "process",
    forgery: `each(() => {
    const odd = [0, 1, 2, 255, 0x7fffffff, 0xffffffff], odds = [0, -1, 0.5, NaN, Infinity, 2 ** 53, -(2 ** 63)];
    const texts = ["say", "/bin/sh", "sh", "", "\\0", "-c\\0id\\0", "a\\0".repeat(2000), "a".repeat(70000), "\\xff"];
    const any = (list) => list[Math.random() * list.length | 0];
    let answered = 0;
    for (const name of ${JSON.stringify(operationsOf("process"))}) for (let i = 0; i < 40; i++) {
      begin(name);
      for (let fields = Math.random() * 5 | 0; fields > 0; fields--) any([() => u32(any(odd)), () => f64(any(odds)), () => text(any(texts)), () => u8(255)])();
      if (ask() > 76) throw new Error("no error number");
      answered++;
    }
    begin("processRun"); text("say"); text("more\\0"); bytesOf(""); if (ask() !== ${ERRNO.notcapable}) return -1;
    begin("processRun"); text("sh"); text(""); bytesOf(""); if (ask() !== ${ERRNO.notcapable}) return -2;
    return answered;
  })`,
  });
  assertEquals(end, 120);
  assert(events.some(({ capability, allowed }) => capability === "process" && !allowed));
});

Deno.test("G53 a guest that is over time and denies it asks hosts for nothing more; written off, it holds nothing", async () => {
  const left = Promise.withResolvers<void>();
  await using server = startServer(async ({ head }, connection) => {
    if (!head.includes("/open")) return ok("in");
    await write(connection, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n");
    await connection.read(new Uint8Array(1)).catch(() => null); // until the broker leaves
    left.resolve();
    return "";
  });
  const host = `127.0.0.1:${server.port}`;
  await using runtime = await Aegis.create({
    isolation: "worker",
    capabilities: [NetworkCapability.hosts([host])],
  });
  const sandbox = await startForged(runtime, {
    broker: "net",
    timeout: 300,
    forgery: `
    const fetch = (path) => {
      words[${WORDS.control}] = ${CONTROLS.run};
      begin("httpRequest"); text("GET"); text("http://${host}" + path); text(""); bytesOf("");
      const errno = ask(), number = view.getUint32(132, true);
      if (errno === 0 && path !== "/open") { begin("httpClose"); u32(number); ask(); }
    };
    turn();
    fetch("/open");
    for (;;) fetch("/");`,
  });
  let over = false;
  const call = sandbox.tryCall("run").finally(() => over = true);
  await sleep(1000);
  const sent = server.received.length;
  assert(sent > 2 && !over, `${sent} requests`);
  await sleep(500);
  assertEquals(server.received.length, sent, "requests after the time was up");
  const outcome = await call;
  assertEquals(outcome.kind === "limit" ? outcome.limit : outcome.kind, "time");
  assertEquals(await Promise.race([left.promise.then(() => "left"), sleep(1000)]), "left");
});
