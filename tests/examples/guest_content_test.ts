/** The examples of docs/guest_abi.md: on bare V8 through the lowered interface, in a sandbox by the library. */
import { Aegis, type CallValue } from "../../mod.ts";
import { formatSignature } from "../../src/core/signature.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { readSignatures } from "../../src/wasm/read_signatures.ts";
import { assert, assertEquals } from "../assert.ts";
import { compileBare, instantiateBare, overExports } from "./bare_v8.ts";
import { exampleBytes, exampleFiles } from "./example_file.ts";
import { ASKING_GUEST, contentRows, RELAYING_GUEST } from "./guest_content_rows.ts";
import { callLowered, decodeContent, encodeContent, unpackContent } from "./lowered_calls.ts";

const FILES = [...new Set(contentRows.map((row) => row.file))];

for (const { file, signature, calls, ...row } of contentRows) {
  Deno.test(`${file} ${formatSignature(row.function, signature)} on bare V8`, async () => {
    const instance = await instantiateBare(await exampleBytes(file));
    for (const [args, result] of calls) {
      assertEquals(await callLowered(instance, { name: row.function, args, signature }), result);
    }
  });
}

Deno.test("the guests with content give the same by the library, in a sandbox", async () => {
  await using runtime = await Aegis.create();
  for (const { file, signature, calls, ...row } of contentRows) {
    const module = await runtime.loadBytes(await exampleBytes(file));
    await using sandbox = await runtime.sandbox().build();
    await sandbox.loadModule(module);
    const options = module.signature(row.function) === undefined ? { type: signature } : {};
    for (const [args, result] of calls) {
      // `as`: the rows give values of the kinds that the signature names.
      const value: unknown = await sandbox.call(row.function, args as CallValue[], options);
      assertEquals(value, result, `${file} ${row.function}`);
    }
  }
});

Deno.test("the guests with content state their signatures, where their language lets them", async () => {
  for (const file of FILES) {
    const { exports, imports } = readSignatures(readModule(await exampleBytes(file)));
    const rows = contentRows.filter((row) => row.file === file);
    const stated = rows.map((row): [string, unknown] => [row.function, row.signature]);
    assertEquals([...exports].sort(), file.includes("assemblyscript") ? [] : stated.sort(), file);
    assertEquals(imports.size, 0);
  }
  const asking = readSignatures(readModule(await exampleBytes(ASKING_GUEST)));
  assertEquals([...asking.exports.keys()], ["welcome", "width"]);
  assertEquals([...asking.imports], [["phrases translate", {
    params: ["string", "string"],
    results: ["string"],
  }]]);
});

Deno.test("the guests with content use no more memory after many calls than after few", async () => {
  for (const file of FILES) {
    const { exports } = await WebAssembly.instantiate(await compileBare(await exampleBytes(file)));
    const instance = overExports(exports), { memory } = exports, name = "x".repeat(10_000);
    assert(memory instanceof WebAssembly.Memory);
    const greet = {
      name: "greet",
      args: [name],
      signature: { params: ["string"], results: ["string"] },
    } as const;
    for (let call = 0; call < 20; call++) await callLowered(instance, greet);
    const before = memory.buffer.byteLength;
    for (let call = 0; call < 500; call++) await callLowered(instance, greet);
    assertEquals(memory.buffer.byteLength, before, file);
  }
});

Deno.test("the allocator in aegis.h refuses what does not fit, and takes what is none of its blocks", async () => {
  const instance = await instantiateBare(await exampleBytes("guest/greet_c.wasm"));
  const alloc = async (size: number) => Number((await instance.call("aegis_alloc", [size]))[0]) >>> 0;
  const first = await alloc(10), second = await alloc(1);
  assertEquals([first % 16, second - first], [0, 16]);
  for (const size of [-1, -16, -70_000]) assertEquals(await alloc(size), 0, `${size >>> 0} bytes`);
  for (const address of [0, 1024, first]) {
    await instance.call("aegis_free", [address, address === first ? 0 : 5]);
  }
  assertEquals(await alloc(1), second + 16, "both blocks are still there");
  for (let block = 0; block < 3; block++) await instance.call("aegis_free", [first, 1]);
  assertEquals(await alloc(1), first, "all were freed");
});

