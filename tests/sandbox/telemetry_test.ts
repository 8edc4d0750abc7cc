import * as otel from "@opentelemetry/api";
import { Aegis, AegisError, openTelemetry, type TelemetryOptions } from "../../mod.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";

/** What was told to a span. */
interface SeenSpan {
  readonly name: string;
  readonly attributes: Record<string, unknown>;
  readonly events: { readonly name: string; readonly attributes: unknown }[];
  status?: unknown;
  ended: number;
}

/** What was told to an instrument: its name, the value, its attributes. */
type Seen = readonly [name: string, value: number, attributes: unknown];

/** An SDK that notes what it is told, registered with the API until it is disposed. */
class FakeSdk implements Disposable {
  readonly spans: SeenSpan[] = [];
  readonly metrics: Seen[] = [];

  constructor() {
    const startSpan = (name: string, options: { attributes: Record<string, unknown> }) => {
      const seen: SeenSpan = { name, attributes: { ...options.attributes }, events: [], ended: 0 };
      this.spans.push(seen);
      return {
        setAttributes: (more: object) => Object.assign(seen.attributes, more),
        addEvent: (name: string, attributes: unknown) => seen.events.push({ name, attributes }),
        setStatus: (status: unknown) => seen.status = status,
        recordException: (exception: unknown) =>
          seen.events.push({ name: "exception", attributes: exception }),
        end: () => seen.ended++,
      };
    };
    const instrument = (name: string) => {
      const note = (value: number, attributes: unknown) => this.metrics.push([name, value, attributes]);
      return { add: note, record: note };
    };
    // `as`: fakes have what is used.
    otel.trace.setGlobalTracerProvider(
      { getTracer: () => ({ startSpan }) } as unknown as otel.TracerProvider,
    );
    otel.metrics.setGlobalMeterProvider(
      {
        getMeter: () => ({ createCounter: instrument, createHistogram: instrument }),
      } as unknown as otel.MeterProvider,
    );
  }

  /** Values of an instrument, with their attributes. */
  of(name: string): (readonly [number, unknown])[] {
    return this.metrics.filter(([one]) => one === name).map(([, value, attributes]) => [value, attributes]);
  }

  [Symbol.dispose](): void {
    otel.trace.disable();
    otel.metrics.disable();
  }
}

const FIELDS = `(module (import "env" "host" (func $host (param i32) (result i32)))
  (import "env" "log" (func $log (param i32 i32))) (memory (export "memory") 2)
  (func (export "busy") (param i32)
    (loop $l (drop (call $host (local.get 0)))
      (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
    (call $log (i32.const 0) (i32.const 5)))
  (func (export "trap") unreachable) (func (export "f")))`;

async function runWith(
  options: TelemetryOptions,
  work: (sandbox: Awaited<ReturnType<ReturnType<Aegis["sandbox"]>["build"]>>) => Promise<void>,
): Promise<void> {
  await using runtime = await Aegis.create({ subscribers: [await openTelemetry(options)] });
  const sandbox = await runtime.sandbox().build();
  sandbox.registerFunc("env", "host", { params: ["i32"], results: ["i32"] }, (value) => value);
  await sandbox.loadModule(await runtime.loadBytes(compileText(FIELDS)));
  await work(sandbox);
}

Deno.test("openTelemetry() makes a span of each call, with what it used and what it did", async () => {
  using sdk = new FakeSdk();
  await runWith({}, async (sandbox) => {
    await sandbox.call("busy", [2]);
    const [span] = sdk.spans, { lastCall } = sandbox.metrics();
    assert(span !== undefined && lastCall !== undefined);
    assertEquals([span.name, span.ended, span.status, sdk.spans.length], ["aegis.call", 1, undefined, 1]);
    const { "aegis.cpu_time": cpuTime, ...attributes } = span.attributes;
    assertEquals(typeof cpuTime, "number");
    assertEquals(attributes, {
      "aegis.sandbox": sandbox.id,
      "aegis.function": "busy",
      "aegis.execution": 1,
      "aegis.outcome": "value",
      "aegis.fuel": Number(lastCall.fuelConsumed),
      "aegis.memory.peak": 2 * 65536,
      "aegis.host_calls": 3,
    });
    assertEquals(span.events.map(({ name }) => name), [
      "aegis.host_function",
      "aegis.host_function",
      "aegis.denied",
    ]);
    assertEquals(sdk.of("aegis.calls"), [[1, { "aegis.outcome": "value" }]]);
    assertEquals(sdk.of("aegis.fuel"), [[Number(lastCall.fuelConsumed), undefined]]);
    assertEquals(sdk.of("aegis.host_calls"), [[3, undefined]]);
    assertEquals(sdk.of("aegis.denials"), [[1, { "aegis.capability": "logging" }]]);
    const [[seconds = 0, outcome] = []] = sdk.of("aegis.call.duration");
    assert(seconds > 0 && seconds < 10, `${seconds} s`);
    assertEquals(outcome, { "aegis.outcome": "value" });
  });
});

