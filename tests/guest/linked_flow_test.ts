import { FuelLedger } from "../../src/guest/fuel.ts";
import { GuestInstance, type Hooks } from "../../src/guest/instance.ts";
import { StackLedger } from "../../src/guest/stack.ts";
import { countingModule, UNITS } from "../analysis/oracle.ts";
import { type Generation, LINKED_ELEMENTS, randomLinkedFlow } from "../analysis/random_flow.ts";
import { assert, assertEquals } from "../assert.ts";
import { callExport, globalValue, prepareWide } from "../instrument/instrumented.ts";
import { Random } from "../wasm/random.ts";
import { repetitions, seed } from "../wasm/verdict.ts";

/** What the modules of one run share. */
class Shared {
  readonly state = new WebAssembly.Global({ value: "i32", mutable: true }, 0);
  readonly steps = new WebAssembly.Global({ value: "i32", mutable: true }, 0);
  readonly values: WebAssembly.ExportValue[];

  constructor(generation: Generation) {
    const table = new WebAssembly.Table({ element: "anyfunc", initial: LINKED_ELEMENTS });
    // The library types lack the class.
    const { Tag } = WebAssembly as unknown as {
      Tag: new (type: { parameters: string[] }) => WebAssembly.ExportValue;
    };
    const tags = generation === "none" ? [] : [0, 1].map(() => new Tag({ parameters: [] }));
    this.values = [this.state, this.steps, table, ...tags];
  }
}

/** The modules on bare V8, counting by the oracle. */
function bareInstances(modules: readonly Uint8Array[], shared: Shared): WebAssembly.Exports[] {
  const imports = { shared: Object.fromEntries(shared.values.map((value, place) => [String(place), value])) };
  return modules.map((bytes) =>
    // `as`: exports of a module are what another may import.
    new WebAssembly.Instance(new WebAssembly.Module(countingModule(bytes)), imports as WebAssembly.Imports)
      .exports
  );
}

/** The instrumented modules, with the guest's own ledgers for all of them. */
class Linked {
  readonly fuel = new FuelLedger(500n);
  readonly stack = new StackLedger(1 << 30);
  readonly instances: GuestInstance[] = [];
  unwound = 0;

  async add(bytes: Uint8Array<ArrayBuffer>, shared: Shared): Promise<void> {
    const hooks: Hooks = {
      refuel: (instance) => this.fuel.grant(instance),
      stack: (instance) => assert(this.stack.extend(instance), "the stack is deep enough for everything"),
      unwound: (instance) => {
        this.unwound++;
        this.stack.unwound(instance);
      },
      growMemory: () => 0,
      growTable: () => 0,
    };
    const prepared = await prepareWide(bytes);
    const instance = new GuestInstance(
      prepared.layout,
      prepared,
      shared.values.map((value) => ({ value })),
      hooks,
    );
    this.instances.push(instance);
    this.fuel.add(instance);
    this.stack.add(instance);
    instance.start();
  }
}

/** Sets of modules to try; more find more. */
const RUNS = repetitions(40);

for (const generation of ["none", "new", "old"] satisfies Generation[]) {
  Deno.test(`ledgers count modules that call each other as bare V8 does, exceptions: ${generation}`, async () => {
    const first = seed();
    console.log(`seeds ${first} … ${first + RUNS - 1}`);
    let unwound = 0;
    for (let set = first; set < first + RUNS; set++) {
      const modules = randomLinkedFlow(new Random(set), generation);
      const theirs = new Shared(generation), bare = bareInstances(modules, theirs);
      const ours = new Shared(generation), linked = new Linked();
      linked.fuel.allowance = 2n ** 62n;
      for (const bytes of modules) await linked.add(bytes, ours);
      for (const [number, steps] of [[set, 5], [set + 1, 60], [set + 2, 300]] as const) {
        for (const [index, instance] of linked.instances.entries()) {
          const what = `seed ${set}, module ${index}, run(${number}, ${steps})`, exports = bare[index];
          assert(exports !== undefined);
          linked.stack.begin(instance);
          callExport(instance.exports, "run", [number, steps]);
          callExport(exports, "run", [number, steps]);
          assertEquals([ours.state.value, ours.steps.value], [theirs.state.value, theirs.steps.value], what);
          const units = bare.reduce((sum, each) => sum + BigInt(String(globalValue(each, UNITS))), 0n);
          assertEquals(linked.fuel.consumed, units, what);
          assertEquals(linked.instances.map((each) => each.stackUsed.value), [0, 0, 0], what);
        }
      }
      unwound += linked.unwound;
    }
    assertEquals(unwound > 0, generation !== "none");
  });
}
