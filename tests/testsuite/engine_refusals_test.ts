import { assertEquals } from "../assert.ts";
import { engineRefusal, refusalLine } from "./engine_refusals.ts";
import type { Outcome } from "./guest/program.ts";
import { MODES } from "./modes.ts";
import type { Command } from "./wast.ts";

const IN_V8 = MODES[0], IN_INTERPRETER = MODES.find(({ prepare }) => prepare.engine === "interpreter");

function moduleCommand(text: string): Command {
  return { kind: "module", line: 1, module: { form: "text", name: undefined, line: 1, text } };
}

const GC = moduleCommand("(module (type (struct)))"), PLAIN = moduleCommand("(module (func))");

function refused(proposal: string): Extract<Outcome, { kind: "refused" }> {
  return {
    kind: "refused",
    code: "ModuleRefused",
    message:
      `Cannot run the module: it uses the proposal "${proposal}", which the interpreter does not have. Run it on V8.`,
    offset: undefined,
    byUs: false,
  };
}

function proposal(command: Command, outcome: Outcome, mode = IN_INTERPRETER): string | undefined {
  if (mode === undefined) throw new Error("There is no such mode");
  return engineRefusal(command, outcome, mode)?.proposal;
}

Deno.test("engineRefusal() excepts what the interpreter refuses for a proposal that the module's text speaks of", () => {
  assertEquals(proposal(GC, refused("gc")), "gc");
  assertEquals(proposal(PLAIN, refused("gc")), undefined);
  assertEquals(proposal(GC, refused("simd")), undefined);
  assertEquals(proposal(GC, refused("gc"), IN_V8), undefined);
  assertEquals(proposal(GC, { ...refused("gc"), code: "ModuleInvalid" }), undefined);
  assertEquals(proposal(GC, { kind: "done" }), undefined);
});

Deno.test("engineRefusal() excepts what needs such a module, and nothing that needs one that failed otherwise", () => {
  assertEquals(proposal(PLAIN, { kind: "missing", because: refused("gc") }), "gc");
  assertEquals(proposal(PLAIN, { kind: "missing", because: { kind: "fault", message: "" } }), undefined);
});

Deno.test("refusalLine() counts modules and assertions", () => {
  const assertion: Command = { ...GC, kind: "assert_unlinkable", message: "" } as Command; // a command of a module
  assertEquals(
    refusalLine("a.wast", [
      { command: GC, proposal: "gc", own: true },
      { command: assertion, proposal: "gc", own: false },
    ]),
    "a.wast: gc: 1 modules refused, 1 assertions with them",
  );
  assertEquals(refusalLine("a.wast", []), undefined);
});
