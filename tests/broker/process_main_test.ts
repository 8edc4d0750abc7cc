import { BrokerRig, type RigGuest } from "./async_rig.ts";
import { HAS_PROGRAMS, longTime, processesBecome } from "./running_commands.ts";
import type { AttachProcessMessage } from "../../src/broker/messages.ts";
import { ProcessCapability, type ProcessCommand } from "../../src/policy/process_capability.ts";
import { HostEnd } from "../../src/protocol/channel.ts";
import { assert, assertEquals } from "../assert.ts";

const ignore = !HAS_PROGRAMS;

/** The broker in a Worker with the permission for some programs. */
class TestBroker extends BrokerRig<AttachProcessMessage> {
  constructor(run: readonly string[]) {
    super("process_main.ts", { run: [...run] });
  }

  join(slot: number, commands: Readonly<Record<string, ProcessCommand>>): RigGuest {
    return this.attach(slot, (channel) => ({
      kind: "attach",
      slot,
      sandbox: `s${slot}`,
      channel,
      grants: Object.entries(commands).flatMap(([name, command]) =>
        ProcessCapability.command(name, command).grants
      ),
      outputSize: 1000,
      timeout: 10_000,
      auditAll: false,
    }));
  }
}

function run(guest: RigGuest, name: string) {
  return guest.perform("processRun", { name, words: "", input: new Uint8Array() });
}

async function output(guest: RigGuest, name: string): Promise<string> {
  const result = await run(guest, name);
  if (typeof result === "string") return result;
  const { process } = result;
  const read = await guest.perform("processRead", { process, stream: 1, offset: 0, length: 1000 });
  if (typeof read === "string") return read;
  const text = new TextDecoder().decode(new Uint8Array(read.bytes));
  await guest.perform("processClose", { process });
  return text;
}

Deno.test({
  name: "the broker runs the programs that it has the permission for, and no other that is granted",
  ignore,
  fn: async () => {
    await using broker = new TestBroker(["/bin/echo", "/usr/bin/env"]);
    const commands = {
      say: { command: "/bin/echo", args: ["hello"] },
      env: { command: "/usr/bin/env" },
      cat: { command: "/bin/cat" },
    };
    const guests = [0, 31, 32].map((slot) => broker.join(slot, commands));
    const said = await Promise.all(guests.map((guest) => output(guest, "say")));
    assertEquals(said, ["hello\n", "hello\n", "hello\n"]);
    const [guest] = guests;
    assert(guest !== undefined);
    assertEquals(await output(guest, "env"), "");
    assertEquals(await output(guest, "cat"), "notcapable");
    await broker.report("audit");
    assertEquals(broker.events.map(({ sandbox, target, reason }) => [sandbox, target, reason]), [
      ["s0", "cat", "the broker may not run that program"],
    ]);
  },
});

Deno.test({
  name: "a hostile frame gets an error, and the broker goes on",
  ignore,
  fn: async () => {
    await using broker = new TestBroker(["/bin/echo"]);
    const guest = broker.join(0, { say: { command: "/bin/echo" } });
    const frame = (...words: readonly number[]) => {
      const writer = guest.end.writer();
      for (const word of words) writer.u32(word);
    };
    frame();
    assertEquals(await guest.refused("process"), "inval", "empty");
    for (const code of [0, 1, 23, 60, 61, 62, 79, 83, 0xffff_ffff]) {
      frame(code);
      assertEquals(await guest.refused("process"), "nosys", `operation ${code}`);
    }
    frame(80, 0xffff_ffff);
    assertEquals(await guest.refused("process"), "inval", "a length past the end");
    frame(80, 0, 0);
    assertEquals(await guest.refused("process"), "inval", "fields are missing");
    frame(80, 0, 0, 0, 0);
    assertEquals(await guest.refused("process"), "notcapable", "an empty name");
    for (const process of [0, 1, 0x7fff_ffff, 0xffff_ffff]) {
      const read = { process, stream: 1, offset: 0, length: 0xffff_ffff };
      assertEquals(await guest.perform("processRead", read), "badf");
      assertEquals(await guest.perform("processClose", { process }), "badf");
    }
    assertEquals(await output(guest, "say"), "\n");
  },
});

Deno.test({
  name: "interrupt, narrow, detach and close leave no command behind; a guest that is to end begins none",
  ignore,
  fn: async () => {
    const time = longTime(), commands = { sleep: { command: "/bin/sleep", args: [time] } };
    const broker = new TestBroker(["/bin/sleep"]);
    const guests = [0, 1, 2, 3].map((slot) => broker.join(slot, commands));
    const [first, second, third, last] = guests;
    assert(first !== undefined && second !== undefined && third !== undefined && last !== undefined);
    const running = guests.map((guest) => run(guest, "sleep"));
    assertEquals(await processesBecome(time, 4), 4);
    new HostEnd(first.channel).abort("cancelled");
    broker.post({ kind: "interrupt", slot: 0 });
    assertEquals(await running[0], "intr");
    assertEquals(await run(first, "sleep"), "intr");
    assertEquals(await first.perform("processClose", { process: 1 }), "badf", "closing is always done");
    broker.post({ kind: "narrow", slot: 1, grants: [] });
    assertEquals(await running[1], "notcapable");
    assertEquals(await run(second, "sleep"), "notcapable");
    broker.post({ kind: "detach", slot: 2 });
    assertEquals(await running[2], "intr");
    assertEquals(await broker.report("detached"), { kind: "detached", slot: 2 });
    assertEquals(await processesBecome(time, 1), 1);
    await broker[Symbol.asyncDispose]();
    assertEquals(await running[3], "intr");
    assertEquals(await processesBecome(time, 0), 0);
  },
});
