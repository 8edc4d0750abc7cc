/** What is done with the library: honest and hostile guests on both engines and both back ends. */
import type { Kind } from "./work.ts";
import {
  Aegis,
  type AegisModule,
  type Engine,
  FilesystemCapability,
  NetworkCapability,
  type Pool,
  type SandboxOptions,
} from "../../mod.ts";
import { wordsOf } from "../adversarial/cpu/stopping.ts";
import { HttpGuest } from "../adversarial/network/http_guest.ts";
import { COPY } from "../failures/copy_program.ts";
import { compileText } from "../testsuite/module_bytes.ts";

/** Adds the numbers up to the first argument, and passes each through memory. */
const SUM = compileText(`(module (memory (export "memory") 4)
  (func (export "main") (param $n i32) (result i32) (local $sum i32)
    (loop $l
      (i32.store (i32.and (i32.mul (local.get $n) (i32.const 4)) (i32.const 0x3fffc)) (local.get $n))
      (local.set $sum (i32.add (local.get $sum)
        (i32.load (i32.and (i32.mul (local.get $n) (i32.const 4)) (i32.const 0x3fffc)))))
      (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))`);

/** Steps of the sum that is saved in the middle: a tenth of a second on the interpreter. */
const LONG = 300_000;

const sumTo = (n: number): number => Number(BigInt.asIntN(32, BigInt(n) * BigInt(n + 1) / 2n));

interface Attack {
  readonly fields: string;
  readonly ends: string;
  readonly limits?: SandboxOptions;
}

const LOOP = `(func (export "main") (loop $l (br $l)))`;

/** What attackers do, and what it has to come to. */
const ATTACKS: Readonly<Record<string, Attack>> = {
  fuel: { fields: LOOP, ends: "limit fuel", limits: { fuelLimit: 300_000, timeout: "20s" } },
  spin: { fields: LOOP, ends: "limit time", limits: { timeout: "30ms" } },
  recursion: {
    fields: `(func $f (export "main") (call $f) (call $f))`,
    ends: "limit stack",
    limits: { timeout: "20s" },
  },
  trap: { fields: `(func (export "main") unreachable)`, ends: "trap unreachable" },
  growth: {
    fields: `(memory 1) (func (export "main")
      (loop $l (br_if $l (i32.ne (memory.grow (i32.const 64)) (i32.const -1)))) unreachable)`,
    ends: "limit memory",
  },
  flood: {
    fields: `(import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 0) "\\10\\00\\00\\00\\00\\10\\00\\00")
      (func (export "main") (loop $l (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) (br $l)))`,
    ends: "limit fuel",
    limits: { fuelLimit: 20_000, timeout: "5m" }, // a machine that others have may take long for it
  },
  escape: {
    fields: `(import "wasi_snapshot_preview1" "path_open"
        (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 8) "../../../../etc/passwd")
      (func (export "main") (result i32)
        (call $open (i32.const 3) (i32.const 1) (i32.const 8) (i32.const 22) (i32.const 0) (i64.const 2) (i64.const 0)
          (i32.const 0) (i32.const 64))))`,
    ends: "value 63", // perm
  },
};

/** Where work is done: a runtime of one back end, and what was loaded in it. */
export interface Place extends AsyncDisposable {
  readonly runtime: Aegis;
  readonly kinds: readonly Kind[];
}

