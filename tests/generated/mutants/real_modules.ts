/** What compilers made: the modules of packages, the examples, and the kernels that metering is measured on. */
import { exampleBytes, exampleFiles } from "../../examples/example_file.ts";
import { drivenModules } from "../../examples/third_party.ts";
import { readOnlyModules } from "../../examples/third_party/read_only.ts";

export interface RealModule {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const KERNELS = new URL("../../../bench/kernels/", import.meta.url);
const KERNEL_FOLDERS = ["assemblyscript", "c"];

/** Modules of fewer bytes have nothing to change. */
const LEAST_BYTES = 200;

/** Of no more and no fewer than so many bytes each, in an order that does not change. */
export async function realModules(mostBytes: number, leastBytes = LEAST_BYTES): Promise<RealModule[]> {
  const modules: RealModule[] = [...await kernels()];
  for (const module of [...drivenModules, ...readOnlyModules]) {
    if (module.size <= mostBytes) {
      modules.push({ name: module.name, bytes: Uint8Array.from(await module.bytes()) });
    }
  }
  for (const file of await exampleFiles()) {
    modules.push({ name: file, bytes: Uint8Array.from(await exampleBytes(file)) });
  }
  return modules.filter(({ bytes }) => bytes.length <= mostBytes && bytes.length >= leastBytes);
}

async function kernels(): Promise<RealModule[]> {
  const modules: RealModule[] = [];
  for (const folder of KERNEL_FOLDERS) {
    for await (const { name } of Deno.readDir(new URL(`${folder}/`, KERNELS))) {
      if (!name.endsWith(".wasm")) continue;
      modules.push({
        name: `${folder}/${name}`,
        bytes: await Deno.readFile(new URL(`${folder}/${name}`, KERNELS)),
      });
    }
  }
  return modules.sort((one, other) => one.name < other.name ? -1 : 1);
}
