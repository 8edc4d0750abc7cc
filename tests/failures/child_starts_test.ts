/** The k-th child process cannot be started, or ends at once: isolation in processes. */
import { assert, assertEquals } from "../assert.ts";
import { becomes, childrenOf } from "../isolation/child_processes.ts";
import { fronted } from "./faulty_workers.ts";
import { live } from "./life.ts";
import { PLANTED, replaced, sweep } from "./sweep.ts";

/** Code that has a thread count the processes that it starts in the first of `shared`: that of the second cannot be, or ends. */
const failingStarts = (how: "throws" | "ends") => `
  const Real = Deno.Command;
  Deno.Command = class {
    constructor(path, options) {
      this.fails = Atomics.add(shared, 0, 1) + 1 === shared[1];
      this.real = new Real(this.fails && ${how === "ends"} ? "/bin/false" : path, options);
    }
    spawn() {
      if (this.fails && ${how === "throws"}) throw new Error("${PLANTED}: no process");
      return this.real.spawn();
    }
  };
`;

for (const how of ["throws", "ends"] as const) {
  Deno.test({
    name:
      `whichever child process ${how} at its start, the step that wanted it says so, and the next one works`,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      const words = new SharedArrayBuffer(8), shared = new Int32Array(words);
      using _relay = fronted(words, (name) => name === "aegis-relay" ? failingStarts(how) : undefined);
      // The process that prepares modules is started by this thread.
      using _own = replaced(Deno, "Command", (Real) => {
        const scope = { Deno: { Command: Real } };
        new Function("shared", "Deno", failingStarts(how))(shared, scope.Deno);
        return scope.Deno.Command;
      });
      const places = await sweep(async (fault) => {
        Atomics.store(shared, 0, 0);
        Atomics.store(shared, 1, fault.at);
        const failures = await live({ runtime: { isolation: "process" }, codes: ["GuestFault"] });
        for (let start = Atomics.load(shared, 0); start > 0; start--) fault.hit();
        // A spare one is started ahead: nobody waits for it.
        assert(failures.length <= (fault.reached ? 1 : 0), failures.map(({ step }) => step).join());
        assert(await becomes(() => childrenOf(Deno.pid).length === 0), "no process is left");
      });
      assert(places >= 4, `${places} processes`);
      assertEquals(childrenOf(Deno.pid), []);
    },
  });
}