/** @param folder of files that guests may change @param url of a server on loopback that echoes a path */
export async function openPlace(
  isolation: "worker" | "process",
  { folder, url }: { readonly folder: string; readonly url: string },
): Promise<Place> {
  const { port } = new URL(url);
  const runtime = await Aegis.create({
    isolation,
    memoryLimit: "16MiB",
    timeout: "5m",
    fuelLimit: 1_000_000_000,
    capabilities: [
      FilesystemCapability.readWrite([{ host: folder, guest: "/" }]),
      NetworkCapability.loopback([Number(port)]),
    ],
  });
  const stack = new AsyncDisposableStack();
  stack.use(runtime);
  const kinds = (await Promise.all(
    (["v8", "interpreter"] as const).map((engine) => kindsOf(runtime, { isolation, engine, folder, url })),
  )).flat();
  return { runtime, kinds, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

interface Where {
  readonly isolation: "worker" | "process";
  readonly engine: Engine;
  readonly folder: string;
  readonly url: string;
}

async function kindsOf(runtime: Aegis, { isolation, engine, folder, url }: Where): Promise<Kind[]> {
  const load = (bytes: Uint8Array) => runtime.loadBytes(bytes, { engine });
  const sum = await load(SUM), copy = await load(COPY);
  const named = (name: string) => `${name} (${engine}, ${isolation})`;
  const call = async (module: AegisModule, args: number[], options: SandboxOptions = {}) => {
    await using sandbox = await runtime.sandbox(options).build();
    await sandbox.loadModule(module);
    return wordsOf(await sandbox.tryCall("main", args));
  };
  let pool: Pool | undefined;
  const honest: Kind[] = [
    {
      name: named("call"),
      honest: true,
      run: (turn) => call(sum, [100 + turn % 1000]),
      ends: (turn) => `value ${sumTo(100 + turn % 1000)}`,
    },
    {
      name: named("pool"),
      honest: true,
      run: async (turn) => {
        pool ??= runtime.pool(sum, { maximum: 2 });
        const results = await Promise.all([1, 2, 3, 4].map((n) => pool?.call("main", [n + turn % 100])));
        return results.join(" ");
      },
      ends: (turn) => [1, 2, 3, 4].map((n) => sumTo(n + turn % 100)).join(" "),
    },
    {
      name: named("files"),
      honest: true,
      run: async (turn) => {
        // Another lane may do the same at this moment.
        const own = await Deno.makeTempDir({ dir: folder }), text = `turn ${turn}`;
        await Deno.writeTextFile(`${own}/in`, text);
        const capabilities = [FilesystemCapability.readWrite([{ host: own, guest: "/" }])];
        await using sandbox = await runtime.sandbox({ capabilities }).build();
        await sandbox.loadModule(copy);
        const size = await sandbox.call("copy");
        const copied = await Deno.readTextFile(`${own}/out`);
        await Deno.remove(own, { recursive: true });
        return `${size} ${copied}`;
      },
      ends: (turn) => `${`turn ${turn}`.length} turn ${turn}`,
    },
    {
      name: named("reset"),
      honest: true,
      run: async (turn) => {
        await using sandbox = await runtime.sandbox().build();
        await sandbox.loadModule(sum);
        const first = await sandbox.call("main", [turn % 100 + 1]);
        await sandbox.reset();
        return `${first} ${await sandbox.call("main", [turn % 100 + 2])}`;
      },
      ends: (turn) => `${sumTo(turn % 100 + 1)} ${sumTo(turn % 100 + 2)}`,
    },
  ];
  if (engine === "v8") {
    honest.push({
      name: named("http"),
      honest: true,
      run: async (turn) => {
        const guest = await HttpGuest.start(runtime);
        try {
          return await guest.fetch(`${url}/${turn}`);
        } finally {
          await guest.sandbox.close();
        }
      },
      ends: (turn) => `200 /${turn}`,
    }, {
      name: named("private address"),
      honest: false,
      run: async () => {
        const guest = await HttpGuest.start(runtime);
        try {
          return await guest.fetch("http://169.254.169.254/latest/meta-data/");
        } finally {
          await guest.sandbox.close();
        }
      },
      ends: "notcapable",
    });
  } else {
    honest.push({
      name: named("snapshot"),
      honest: true,
      run: async () => {
        await using sandbox = await runtime.sandbox().build();
        await sandbox.loadModule(sum);
        const whole = sandbox.call("main", [LONG]);
        await new Promise((resolve) => setTimeout(resolve, 5));
        const saved = await sandbox.snapshot();
        await using other = await runtime.restore(saved);
        const again = other.interruptedCall === undefined ? "ended before" : await other.continueCall();
        const result = await whole;
        return again === "ended before" ? `${result} ${result}` : `${result} ${again}`;
      },
      ends: `${sumTo(LONG)} ${sumTo(LONG)}`,
    });
  }
  const hostile = await Promise.all(
    Object.entries(ATTACKS).map(async ([name, { fields, ends, limits }]): Promise<Kind> => {
      const module = await load(compileText(`(module ${fields})`));
      return { name: named(name), honest: false, run: () => call(module, [], limits), ends };
    }),
  );
  const loop = await load(compileText(`(module ${LOOP})`));
  return [...honest, ...hostile, {
    name: named("cancel"),
    honest: false,
    run: async () => {
      await using sandbox = await runtime.sandbox().build();
      await sandbox.loadModule(loop);
      const cancel = new AbortController(), call = sandbox.tryCall("main", [], { signal: cancel.signal });
      setTimeout(() => cancel.abort(), 10);
      return wordsOf(await call);
    },
    ends: "aborted cancelled",
  }];
}
