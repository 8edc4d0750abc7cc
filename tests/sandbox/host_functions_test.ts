import { AegisError, HostCallsExceededError, type HostFunction, type Outcome } from "../../mod.ts";
import { assert, assertEquals, assertRejects, assertStrictEquals, assertStringIncludes } from "../assert.ts";
import { loadHostStack, workFor, worksFor } from "../../src/sandbox/host_stack.ts";
import { offer, running, start, type Started } from "./started.ts";

/** A module whose `f` calls `env.f` with this type, and passes everything through. */
function through(params: readonly string[], results: readonly string[]): string {
  const type = `(param ${params.join(" ")}) (result ${results.join(" ")})`;
  const get = params.map((_, index) => `local.get ${index}`).join(" ");
  return `(import "env" "f" (func $f ${type})) (func (export "f") ${type} ${get} call $f)`;
}

async function offering(
  params: readonly string[],
  results: readonly string[],
  run: HostFunction,
): Promise<Started> {
  return await running(through(params, results), { offers: { [`env.f(${params})->${results}`]: run } });
}

Deno.test("a host function gets and returns values of every type", async () => {
  const seen: unknown[][] = [];
  await using started = await offering(
    ["i32", "i64", "f32", "f64"],
    ["f64", "f32", "i64", "i32"],
    (...args) => {
      seen.push(args);
      return [-0, 0.1, -(2n ** 63n), -1];
    },
  );
  assertEquals(await started.sandbox.call("f", [2 ** 32 - 1, 2n ** 63n - 1n, 0.1, NaN]), [
    -0,
    Math.fround(0.1),
    -(2n ** 63n),
    -1,
  ]);
  assertEquals(seen, [[-1, 2n ** 63n - 1n, Math.fround(0.1), NaN]]);
});

Deno.test("a host function may return a promise", async () => {
  await using started = await offering(["i32"], ["i32"], async (value: number) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return value * 2;
  });
  assertEquals(await started.sandbox.call("f", [21]), 42);
});

Deno.test("what a host function throws is what the call throws, be it an error or not", async () => {
  const thrown: unknown[] = [new Error("mine"), new TypeError("x"), "text", 5, null, undefined, Symbol("s")];
  for (const value of thrown) {
    for (const later of [false, true]) {
      await using started = await offering([], [], () => {
        if (later) return Promise.reject(value);
        throw value;
      });
      const caught = await started.sandbox.call("f").then(() => "nothing", (error) => ({ error }));
      assert(typeof caught === "object");
      assertStrictEquals(caught.error, value);
      const outcome: Outcome = await started.sandbox.tryCall("f");
      assert(outcome.kind === "hostError");
      assertStrictEquals(outcome.error, value);
    }
  }
});

Deno.test("a guest cannot catch what a host function throws, and its instance goes on", async () => {
  let fails = true;
  const error = new Error("no");
  await using started = await running(
    `(import "env" "f" (func $f)) (global $caught (mut i32) (i32.const 0))
     (func (export "f") (block (try_table (catch_all 0) (call $f) (return))) (global.set $caught (i32.const 1)))
     (func (export "caught") (result i32) (global.get $caught))`,
    {
      offers: {
        "env.f()->": () => {
          if (fails) throw error;
        },
      },
    },
  );
  const { sandbox } = started;
  assertStrictEquals(await sandbox.call("f").catch((thrown) => thrown), error);
  assertEquals(await sandbox.call("caught"), 0);
  fails = false;
  await sandbox.call("f");
});

/** Declared results, and what a careless host function returns instead. */
const WRONG: readonly (readonly [results: string, returned: unknown])[] = [
  ["i32", undefined],
  ["i32", "1"],
  ["i32", 1n],
  ["i32", [1]],
  ["i32", null],
  ["i32", "interrupted"],
  ["i32", 1.5],
  ["i32", NaN],
  ["i32", 2 ** 32],
  ["i32", -(2 ** 31) - 1],
  ["i64", 2n ** 64n],
  ["i64", 1],
  ["f64", 1n],
  ["i32,i32", 1],
  ["i32,i32", [1]],
  ["i32,i32", [1, 2, 3]],
  ["i32,i64", [1, 2]],
  ["i32", {}],
  ["i32", Object.create(null)],
  ["i32", Symbol("s")],
  ["i32", 2 ** 32],
  ["i32", 3.7],
  ["i32", NaN],
  ["i64", 2n ** 64n],
];

