import { isOffered, needsOf } from "../../src/inspection/needs.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";

Deno.test("needsOf() names what imports of our own modules reach", () => {
  const module = readModule(compileText(`(module
    (import "aegis:channel" "open" (func (param i32 i32) (result i32)))
    (import "aegis:channel" "close" (func (param i32) (result i32)))
    (import "aegis:http" "close" (func (param i32) (result i32)))
    (import "aegis:log" "log" (func (param i32 i32 i32)))
    (import "aegis:process" "close" (func (param i32) (result i32)))
    (import "aegis:channel" "peek" (func (param i32) (result i32))))`));
  assertEquals(
    needsOf(module).map(({ capability, imports, flags }) => [capability, imports.join(), flags.join()]),
    [
      ["channels", "aegis:channel.open,aegis:channel.close", ""],
      ["network", "aegis:http.close", "--allow-net"],
      ["logging", "aegis:log.log", "--allow-logging"],
      ["commands", "aegis:process.close", ""],
      ["host functions", "aegis:channel.peek", ""],
    ],
  );
});

Deno.test("isOffered() knows a function by its type as well", () => {
  for (const [params, offered] of [[2, true], [3, false]] as const) {
    const type = {
      kind: "function",
      params: new Array<string>(params).fill("i32"),
      results: ["i32"],
    } as const;
    assertEquals(isOffered({ module: "aegis:channel", name: "open", type }), offered);
  }
  assertEquals(
    isOffered({
      module: "aegis:channel",
      name: "open",
      type: { kind: "global", type: "i32", mutable: false },
    }),
    false,
  );
});
