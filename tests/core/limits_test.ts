import { AegisError } from "../../src/core/errors.ts";
import {
  formatLimit,
  type LimitName,
  type LimitOptions,
  LIMITS,
  type PresetName,
  PRESETS,
  resolveLimits,
  UNLIMITED_FUEL,
} from "../../src/core/limits.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";

const NAMES = Object.keys(LIMITS) as LimitName[]; // keys of the table

function refusal(read: () => unknown): AegisError {
  return assertThrows(read, AegisError);
}

Deno.test("resolveLimits() gives the documented defaults, total and frozen", () => {
  const limits = resolveLimits();
  assertEquals(limits, {
    memoryLimit: 67_108_864,
    fuelLimit: 1_000_000_000n,
    timeout: 30_000,
    cpuTime: Infinity,
    stackLimit: 524_288,
    hostCallLimit: 1_000_000_000,
    tableLimit: 10_000,
    functionTableLimit: 100_000,
    memories: 1,
    tables: 100,
    moduleSize: 67_108_864,
    functions: 250_000,
    functionSize: 524_288,
    imports: 10_000,
    exports: 50_000,
    globals: 100_000,
    segments: 100_000,
    frameSize: 16_777_216,
    outputSize: 1_048_576,
    openFiles: 128,
    createdFiles: 100_000,
    fileSize: 1_073_741_824,
    readBytes: Infinity,
    writeBytes: 1_073_741_824,
    readRate: Infinity,
    writeRate: Infinity,
    connections: 8,
  });
  assert(Object.isFrozen(limits));
  assertEquals(resolveLimits({}, "standard"), limits);
});

Deno.test("resolveLimits() reads text, numbers and bigints alike", () => {
  for (const memoryLimit of ["32MiB", "33554432", 33_554_432]) {
    assertEquals(resolveLimits({ memoryLimit }).memoryLimit, 33_554_432);
  }
  for (const fuelLimit of ["1M", "1_000_000", 1_000_000, 1_000_000n]) {
    assertEquals(resolveLimits({ fuelLimit }).fuelLimit, 1_000_000n);
  }
  for (const timeout of ["10s", "10000ms", 10_000]) {
    assertEquals(resolveLimits({ timeout }).timeout, 10_000);
  }
});

Deno.test("resolveLimits() takes unlimited where the table says so, and nowhere else", () => {
  const unlimited: LimitName[] = [
    "fuelLimit",
    "cpuTime",
    "fileSize",
    "readBytes",
    "writeBytes",
    "readRate",
    "writeRate",
  ];
  for (const name of NAMES) {
    const resolve = () => resolveLimits({ [name]: "unlimited" })[name];
    if (!unlimited.includes(name)) assertEquals(refusal(resolve).code, "InvalidOption", name);
    else assertEquals(resolve(), name === "fuelLimit" ? UNLIMITED_FUEL : Infinity, name);
  }
});

Deno.test("resolveLimits() takes each limit's least and most, and refuses one past either end", () => {
  for (const name of NAMES) {
    const { least, most } = LIMITS[name];
    assertEquals(Number(resolveLimits({ [name]: least })[name]), least, name);
    assertEquals(Number(resolveLimits({ [name]: most })[name]), most, name);

    if (least > 0) {
      const low = refusal(() => resolveLimits({ [name]: least - 1 }));
      assertEquals(low.code, "LimitTooLow", name);
      assertEquals(low.field, name);
      assertEquals(
        low.message,
        `Cannot set ${name} to ${formatLimit(name, least - 1)}: it must be at least ${
          formatLimit(name, least)
        }`,
      );
    }
    const high = refusal(() => resolveLimits({ [name]: BigInt(most) + 1n } as LimitOptions));
    assertEquals(high.code, "InvalidOption", name);
    assertEquals(high.field, name);
  }
});

Deno.test("resolveLimits() says what is the most", () => {
  const error = refusal(() => resolveLimits({ memories: 101 }));
  assertEquals(error.message, "Cannot set memories to 101: it must be at most 100");
  for (
    const [options, message] of [
      [{ memoryLimit: "32GiB" }, "Cannot set memoryLimit to 32GiB: it must be at most 16GiB"],
      [{ stackLimit: 5 }, "Cannot set stackLimit to 5 bytes: it must be at least 1KiB"],
      [{ timeout: 0.5 }, "Cannot set timeout to 0.5ms: it must be at least 1ms"],
      [{ timeout: "1000h" }, "Cannot set timeout to 3600000s: it must be at most 2147482.648s"],
    ] as const
  ) assertEquals(refusal(() => resolveLimits(options)).message, message);
});

Deno.test("resolveLimits() refuses an unknown key by name and lists the known ones", () => {
  for (const key of ["memory", "memorylimit", "constructor", "toString"]) {
    const error = refusal(() => resolveLimits({ [key]: 1 }));
    assertEquals(error.code, "InvalidOption", key);
    assertEquals(error.field, key);
    assertStringIncludes(error.message, `"${key}"`);
    for (const name of NAMES) assertStringIncludes(error.message, name);
  }
  const polluting: LimitOptions = JSON.parse('{"__proto__": 1}');
  assertEquals(refusal(() => resolveLimits(polluting)).field, "__proto__");
});

Deno.test("resolveLimits() refuses values of another type", () => {
  for (const name of NAMES) {
    for (const value of [null, true, {}, [1], NaN, "", "much"]) {
      // As they arrive from JSON or from callers without types.
      const options = { [name]: value } as LimitOptions;
      const error = refusal(() => resolveLimits(options));
      assertEquals([error.code, error.field], ["InvalidOption", name], `${name}: ${value}`);
    }
  }
});

Deno.test("resolveLimits() reads every preset, narrower or wider as its name says", () => {
  const standard = resolveLimits();
  const direction: Record<PresetName, -1 | 0 | 1> = { minimal: -1, standard: 0, generous: 1, os: -1 };
  for (const preset of Object.keys(PRESETS) as PresetName[]) {
    const limits = resolveLimits({}, preset);
    for (const name of NAMES) {
      const difference = limits[name] === standard[name] ? 0 : limits[name] < standard[name] ? -1 : 1;
      const named = Object.hasOwn(PRESETS[preset], name);
      assertEquals(difference, named ? direction[preset] : 0, `${preset} ${name}`);
    }
  }
  assertEquals(resolveLimits({}, "os").hostCallLimit, 1000);
});

Deno.test("resolveLimits() lets an option win over the preset", () => {
  const limits = resolveLimits({ memoryLimit: "2MiB" }, "minimal");
  assertEquals(limits.memoryLimit, 2 * 1024 ** 2);
  assertEquals(limits.timeout, 1000);
});

Deno.test("resolveLimits() keeps the preset's limit where an option is there and undefined", () => {
  const options = { memoryLimit: undefined } as unknown as LimitOptions; // a caller without exact types
  assertEquals(resolveLimits(options, "minimal").memoryLimit, 1024 ** 2);
});

Deno.test("resolveLimits() refuses an unknown preset", () => {
  for (const preset of ["tiny", "constructor", "__proto__", ""]) {
    const error = refusal(() => resolveLimits({}, preset as PresetName)); // a caller without types
    assertEquals([error.code, error.field], ["InvalidOption", "preset"]);
    assertStringIncludes(error.message, "minimal, standard, generous, os");
  }
});
