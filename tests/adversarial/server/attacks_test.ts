/**
 * Hostile modules and tasks through the HTTP API of a real `aegis server`, on both engines: each ends as its limits say, the
 * server answers all the while, what it keeps of them is bounded, and none finds anything of another or of the server.
 */
import { type ServerProcess, startServerProcess } from "../../../bench/tasks/server_process.ts";
import { assert, assertEquals, assertMatch } from "../../assert.ts";
import { ENGINES_HERE } from "../../sandbox/engines_here.ts";
import { compileText } from "../../testsuite/module_bytes.ts";
import { bytesOf, GUESTS } from "../command/guests.ts";

type Json = Readonly<Record<string, unknown>>;

interface Run {
  readonly id: number;
  readonly outcome: string;
  readonly results: readonly unknown[] | null;
  readonly error: unknown;
}

const WRITE =
  `(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))`;

const LOG = `(import "aegis:log" "log" (func $log (param i32 i32 i32)))`;

const LOOP = "(loop $l (br $l))";

function main(code: string, fields = "", results = ""): Uint8Array<ArrayBuffer> {
  return compileText(`(module ${fields} (func (export "main") ${results} ${code}))`);
}

/** A server with a policy: `memory_limit` keeps thirty guests that fill theirs small. */
async function withServer(
  engine: string,
  work: (server: ServerProcess) => Promise<void>,
  policy = "",
): Promise<void> {
  const lines = [
    `engine = "${engine}"`,
    'memory_limit = "16MiB"',
    'timeout = "20s"',
    "allow_logging = true",
    policy,
  ];
  await using server = await startServerProcess({ policy: lines.join("\n") });
  await work(server);
  assertEquals((await server.ask("GET", "/api/v1/health") as Json)["status"], "ok");
  Deno.kill(server.pid, "SIGCONT"); // throws where there is no such process any more
}

/** Runs a module once, and waits for its end. */
async function run(server: ServerProcess, module: string, limits: Json = {}, more: Json = {}): Promise<Run> {
  const json = { module, limits: { timeout: "300ms", fuelLimit: "1B", ...limits }, ...more };
  return await server.ask("POST", "/api/v1/run", json) as Run;
}