/** On bare V8, where a host function can reach the guest's memory: the host's half of an import with content. */
async function askingGuest(asked: string[][]): Promise<WebAssembly.Exports> {
  const translate = (...words: number[]): bigint => {
    const [text = 0, textLength = 0, language = 0, languageLength = 0] = words;
    const { memory, aegis_alloc } = exports;
    assert(memory instanceof WebAssembly.Memory && typeof aegis_alloc === "function");
    const read = (address: number, length: number) =>
      String(decodeContent("string", new Uint8Array(memory.buffer, address, length)));
    asked.push([read(text, textLength), read(language, languageLength)]);
    const answer = encodeContent("string", read(language, languageLength) === "de" ? "Grüß Gott" : "?");
    const address: unknown = aegis_alloc(answer.length);
    assert(typeof address === "number" && address !== 0);
    new Uint8Array(memory.buffer, address, answer.length).set(answer);
    return BigInt(address) << 32n | BigInt(answer.length);
  };
  const module = await compileBare(await exampleBytes(ASKING_GUEST));
  const { exports } = await WebAssembly.instantiate(module, { phrases: { translate } });
  return exports;
}

Deno.test("a guest gives texts to a host function, and gets one that is its own", async () => {
  const asked: string[][] = [], exports = await askingGuest(asked), instance = overExports(exports);
  const call = (name: string, language: string, result: "string" | "i32") =>
    callLowered(instance, { name, args: [language], signature: { params: ["string"], results: [result] } });
  assertEquals(await call("welcome", "de", "string"), "Grüß Gott");
  assertEquals(await call("width", "de", "i32"), 9);
  assertEquals(await call("welcome", "fr", "string"), "?");
  assertEquals(asked, [["Welcome", "de"], ["Welcome", "de"], ["Welcome", "fr"]]);
});

Deno.test("a guest in a sandbox gives texts to a host function of the library, and gets one", async () => {
  await using runtime = await Aegis.create();
  await using sandbox = await runtime.sandbox().build();
  const asked: string[][] = [], type = { params: ["string", "string"], results: ["string"] } as const;
  sandbox.registerFunc("phrases", "translate", type, (text, language) => {
    asked.push([text, language]);
    return language === "de" ? "Grüß Gott" : "?";
  });
  await sandbox.loadModule(await runtime.loadBytes(await exampleBytes(ASKING_GUEST)));
  assertEquals(await sandbox.call("welcome", ["de"]), "Grüß Gott");
  assertEquals(await sandbox.call("width", ["de"]), 9);
  assertEquals(asked, [["Welcome", "de"], ["Welcome", "de"]]);
});

Deno.test("the guest that answers messages does so until the host sends nothing more", async () => {
  await using runtime = await Aegis.create({ timeout: "20s" });
  await using sandbox = await runtime.sandbox().build();
  await sandbox.loadModule(await runtime.loadBytes(await exampleBytes(RELAYING_GUEST)));
  assertEquals(await sandbox.call("relay"), 0, "there is no channel");
  const words = sandbox.channel("words"), relaying = sandbox.call("relay");
  for (const word of ["one", "zwölf", ""]) await words.send(word);
  words.end();
  const answers: string[] = [];
  for await (const message of words) answers.push(new TextDecoder().decode(message));
  assertEquals(answers, ["ONE", "ZWöLF", ""]);
  assertEquals(await relaying, 3);
});

Deno.test("unpackContent() reads both halves unsigned", () => {
  assertEquals(unpackContent(-1n), { address: 0xffff_ffff, length: 0xffff_ffff });
  assertEquals(unpackContent(0x1_8000_0000n), { address: 1, length: 0x8000_0000 });
});

Deno.test("every module of examples/guest has a row", async () => {
  const files = (await exampleFiles()).filter((file) => file.startsWith("guest/"));
  assertEquals(files, [...FILES, ASKING_GUEST, RELAYING_GUEST].sort());
});
