import { assertEquals, assertStringIncludes } from "../assert.ts";

Deno.test("no method of the console prints to standard output", async () => {
  const module = new URL("../../src/cli/console_on_stderr.ts", import.meta.url);
  const code = `
    const { consoleOnStderr } = await import(${JSON.stringify(module.href)});
    consoleOnStderr(console);
    for (const name of Object.keys(console)) {
      if (typeof console[name] === "function") console[name]("said by", name);
    }
    console.table([{ a: 1 }]);
    console.time("x");
    console.timeEnd("x");
    console.group("g");
    console.log("inside");
    console.count("c");
  `;
  const { code: status, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", code],
    env: { NO_COLOR: "1" },
  }).output();
  const told = new TextDecoder().decode(stderr);
  assertEquals([status, new TextDecoder().decode(stdout)], [0, ""], told);
  for (const name of ["log", "info", "debug", "dir", "table", "group", "count", "error", "warn"]) {
    assertStringIncludes(told, name);
  }
});