/** Asks for the health again and again while something is done; the longest time that an answer took. */
async function longestAnswer(server: ServerProcess, work: () => Promise<void>): Promise<number> {
  let done = false, longest = 0;
  const asking = (async () => {
    while (!done) {
      const began = performance.now();
      await server.ask("GET", "/api/v1/health");
      longest = Math.max(longest, performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  await work().finally(() => done = true);
  await asking;
  return longest;
}

/** The result of something that ends long before, or it is known what did not. */
async function inTime<Result>(what: string, work: Promise<Result>): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what}: it goes on after 20 s`)), 20_000);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Resident memory of a process, in MiB. */
function residentMemory(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]) / 1024;
}

/** Tasks that end by no doing of their own, and how each ends. */
const ENDLESS: Readonly<Record<string, readonly [module: Uint8Array<ArrayBuffer>, end: RegExp]>> = {
  "C22 a loop": [main(LOOP), /^limit:(time|fuel)$/],
  "C22 branches": [main("(loop $l (block $b (br_table $l $b $l (i32.const 0))))"), /^limit:(time|fuel)$/],
  "C23 a start function": [
    compileText(`(module (func $s ${LOOP}) (start $s) (func (export "main")))`),
    /^(Timeout|OutOfFuel|limit:)/,
  ],
  "C24 bulk operations": [
    main("(loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 1000000)) (br $l))", "(memory 16)"),
    /^limit:(time|fuel)$/,
  ],
  "C25 calls of the host": [
    main(
      "(loop $l (call $log (i32.const 2) (i32.const 0) (i32.const 0)) (br $l))",
      `${LOG} (memory (export "memory") 1)`,
    ),
    /^limit:/,
  ],
  "C27 handlers": [
    main(`(loop $again (block $c (try_table (catch_all $c) ${LOOP})) (br $again))`),
    /^limit:(time|fuel)$/,
  ],
  "D36 recursion": [compileText(`(module (func $f (export "main") (call $f) (call $f)))`), /^limit:stack$/],
};

/** Grows to its limit, writes to every page, and traps. */
const GLUTTON = main(
  `(loop $g (br_if $g (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
  (loop $w (i32.store (local.get 0) (i32.const 1))
    (br_if $w (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 4096))) (i32.const 16000000)))) unreachable`,
  "(memory 1)",
  "(local i32)",
);

/** Modules that are refused before there is a task; where it is the time to compile that is too much, on V8 alone. */
const REFUSED: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  "E39 no module": new Uint8Array(100),
  "E39 a section that is cut off": bytesOf(
    GUESTS["E39 bytes that are no module are invalid"] ?? { module: "", status: 0 },
  ),
  "E44 an unknown instruction": bytesOf(
    GUESTS["E44 an instruction that nobody knows is refused"] ?? { module: "", status: 0 },
  ),
  "D31 a memory of 4 GiB": compileText("(module (memory 65536))"),
  "D31 a shared memory": compileText("(module (memory 1 1 shared))"),
  "D33 a table of ten million": compileText("(module (table 10000000 funcref))"),
  "D34 a tag that carries an exception": compileText("(module (tag (param exnref)))"),
};

/** Says what it finds in its memory and in its global, and leaves something there; logs it, too. */
const RESIDUE = compileText(`(module ${LOG} (memory (export "memory") 1) (global $g (mut i32) (i32.const 0))
  (data (i32.const 65000) "left behind")
  (func (export "main") (result i32 i32 i32)
    (i32.load (i32.const 100)) (global.get $g) (memory.size)
    (i32.store (i32.const 100) (i32.const 7)) (global.set $g (i32.const 7)) (drop (memory.grow (i32.const 1)))
    (call $log (i32.const 2) (i32.const 65000) (i32.const 11))))`);

/** The sum of all bytes of its first two pages. */
const LOOKER = main(
  `(loop $l (local.set 1 (i32.add (local.get 1) (i32.load8_u (local.get 0))))
    (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 131072)))) (local.get 1)`,
  "(memory 2)",
  "(result i32) (local i32 i32)",
);

for (const engine of ENGINES_HERE) {
  const on = `on ${engine} in a worker, `;

  Deno.test(`${on}C22, C23, C24, C25, C27 and D36 tasks without end come to theirs, and the server answers meanwhile`, async () => {
    await withServer(engine, async (server) => {
      const longest = await longestAnswer(server, async () => {
        await Promise.all(
          Object.entries(ENDLESS).map(async ([what, [bytes, end]]) => {
            const { outcome } = await inTime(what, run(server, await server.module(bytes)));
            assertMatch(outcome, end, what);
          }),
        );
      });
      assert(longest < 3000, `an answer took ${longest.toFixed(0)} ms`);
    });
  });

  Deno.test(`${on}D32 and D38 tasks that fill their memory end, and the server neither ends nor keeps it`, async () => {
    await withServer(engine, async (server) => {
      const module = await server.module(GLUTTON);
      for (let round = 0; round < 4; round++) {
        const ends = await Promise.all(
          Array.from({ length: 8 }, () => run(server, module, { timeout: "10s" })),
        );
        assertEquals(ends.map(({ outcome }) => outcome), Array(8).fill("limit:memory"));
      }
      // V8 gives memory back when it collects, or with the thread of a guest that was idle for a while.
      let memory = residentMemory(server.pid);
      for (let looks = 0; memory >= 300 && looks < 40; looks++) {
        await new Promise((resolve) => setTimeout(resolve, 500));
        memory = residentMemory(server.pid);
      }
      assert(
        memory < 300,
        `${memory.toFixed(0)} MiB after 32 guests of 16 MiB, none of which is there any more`,
      );
    });
  });

  Deno.test(`${on}D37 floods of output and of log leave no more than is kept of a task`, async () => {
    await withServer(engine, async (server) => {
      const fields = `(memory (export "memory") 16)`;
      const floods = [
        main(
          `(i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 1000000))
          (memory.fill (i32.const 16) (i32.const 65) (i32.const 1000000))
          (loop $l (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) (br $l))`,
          `${WRITE} ${fields}`,
        ),
        main(
          `(memory.fill (i32.const 16) (i32.const 10) (i32.const 60000))
          (loop $l (call $log (i32.const 2) (i32.const 16) (i32.const 60000)) (br $l))`,
          `${LOG} ${fields}`,
        ),
      ];
      for (const bytes of floods) {
        const { id, outcome } = await run(server, await server.module(bytes));
        assertMatch(outcome, /^limit:/);
        const kept = JSON.stringify(await server.ask("GET", `/api/v1/executions/${id}/logs`));
        assert(kept.length > 0 && kept.length < 2_000_000, `${kept.length} characters`);
      }
      const memory = residentMemory(server.pid);
      assert(memory < 500, `${memory.toFixed(0)} MiB`);
    });
  });

  Deno.test(`${on}D31, D33, D34, E39, E44 and F45 modules that must not run are refused before there is a task, or by it`, async () => {
    await withServer(engine, async (server) => {
      for (const [what, bytes] of Object.entries(REFUSED)) {
        const response = await fetch(`${server.url}/api/v1/modules`, {
          method: "POST",
          body: bytes,
          headers: { "Content-Type": "application/wasm" },
        });
        assertEquals([response.status, typeof (await response.json()).error?.code], [422, "string"], what);
      }
      assertEquals((await server.ask("GET", "/api/v1/modules") as { items: unknown[] }).items, []);
      const odd = await server.module(
        compileText('(module (import "__proto__" "constructor" (func)) (func (export "main")))'),
      );
      assertEquals((await run(server, odd)).outcome, "MissingImport");
    });
  });

  Deno.test(`${on}G54 and G55 a task finds nothing of those before and beside it: memory, globals, log, numbers of others`, async () => {
    await withServer(engine, async (server) => {
      const residue = await server.module(RESIDUE), looker = await server.module(LOOKER);
      for (let round = 0; round < 3; round++) {
        const [one, other, look] = await Promise.all([
          run(server, residue),
          run(server, residue),
          run(server, looker),
        ]);
        assertEquals([one?.results, other?.results, look?.results], [[0, 0, 1], [0, 0, 1], [0]]);
        const logs = await server.ask("GET", `/api/v1/executions/${look?.id}/logs`);
        assert(!JSON.stringify(logs).includes("left behind"));
      }
      for (
        const path of [
          "executions/-1",
          "executions/1e3/logs",
          "executions/1%20or%201=1",
          "tasks/..%2f..%2ftokens.json",
          "tasks/%00/logs",
          "tasks/__proto__/usage",
          "modules/..%2f..%2f..%2fetc%2fpasswd/bytes",
          "modules/constructor",
        ]
      ) {
        const response = await fetch(`${server.url}/api/v1/${path}`), text = await response.text();
        assert([400, 404].includes(response.status), `${path}: ${response.status}`);
        assert(!/root:|sha256|tasks\.db/.test(text), `${path}: ${text}`);
      }
    });
  });

  Deno.test(`${on}F46 and G55 a task reaches no file that is not granted, the server's own least of all`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "aegis_granted_" });
    try {
      await Deno.writeTextFile(`${folder}/granted`, "granted");
      await withServer(engine, async (server) => {
        const paths = [
          `${server.data}/tokens.json`,
          `${server.data}/tasks.db`,
          "/etc/passwd",
          "/proc/self/environ",
        ];
        const opener = await server.module(
          compileText(`(module
            (import "wasi_snapshot_preview1" "path_open"
              (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
            (memory (export "memory") 1)
            ${
            [...paths, `${folder}/granted`].map((path, index) =>
              `(data (i32.const ${index * 256}) "${path.slice(1)}")`
            ).join("\n")
          }
            (func $try (param i32 i32 i32) (result i32)
              (call $open (local.get 0) (i32.const 1) (local.get 1) (local.get 2)
                (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 4096)))
            (data (i32.const 2048) "granted")
            (func (export "main") (result i32 i32) (local i32)
              ${
            paths.flatMap((path, index) =>
              [3, 4, 5].map((directory) =>
                `(local.set 0 (i32.add (local.get 0) (i32.eqz
                  (call $try (i32.const ${directory}) (i32.const ${index * 256}) (i32.const ${
                  path.length - 1
                })))))`
              )
            ).join("\n")
          } (local.get 0) (i32.eqz (call $try (i32.const 3) (i32.const 2048) (i32.const 7)))))`),
        );
        assertEquals((await run(server, opener)).results, [0, 1], "none of those, and what is granted");
        // Nor may whoever makes a task grant it: what the server was not granted, and its own data.
        for (const read of [server.data, "/", "/etc", `${server.data}/tokens.json`, `${folder}/../`]) {
          const response = await fetch(`${server.url}/api/v1/run`, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ module: opener, grants: { read: [read] } }),
          });
          const { error } = await response.json();
          assert(error !== null && error !== undefined, `${read} was granted`);
        }
      }, `allow_read = [${JSON.stringify(folder)}]`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
