import { readGuestModule } from "../../src/cli/guest_module.ts";
import { decodeGuest, guestJson, planGuest } from "../../src/cli/guest_plan.ts";
import { parseCommand } from "../../src/cli/parse.ts";
import { planMcp } from "../../src/cli/mcp_command.ts";
import { startMcp } from "../../src/cli/mcp_host.ts";
import { planServe } from "../../src/cli/serve_command.ts";
import { startSite } from "../../src/cli/serve_host.ts";
import { readSettings } from "../../src/cli/settings.ts";
import { systemIo } from "../../src/cli/system_io.ts";
import { AegisError } from "../../src/core/errors.ts";
import { assertEquals, assertRejects } from "../assert.ts";

Deno.test("G60 readGuestModule() refuses a module that was swapped since the plans of serve and mcp were made", async () => {
  const folder = Deno.realPathSync(await Deno.makeTempDir({ prefix: "aegis_guest_module_" })),
    io = systemIo();
  try {
    const module = `${folder}/m.wasm`,
      config = `${folder}/aegis.toml`,
      bytes = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    await Deno.writeFile(module, bytes);
    await Deno.writeTextFile(config, `[modules.m]\npath = "m.wasm"\nsha256 = "${hash}"\n`);
    const settings = async (command: "serve" | "mcp") =>
      await readSettings(command, parseCommand(command, ["-c", config]), io);
    const serve = planServe(await settings("serve"), io, []).plan,
      mcp = planMcp(await settings("mcp"), io).plan;
    const plans = [serve.modules[0]?.guest, mcp.modules[0]?.guest].map((guest) =>
      decodeGuest(JSON.parse(JSON.stringify(guest && guestJson(guest))))
    );
    for (const plan of plans) assertEquals(await readGuestModule(plan), bytes);
    await Deno.writeFile(module, Uint8Array.of(...bytes, 0, 1, 0));
    for (const plan of plans) {
      const error = await assertRejects(() => readGuestModule(plan), AegisError, "and it was made for");
      assertEquals(error.code, "ModuleRefused");
    }
    // The processes that run the guests look, too, and before anything else: what they would do next is not for a test.
    const quiet = { out: () => {}, err: () => {} };
    const stdio = { input: new ReadableStream<Uint8Array>(), write: () => Promise.resolve() };
    for (
      const start of [() => startSite(serve, quiet), () => startMcp(mcp, { ...quiet, stdio })]
    ) {
      await assertRejects(start, AegisError, "and it was made for");
    }
    assertEquals((await readGuestModule(planGuest(module, {}, { ports: io }).guest)).length, 11);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
