import { CONTENT_GUEST } from "./content_guest.ts";
import { start, type Started } from "./started.ts";
import { AegisError, type CallValue, hostFunction, type HostFunctionType, type Kind } from "../../mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../assert.ts";

/** A guest whose `f` passes what it gets to `env.f`, of the same type. */
function passing(type: string): string {
  const [params = "", result = ""] = type.split("->").map((part) => part.trim());
  const kinds = params === "" ? [] : params.split(" ");
  const typed = `${params === "" ? "" : `(param ${params})`} ${result === "" ? "" : `(result ${result})`}`;
  return `(import "env" "f" (func $f ${typed}))
    ${CONTENT_GUEST}
    (func (export "f") ${typed} ${kinds.map((_, index) => `(local.get ${index})`).join(" ")} (call $f))`;
}

async function offering<const P extends readonly Kind[], const R extends readonly Kind[]>(
  type: HostFunctionType<P, R>,
  run: Parameters<typeof hostFunction<P, R>>[1],
  lowered: string,
): Promise<Started> {
  const started = await start();
  started.sandbox.registerFuncs("env", { f: hostFunction(type, run) });
  await started.load(passing(lowered));
  return started;
}

for (const inline of [false, true]) {
  const where = inline ? "in the guest's thread" : "on the host";
  Deno.test(`a host function gets and returns content ${where}`, async () => {
    await using text = await offering(
      { params: ["string"], results: ["string"], inline },
      (name) => `${name}!`,
      "i32 i32 -> i64",
    );
    assertEquals(await text.sandbox.call("f", ["é"]), "é!");
    assertEquals(await text.sandbox.call("f", [""]), "!");
    await using bytes = await offering(
      { params: ["bytes", "i32"], results: ["bytes"], inline },
      (given, more) => Uint8Array.of(...given, more),
      "i32 i32 i32 -> i64",
    );
    assertEquals(await bytes.sandbox.call("f", [Uint8Array.of(1, 2), 3]), Uint8Array.of(1, 2, 3));
    await using json = await offering(
      { params: ["json"], results: ["json"], inline },
      (value) => ({ was: value }),
      "i32 i32 -> i64",
    );
    assertEquals<unknown>(await json.sandbox.call("f", [{ a: [1] }]), { was: { a: [1] } });
    assertEquals<unknown>(await json.sandbox.call("f", [null]), { was: null });
    await using numbers = await offering(
      { params: ["i64", "f64"], results: ["f64"], inline },
      (big, small) => Number(big) + small,
      "i64 f64 -> f64",
    );
    assertEquals(await numbers.sandbox.call("f", [2n, 0.5]), 2.5);
    assertEquals(numbers.sandbox.metrics().hostCalls, 1);
  });

  Deno.test(`what a host function may not return stops the guest ${where}`, async () => {
    const wrong: [readonly Kind[], string, () => unknown][] = [
      [["i32"], "-> i32", () => "5"],
      [["i64"], "-> i64", () => 5],
      [["string"], "-> i64", () => 5],
      [["bytes"], "-> i64", () => "text"],
      [["json"], "-> i64", () => undefined],
      [["f64"], "-> f64", () => {
        throw new Error("mine");
      }],
    ];
    for (const [results, lowered, run] of wrong) {
      await using started = await offering({ params: [], results, inline }, run as () => CallValue, lowered);
      const outcome = await started.sandbox.tryCall("f");
      assert(outcome.kind === "hostError", `${results}: ${outcome.kind}`);
      assert(outcome.error instanceof Error);
      if (inline) assertEquals((outcome.error as AegisError).code, "HostFunctionFailed");
    }
  });
}

Deno.test("MessagePack reaches host functions", async () => {
  await using started = await offering(
    { params: ["msgpack"], results: ["msgpack"] },
    (value) => [value, Uint8Array.of(5)],
    "i32 i32 -> i64",
  );
  const type = { params: ["msgpack"], results: ["msgpack"] } as const;
  assertEquals<unknown>(await started.sandbox.call("f", [{ a: 1 }], { type }), [
    { a: 1 },
    Uint8Array.of(5),
  ]);
});

Deno.test("bytes that a guest passes are checked: addresses, UTF-8, JSON", async () => {
  let calls = 0;
  const count = () => void calls++;
  const pass = (address: number, length: number) =>
    `(import "env" "f" (func $f (param i32 i32))) (memory (export "memory") 1) (data (i32.const 0) "\\ff{")
     (func (export "f") (call $f (i32.const ${address}) (i32.const ${length})))`;
  for (
    const [kind, address, length, message] of [
      ["bytes", 65536, 1, "1 bytes at 65536 lie outside"],
      ["string", -1, 2, "2 bytes at 4294967295 lie outside"],
      ["bytes", 1, -1, "4294967295 bytes at 1 lie outside"],
      ["string", 0, 1, "1 bytes that are none as argument 1: expected a string"],
      ["json", 1, 1, "1 bytes that are none as argument 1: expected a value that JSON can say"],
    ] as const
  ) {
    await using started = await start();
    started.sandbox.registerFunc("env", "f", { params: [kind], results: [] }, count);
    await started.load(pass(address, length));
    const error = await assertRejects(() => started.sandbox.call("f"), AegisError);
    assertStringIncludes(error.message, message);
  }
  assertEquals(calls, 0);
});