Deno.test("a host function that returns what its type does not say stops the guest", async () => {
  for (const [results, returned] of WRONG) {
    await using started = await offering([], results.split(","), () => returned as number);
    const error = await assertRejects(() => started.sandbox.call("f"), AegisError);
    assertEquals(error.code, "HostFunctionFailed", `${results}: ${typeof returned}`);
    assertStringIncludes(error.message, '"env" "f"');
  }
});

Deno.test("a host function without results may return anything", async () => {
  for (const returned of [undefined, 5, "text", null]) {
    await using started = await offering([], [], () => returned as undefined);
    assertEquals(await started.sandbox.call("f"), undefined);
  }
});

Deno.test("a host function may return the unsigned form of an integer", async () => {
  const cases: readonly (readonly [kind: string, returned: number | bigint, seen: number | bigint])[] = [
    ["i32", 2 ** 32 - 1, -1],
    ["i64", 2n ** 64n - 1n, -1n],
    ["f32", 1e300, Infinity],
  ];
  for (const [kind, returned, seen] of cases) {
    await using started = await offering([], [kind], () => returned);
    assertEquals(await started.sandbox.call("f"), seen);
  }
});

Deno.test("a host function that calls into its own sandbox gets Reentrant", async () => {
  const codes: unknown[] = [];
  await using started: Started = await running(
    '(import "env" "f" (func $f)) (func (export "f") (call $f)) (func (export "g")) (memory (export "memory") 1)',
    {
      offers: {
        "env.f()->": async () => {
          const { sandbox } = started;
          const attempts = [
            sandbox.call("g"),
            sandbox.tryCall("g"),
            sandbox.reset(),
            sandbox.readMemory(0, 1),
          ];
          for (const each of await Promise.allSettled(attempts)) {
            codes.push(each.status === "rejected" && each.reason instanceof AegisError && each.reason.code);
          }
        },
      },
    },
  );
  await started.sandbox.call("f");
  assertEquals(codes, ["Reentrant", "Reentrant", "Reentrant", "Reentrant"]);
  await started.sandbox.call("g");
});

Deno.test("a host function may call into another sandbox", async () => {
  await using other = await running(
    '(func (export "g") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))',
  );
  await using started = await offering(
    ["i32"],
    ["i32"],
    (value: number) => other.sandbox.call<number>("g", [value]),
  );
  assertEquals(await started.sandbox.call("f", [4]), 8);
});

Deno.test("a host function may read metrics, add fuel and close the sandbox", async () => {
  let calls = -1;
  await using started: Started = await offering([], [], () => {
    calls = started.sandbox.metrics().hostCalls;
    started.sandbox.addFuel(1);
    void started.sandbox.close();
  });
  const error = await assertRejects(() => started.sandbox.call("f"), AegisError);
  assertEquals([error.code, calls], ["Closed", 1]);
});

Deno.test("host calls are limited over the life of the sandbox", async () => {
  let calls = 0;
  const started = await start({ hostCallLimit: 5 });
  await using _ = started;
  offer(started.sandbox, { "env.f()->": () => void calls++ });
  await started.load(through([], []));
  for (let turn = 0; turn < 5; turn++) await started.sandbox.call("f");
  const error = await assertRejects(() => started.sandbox.call("f"), HostCallsExceededError);
  assertEquals([error.code, error.limit, calls], ["HostCallsExceeded", 5, 5]);
  await started.sandbox.reset();
  await started.sandbox.call("f");
  assertEquals(calls, 6);
});

Deno.test("a limit of no host calls admits none", async () => {
  await using started = await start({ hostCallLimit: 0 });
  offer(started.sandbox, { "env.f()->": () => {} });
  await started.load(through([], []));
  await assertRejects(() => started.sandbox.call("f"), HostCallsExceededError);
});

Deno.test("thousands of host calls in one call come back in order", async () => {
  const seen: number[] = [];
  await using started = await running(
    `(import "env" "f" (func $f (param i32)))
     (func (export "f") (param i32) (local i32) (loop $l (call $f (local.get 1))
       (br_if $l (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (local.get 0)))))`,
    { offers: { "env.f(i32)->": (value: number) => void seen.push(value) } },
  );
  await started.sandbox.call("f", [3000]);
  assertEquals(seen, Array.from({ length: 3000 }, (_, index) => index));
});

