/** Real children, with programs that do what ours would not. */
import { type ChildEnd, ChildProcess } from "../../src/relay/child_process.ts";
import { packet, PACKETS } from "../../src/relay/wire.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";

interface Ran {
  readonly end: ChildEnd;
  readonly got: readonly string[];
}

/** Runs a program until it ends; what it sends as reports is its text. */
async function run(program: string, act: (child: ChildProcess) => void = () => {}): Promise<Ran> {
  const got: string[] = [], ended = Promise.withResolvers<ChildEnd>();
  const child = new ChildProcess({
    execPath: Deno.execPath(),
    program: `const send = (kind, text, length) => {
      const bytes = new TextEncoder().encode(text), head = new Uint32Array([kind, length ?? bytes.length]);
      Deno.stdout.writeSync(new Uint8Array(head.buffer)); Deno.stdout.writeSync(bytes); };\n${program}`,
    heapSize: 64 * 2 ** 20,
    limits: { [PACKETS.report]: 1000 },
  }, {
    packet: (_, content) => {
      const text = new TextDecoder().decode(content);
      if (text === "throw") throw new Error("refused\u001b[31m");
      got.push(text);
    },
    end: ended.resolve,
  });
  act(child);
  return { end: await ended.promise, got };
}

const FOREVER = "setInterval(() => {}, 1000);";

Deno.test("ChildProcess gives what a child sends, and how it ended", async () => {
  const { end, got } = await run(`send(${PACKETS.report}, "one"); send(${PACKETS.report}, ""); Deno.exit(3)`);
  assertEquals([got, end], [["one", ""], { why: "its process ended with status 3", heapFull: false }]);
});

Deno.test("ChildProcess kills a child that sends what may not come, and looks at nothing more", async () => {
  const offences = {
    "an unknown kind": `send(77, "x")`,
    "a kind that may not come": `send(${PACKETS.turned}, "x")`,
    "more than may come": `send(${PACKETS.report}, "", 1001)`,
    "four gigabytes": `send(${PACKETS.report}, "", 2 ** 32 - 1)`,
    "what is refused": `send(${PACKETS.report}, "throw")`,
  };
  for (const [what, code] of Object.entries(offences)) {
    const { end, got } = await run(`${code}; send(${PACKETS.report}, "late"); ${FOREVER}`);
    assertMatch(end.why, /^it sent what it may not: /, what);
    assertEquals(got, [], what);
  }
});

Deno.test("ChildProcess shows the first of what a child says when it fails, in quotes and on one line", async () => {
  const { end } = await run(
    `for (let i = 0; i < 30; i++) console.error("\\u001b[31me\\n".repeat(200)); Deno.exit(1)`,
  );
  const shown = "\\u001b[31me\\n".repeat(200).slice(0, 1400); // a thousand characters, of which some are escaped
  assertEquals(end.why.slice(0, 1000), `its process ended with status 1: "${shown}`.slice(0, 1000));
  assert(end.why.endsWith('…"') && end.why.length < 3000, `${end.why.length} characters`);
});

Deno.test("ChildProcess quotes an error of its reader that may repeat what the child sent", async () => {
  const { end } = await run(`send(${PACKETS.report}, "throw"); ${FOREVER}`);
  assertEquals(end.why, 'it sent what it may not: "refused\\u001b[31m"');
});

Deno.test("ChildProcess kills a child that writes to its standard error without end", async () => {
  const began = performance.now();
  const { end } = await run(
    "const bytes = new Uint8Array(65536); for (;;) Deno.stderr.writeSync(bytes)",
    (child) => {
      setTimeout(() => child.kill("it was read for ever"), 3000);
    },
  );
  assertEquals(end.why, "it wrote more than 65536 bytes to its standard error");
  assert(performance.now() - began < 2000);
});

Deno.test("ChildProcess knows a heap that was full", async () => {
  const { end } = await run(`const list = []; for (;;) list.push(new Array(1000).fill({}))`);
  assertEquals(end, { why: "its heap was full", heapFull: true });
});

Deno.test("ChildProcess ends a child that computes", async () => {
  const { end } = await run("for (;;);", (child) => setTimeout(() => child.kill("enough"), 100));
  assertEquals(end.why, "enough");
});

Deno.test({
  name: "ChildProcess tells the end of a child whose pipes another process holds open",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "aegis-child-" }), execPath = `${folder}/fork`;
    const ended = Promise.withResolvers<ChildEnd>();
    try {
      await Deno.writeTextFile(execPath, "#!/bin/sh\nsleep 3 &\necho $! >&2\nexec sleep 20\n", {
        mode: 0o755,
      });
      const child = new ChildProcess({ execPath, program: "", limits: {} }, {
        packet: () => {},
        end: ended.resolve,
      });
      await new Promise((resolve) => setTimeout(resolve, 100));
      const began = performance.now();
      child.kill();
      const { why } = await ended.promise, elapsed = performance.now() - began;
      assertMatch(why, /^its process ended by SIGKILL: "\d+"$/);
      assert(elapsed < 1500, `told ${elapsed} ms after it`);
      assertEquals(Deno.readTextFileSync(`/proc/${/\d+/.exec(why)?.[0]}/comm`), "sleep\n");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("ChildProcess gives all that a child sent before it ended, though it left something unread", async () => {
  const program = `for (let i = 0; i < 500; i++) send(${PACKETS.report}, "x".repeat(1000)); Deno.exit(0)`;
  const { got } = await run(program, (child) => child.send(packet(PACKETS.post, new Uint8Array(1_000_000))));
  assertEquals(got.length, 500);
});

Deno.test("ChildProcess bears a child that reads nothing", async () => {
  const { end } = await run(FOREVER, (child) => {
    for (let count = 0; count < 100; count++) child.send(packet(PACKETS.post, new Uint8Array(100_000)));
    setTimeout(() => child.kill("enough"), 100);
  });
  assertEquals(end.why, "enough");
});

Deno.test("a child may nothing, and cannot ask for it", async () => {
  const { got } = await run(`
    for (const name of ["read", "write", "net", "env", "run", "sys", "ffi", "import"]) {
      send(${PACKETS.report}, name + " " + Deno.permissions.querySync({ name }).state + " " +
        Deno.permissions.requestSync({ name }).state);
    }
    Deno.exit(0)`);
  for (const line of got) assertMatch(line, /^\w+ (prompt|denied) denied$/);
  assertEquals(got.length, 8);
});