Deno.test("an inline function has nothing of what surrounds it, and nothing to reach out with", async () => {
  const outside = 5;
  const seen = async (run: () => CallValue) => {
    await using started = await offering({ params: [], results: ["json"], inline: true }, run, "-> i64");
    return await started.sandbox.tryCall("f", [], { type: { params: [], results: ["json"] } });
  };
  const closure = await seen(() => outside);
  assert(closure.kind === "hostError" && closure.error instanceof AegisError);
  assertStringIncludes(closure.error.message, "outside is not defined");
  const reach = await seen(() => {
    const names = ["Deno", "fetch", "Worker", "process", "Function", "eval", "setTimeout", "postMessage"];
    // deno-lint-ignore no-explicit-any -- looks for what must not be there
    return [names.filter((name) => (globalThis as any)[name] !== undefined), typeof (() => {}).constructor];
  });
  assertEquals<unknown>(reach.kind === "value" && reach.values, [[["postMessage"], "undefined"]]);
});

Deno.test("registerFunc() refuses what cannot run in the guest's thread", async () => {
  await using started = await start();
  const { sandbox } = started;
  const register = (run: () => CallValue, more: object = {}) => () =>
    sandbox.registerFunc(
      "env",
      "f",
      { params: [], results: ["i32"], inline: true, ...more },
      run as () => number,
    );
  const refused = [
    [register(Math.random), "its text is no function"],
    [register((() => 1).bind(null)), "its text is no function"],
    [register((async () => await 1) as unknown as () => number), "before it has ended"],
    // deno-lint-ignore require-yield -- it is not called
    [register(function* () {} as unknown as () => number), "before it has ended"],
    [register(() => 1, { capability: "x" }), "checked by the host"],
    [register(() => 1, { context: true }), "no context"],
    [register(() => 1, { results: ["msgpack"] }), "MessagePack is not there"],
    [register(() => 1, { inline: 1 }), "inline must be true or false"],
    [register(() => 1, { results: ["string", "i32"] }), "stands alone"],
    [register(() => 1, { params: ["text"] }), 'type "text"'],
  ] as const;
  for (const [attempt, message] of refused) {
    const error = assertThrows(attempt, AegisError);
    assertEquals(error.code, "InvalidOption");
    assertStringIncludes(error.message, message);
  }
  const methods = {
    f() {
      return 7;
    },
  };
  sandbox.registerFunc("env", "f", { params: [], results: ["i32"], inline: true }, methods.f);
  await started.load(passing("-> i32"));
  assertEquals(await sandbox.call("f"), 7);
});

Deno.test("a context tells the sandbox, and reads and writes the memory of the guest that calls", async () => {
  await using started = await start();
  const { sandbox } = started;
  let late: { read: (address: number, length: number) => unknown } | undefined;
  const type = { params: ["i32", "i32"], results: ["i32"], context: true } as const;
  sandbox.registerFunc("env", "f", type, async (address, length, { sandbox: id, memory, signal }) => {
    assertEquals([id, signal.aborted], [sandbox.id, false]);
    const text = new TextDecoder().decode(memory.read(address, length));
    await new Promise((resolve) => setTimeout(resolve, 2));
    memory.write(address, new TextEncoder().encode(text.toUpperCase()));
    memory.write(65536, new Uint8Array());
    assertEquals(memory.read(65535, 1), Uint8Array.of(0));
    for (const [at, size] of [[65536, 1], [0, 65537], [-1, 1], [0.5, 1], [0, NaN], [2 ** 53, 1]] as const) {
      assertEquals(assertThrows(() => memory.read(at, size), AegisError).code, "TypeMismatch");
    }
    assertEquals(assertThrows(() => memory.write(65535, new Uint8Array(2)), AegisError).code, "TypeMismatch");
    late = memory;
    return length;
  });
  await started.load(passing("i32 i32 -> i32"));
  await sandbox.writeMemory(200, new TextEncoder().encode("hello"));
  assertEquals(await sandbox.call("f", [200, 5]), 5);
  assertEquals(new TextDecoder().decode(await sandbox.readMemory(200, 5)), "HELLO");
  assertEquals(assertThrows(() => late?.read(0, 1), AegisError).code, "Closed");
});

Deno.test("a context's signal is aborted when the guest is stopped, and nobody waits for the function", async () => {
  await using started = await start();
  const { sandbox } = started, aborted = Promise.withResolvers<boolean>();
  sandbox.registerFunc("env", "f", { params: [], results: [], context: true }, ({ signal, memory }) => {
    signal.addEventListener("abort", () => {
      assertThrows(() => memory.read(0, 1), AegisError);
      aborted.resolve(signal.aborted);
    });
    return new Promise<void>(() => {});
  });
  await started.load(passing(""));
  const outcome = await sandbox.tryCall("f", [], { timeout: 50 });
  assert(outcome.kind === "limit" && outcome.limit === "time");
  assertEquals(await aborted.promise, true);
});

Deno.test("hostFunctions() counts calls and their time, until the next reset", async () => {
  await using started = await offering({ params: [], results: [] }, async () => {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }, "");
  const { sandbox } = started;
  for (let i = 0; i < 3; i++) await sandbox.call("f");
  const [usage] = sandbox.hostFunctions();
  assert(usage !== undefined && usage.time >= 55 && usage.time < 1000, JSON.stringify(usage));
  assertEquals([usage.module, usage.name, usage.calls], ["env", "f", 3]);
  await sandbox.reset();
  assertEquals(sandbox.hostFunctions(), [{ module: "env", name: "f", calls: 0, time: 0 }]);
});