Deno.test("a host function that is exported again can be called from the host", async () => {
  await using started = await running(
    '(import "env" "f" (func $f (param i32) (result i32))) (export "g" (func $f))',
    {
      offers: { "env.f(i32)->i32": (value: number) => value + 1 },
    },
  );
  assertEquals(await started.sandbox.call("g", [1]), 2);
});

Deno.test("a host function that waits for its own sandbox after an await gets Reentrant, by way of another one too", async () => {
  const codes: string[] = [];
  const codeOf = async (work: () => Promise<unknown>) => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await work().then(() => codes.push("done"), (error: AegisError) => codes.push(error.code));
  };
  const asks = '(import "env" "f" (func $f)) (export "f" (func $f)) (func (export "g"))';
  await using other: Started = await running(asks, {
    offers: { "env.f()->": () => codeOf(() => started.sandbox.callVoid("g")) },
    timeout: "5s",
  });
  await using started: Started = await running(asks, {
    offers: {
      "env.f()->": async () => {
        await codeOf(() => started.sandbox.callVoid("g"));
        await codeOf(() => started.sandbox.reset());
        await codeOf(() => other.sandbox.callVoid("f"));
      },
    },
    timeout: "5s",
  });
  await started.sandbox.callVoid("f");
  assertEquals(codes, ["Reentrant", "Reentrant", "Reentrant", "done"]);
});

Deno.test("what a host function has started and left alone may call its sandbox once the function has returned", async () => {
  let later: Promise<unknown> | undefined;
  await using started: Started = await running(
    '(import "env" "f" (func $f)) (export "f" (func $f)) (func (export "g") (result i32) i32.const 7)',
    {
      offers: {
        "env.f()->": async () => {
          const { promise, resolve } = Promise.withResolvers<void>();
          later = promise.then(() => started.sandbox.call("g"));
          setTimeout(resolve, 30);
          await Promise.resolve();
        },
      },
    },
  );
  await started.sandbox.callVoid("f");
  assertEquals(await later, 7);
});

Deno.test("host functions that tell each other without end leave no chain behind", async () => {
  await loadHostStack();
  const HOPS = 30_000, owners = [{}, {}], done = Promise.withResolvers<void>(), times: number[] = [];
  let hops = 0;
  const hop = (): void => {
    if (hops % 1000 === 0) times.push(performance.now());
    if (++hops > HOPS) return done.resolve();
    const owner = owners[hops % 2] ?? {};
    void workFor(owner, async () => {
      await Promise.resolve();
      // Nobody waits for it; the work has ended when it goes on.
      void later().then(hop);
    });
    worksFor({});
  };
  const later = async () => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  hop();
  await done.promise;
  const took = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  const first = Math.min(...took.slice(0, 5)), last = Math.min(...took.slice(-5));
  assert(last < 5 * first + 5, `a thousand hops took ${first} ms at first, ${last} ms at last`);
});

Deno.test("workFor() lasts as long as what it returns, be it a promise or anything that can be awaited", async () => {
  await loadHostStack();
  const owner = {};
  const { promise, resolve } = Promise.withResolvers<void>();
  const seen: boolean[] = [];
  const thenable = {
    then: (end: (value: number) => void) => void (seen.push(worksFor(owner)), setTimeout(end, 5, 7)),
  };
  assertEquals(await workFor(owner, () => thenable), 7 as unknown);
  const later = workFor(owner, async () => {
    void promise.then(() => seen.push(worksFor(owner)));
    await Promise.resolve();
    seen.push(worksFor(owner));
  });
  await later;
  resolve();
  await promise;
  assertEquals(seen, [true, true, false]);
});

Deno.test("the signal of a host function that has returned is not aborted by what happens to the guest later", async () => {
  const signals: AbortSignal[] = [];
  const started = await start(), { sandbox } = started;
  sandbox.registerFunc("env", "g", { params: [], results: [], context: true }, async (context) => {
    signals.push(context.signal);
    await Promise.resolve();
  });
  await sandbox.loadModule(await started.module('(import "env" "g" (func $g)) (export "f" (func $g))'));
  await sandbox.callVoid("f");
  await started.runtime.close();
  assertEquals(signals.map(({ aborted }) => aborted), [false]);
});
