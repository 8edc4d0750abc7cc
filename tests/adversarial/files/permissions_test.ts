/**
 * G57 with capabilities: every thread of a runtime that grants files is asked what it may do. The guest holds no permission, the
 * broker exactly the grants, and the host process of the command none once it has started.
 */
import { compile } from "watr";
import { assert, assertEquals, assertStringIncludes } from "../../assert.ts";
import { withTree } from "./tree.ts";
import { driverText } from "../wasi/driver.ts";
import { Aegis, FilesystemCapability } from "../../../mod.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;

/** Permissions that are no list of paths. */
const KINDS = ["read", "write", "net", "env", "sys", "run", "ffi", "import"] as const;

/** What a thread says of itself: what it holds, by kind or kind and path, and what it could do. */
interface Told {
  readonly held: readonly string[];
  readonly done: readonly string[];
}

/** Program text that asks for permissions and tries what takes one, before anything else of the thread's program runs. */
function probe(paths: readonly string[]): string {
  return `(() => {
    const held = [], done = [], { Deno } = globalThis, paths = ${JSON.stringify(paths)};
    const ask = (query, name) => { if (Deno.permissions.querySync(query).state === "granted") held.push(name); };
    for (const name of ${JSON.stringify(KINDS)}) ask({ name }, name);
    for (const path of paths) for (const name of ["read", "write"]) ask({ name, path }, name + " " + path);
    const attempt = (name, work) => { try { work(); done.push(name); } catch {} };
    attempt("env", () => Deno.env.toObject());
    attempt("variable", () => Deno.env.get("HOME"));
    attempt("run", () => new Deno.Command("true").outputSync());
    attempt("hostname", () => Deno.hostname());
    attempt("passwd", () => Deno.readTextFileSync("/etc/passwd"));
    attempt("listen", () => Deno.listen({ port: 0 }).close());
    attempt("library", () => Deno.dlopen("libc.so.6", {}));
    attempt("link", () => Deno.symlinkSync("/", paths[0] + "/escape"));
    postMessage({ kind: "told", held, done });
  })();`;
}

/** What the Workers of that name told, of those that start while work is done. */
async function askWorkers(
  name: string,
  paths: readonly string[],
  work: () => Promise<void>,
): Promise<Told[]> {
  const Original = globalThis.Worker, told: Promise<Told>[] = [];
  class Asked extends Original {
    readonly #asked: boolean;

    constructor(url: string | URL, options: WorkerOptions = {}) {
      super(url, options);
      this.#asked = options.name === name;
      if (!this.#asked) return;
      told.push(
        new Promise((resolve) =>
          this.addEventListener("message", (event) => {
            if (event.data?.kind === "told") resolve(event.data);
          })
        ),
      );
    }

    override postMessage(message: unknown, ...rest: unknown[]): void {
      const send = super.postMessage.bind(this) as (...args: unknown[]) => void; // both overloads
      send(this.#asked && typeof message === "string" ? probe(paths) + message : message, ...rest);
    }
  }
  globalThis.Worker = Asked;
  try {
    await work();
    return await Promise.all(told);
  } finally {
    globalThis.Worker = Original;
  }
}

for (
  const [name, expected] of [
    ["aegis-guest", []],
    ["aegis-prepare", []],
    ["aegis-files", ["read INSIDE/fixed", "read INSIDE/free", "write INSIDE/free", "read INSIDE/file"]],
  ] as const
) {
  Deno.test(`G57 the Worker ${name} holds ${expected.length === 0 ? "no permission" : "exactly the grants"}`, async () => {
    await withTree(async ({ inside, outside, canary }) => {
      await Deno.mkdir(`${inside}/fixed`);
      await Deno.mkdir(`${inside}/free`);
      await Deno.writeTextFile(`${inside}/file`, "mine");
      const paths = [
        `${inside}/fixed`,
        `${inside}/free`,
        `${inside}/file`,
        `${inside}/other`,
        inside,
        outside,
        canary,
        "/",
      ];
      const told = await askWorkers(name, paths, async () => {
        await using runtime = await Aegis.create({
          isolation: "worker",
          capabilities: [
            FilesystemCapability.readOnly([{ host: `${inside}/fixed`, guest: "/fixed" }]),
            FilesystemCapability.full([{ host: `${inside}/free`, guest: "/free" }]),
            FilesystemCapability.readOnly([{ host: `${inside}/file`, guest: "/file" }]),
          ],
        });
        const loaded = await runtime.loadWat(`(module (func (export "run")))`);
        await using sandbox = await runtime.sandbox().build();
        await sandbox.loadModule(loaded);
        await sandbox.call("run");
      });
      assertEquals(told.length, 1);
      assertEquals(told[0]?.held, expected.map((line) => line.replace("INSIDE", inside)));
      assertEquals(told[0]?.done, []);
    });
  });
}

/** Runs the command in a folder; what it printed on stderr. */
async function aegis(cwd: string, ...args: readonly string[]): Promise<{ code: number; stderr: string }> {
  const words = ["run", "-A", `--config=${ROOT}deno.json`, "--frozen", `${ROOT}cli.ts`, ...args];
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: words,
    cwd,
    env: { NO_COLOR: "1" },
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("G57 the command's host process holds no permission after its start, whatever it grants the guest", async () => {
  await withTree(async ({ inside }) => {
    await Deno.mkdir(`${inside}/data`);
    const program = driverText().replace(
      '(func (export "grow")',
      '(func (export "_start")) (func (export "grow")',
    );
    await Deno.writeFile(`${inside}/program.wasm`, compile(program));
    const grants = [
      ["--dir=data::/data", "--dir=data::/fixed:ro", "--allow-read=data", "--allow-write=data"],
      ["--allow-net=example.com", "--allow-env=HOME", "--allow-clock", "--allow-random", "--allow-logging"],
    ];
    for (const flags of grants) {
      const { code, stderr } = await aegis(inside, "run", "program.wasm", "-vv", ...flags);
      assertEquals(code, 0, stderr);
      for (const kind of KINDS) assertStringIncludes(stderr, `host permission ${kind}: denied`);
      assert(!stderr.includes(": granted"), stderr);
    }
  });
});

Deno.test("G58 a path that a guest asks for reaches the terminal without its control characters", async () => {
  await withTree(async ({ inside }) => {
    const path = "/\u001b]0;taken\u0007\u001b[2J\u202e\u009bm\nerror: fake\r";
    const start = `(func (export "_start")
      (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 1024) (i32.const ${
      new TextEncoder().encode(path).length
    }) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 64))))
      (data (i32.const 1024) "${
      [...new TextEncoder().encode(path)].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("")
    }")`;
    const program = driverText().replace('(func (export "grow")', `${start} (func (export "grow")`);
    await Deno.writeFile(`${inside}/program.wasm`, compile(program));
    for (const flags of [[], ["-vvv"], ["--format=json"]]) {
      const { stderr } = await aegis(inside, "run", "program.wasm", ...flags);
      // deno-lint-ignore no-control-regex -- that is what must not be there
      assert(!/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/.test(stderr), JSON.stringify(stderr));
      assert(!/^error: fake/m.test(stderr), stderr);
    }
  });
});
