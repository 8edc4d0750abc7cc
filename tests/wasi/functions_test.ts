import {
  WASI_FUNCTIONS,
  WASI_MODULES,
  wasiFunctionNames,
  wasiFunctionType,
} from "../../src/wasi/functions.ts";
import { Wasi } from "../../src/wasi/wasi.ts";
import { assertEquals, assertThrows } from "../assert.ts";
import { FakeHost, SETTINGS } from "./fake_host.ts";

Deno.test("WASI_FUNCTIONS has the 46 functions of preview 1; the draft lacks sock_accept", () => {
  assertEquals(Object.keys(WASI_FUNCTIONS).length, 46);
  assertEquals(wasiFunctionNames("wasi_snapshot_preview1").length, 46);
  assertEquals(wasiFunctionNames("wasi_unstable").length, 45);
  assertEquals(wasiFunctionNames("wasi_unstable").includes("sock_accept"), false);
  assertEquals(wasiFunctionNames("env"), []);
});

Deno.test("wasiFunctionType() knows its functions alone, whatever an import is called", () => {
  assertEquals(wasiFunctionType("wasi_snapshot_preview1", "fd_seek"), {
    params: ["i32", "i64", "i32", "i32"],
    results: ["i32"],
  });
  assertEquals(wasiFunctionType("wasi_unstable", "proc_exit"), { params: ["i32"], results: [] });
  assertEquals(wasiFunctionType("wasi_unstable", "sock_accept"), undefined);
  for (const name of ["__proto__", "constructor", "toString", "fd_Read", ""]) {
    assertEquals(wasiFunctionType("wasi_snapshot_preview1", name), undefined, name);
    assertEquals(wasiFunctionType(name, "fd_read"), undefined, name);
  }
});

Deno.test("Wasi.bind() binds every function of its table, and refuses all else", () => {
  const wasi = new Wasi(SETTINGS, new FakeHost());
  for (const module of Object.keys(WASI_MODULES)) {
    for (const name of wasiFunctionNames(module)) wasi.bind(module, name, () => undefined);
  }
  for (
    const [module, name] of [["env", "fd_read"], ["wasi_unstable", "sock_accept"], ["wasi_unstable", "x"]]
  ) {
    assertThrows(() => wasi.bind(module ?? "", name ?? "", () => undefined), TypeError, "no such function");
  }
});