Deno.test("openTelemetry() gives the span of a call that failed the status of an error", async () => {
  using sdk = new FakeSdk();
  await runWith({}, async (sandbox) => {
    await sandbox.tryCall("trap");
    sandbox.callSync("f");
    await sandbox.callMany("f", [[], []]);
  });
  const [trap, fine, batch] = sdk.spans;
  assertEquals(trap?.status, { code: otel.SpanStatusCode.ERROR, message: "Trap" });
  assertEquals([trap?.attributes["aegis.outcome"], trap?.ended], ["trap", 1]);
  assertMatch(JSON.stringify(trap?.events), /"exception".*"name":"Trap".*unreachable/);
  assertEquals([fine?.status, fine?.ended, batch?.attributes["aegis.rows"]], [undefined, 1, 2]);
  assertEquals(sdk.of("aegis.calls").map(([, attributes]) => attributes), [
    { "aegis.outcome": "trap" },
    { "aegis.outcome": "value" },
    { "aegis.outcome": "value" },
  ]);
});

Deno.test("openTelemetry() tells of so many host functions of a call, and counts the others", async () => {
  using sdk = new FakeSdk();
  await runWith({}, async (sandbox) => {
    await sandbox.call("busy", [1000]);
  });
  assertEquals([sdk.spans[0]?.events.length, sdk.spans[0]?.attributes["aegis.events.dropped"]], [
    128,
    1001 - 128,
  ]);
});

Deno.test("openTelemetry() does without spans or metrics where one is not wanted, and wants no events for it", async () => {
  using sdk = new FakeSdk();
  await runWith({ spans: false }, async (sandbox) => {
    assertEquals(
      [sandbox.events.wants("execution_completed"), sandbox.events.wants("host_function_called")],
      [
        true,
        false,
      ],
    );
    await sandbox.call("f");
  });
  assertEquals([sdk.spans.length, sdk.metrics.length > 0], [0, true]);
  sdk.metrics.length = 0;
  await runWith({ metrics: false }, async (sandbox) => {
    await sandbox.call("f");
  });
  assertEquals([sdk.spans.length, sdk.metrics.length], [1, 0]);
  await assertRejects(
    () => openTelemetry({ spans: "no" as unknown as boolean }),
    AegisError,
    '"no": use true or false',
  );
});

Deno.test("openTelemetry() is silent where no SDK is registered", async () => {
  await runWith({}, async (sandbox) => {
    await sandbox.call("f");
    await sandbox.tryCall("trap");
    assertEquals(sandbox.events.failures, []);
  });
});

Deno.test("nothing of OpenTelemetry is loaded until somebody switches it on", async () => {
  const info = await new Deno.Command(Deno.execPath(), {
    args: [
      "info",
      "--json",
      "--no-lock",
      "--config",
      new URL("../../deno.json", import.meta.url).pathname,
      "mod.ts",
    ],
    cwd: new URL("../../", import.meta.url),
  }).output();
  const graph = JSON.parse(new TextDecoder().decode(info.stdout)) as {
    modules: { specifier: string; dependencies?: { specifier: string; isDynamic?: boolean }[] }[];
  };
  const uses = graph.modules.flatMap(({ specifier, dependencies = [] }) =>
    dependencies
      .filter((one) => one.specifier === "@opentelemetry/api")
      .map((one) => [specifier.replace(/^.*\/src\//, ""), one.isDynamic])
  );
  assertEquals(uses, [["sandbox/telemetry.ts", true]]);
});

Deno.test("openTelemetry() says which line is missing where @opentelemetry/api cannot be imported", async () => {
  const folder = await Deno.makeTempDir({ prefix: "aegis_telemetry_" });
  try {
    const ours = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
    const { "@opentelemetry/api": version, ...imports } = ours.imports as Record<string, string>;
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ imports }));
    const mod = new URL("../../mod.ts", import.meta.url).href;
    await Deno.writeTextFile(
      `${folder}/main.ts`,
      `import { openTelemetry } from ${JSON.stringify(mod)};
       await openTelemetry().catch(({ code, message, suggestion }) =>
         console.log(JSON.stringify([code, message, suggestion])));`,
    );
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--no-lock", "--no-check", "--config", "deno.json", "main.ts"],
      cwd: folder,
    }).output();
    const [code, message, suggestion] = JSON.parse(new TextDecoder().decode(stdout) || "[]");
    assertEquals([code, message], ["UnsupportedPlatform", "Cannot load @opentelemetry/api"], text(stderr));
    assertEquals(suggestion, `Add to the imports of your deno.json: "@opentelemetry/api": "${version}"`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
