/** How much larger instrumentation makes real modules: figures that are the same on every machine. */
import { instrument } from "../../src/guest/prepare.ts";
import { LIMITS } from "./metered.ts";
import { sizeOfProgram } from "./sections.ts";
import { bytesOf, packagedModules } from "./workloads/packaged.ts";

export interface Growth {
  readonly name: string;
  /** Bytes of the original, its custom sections left out. */
  readonly size: number;
  readonly instrumentedSize: number;
}

export async function measureSizes(): Promise<Growth[]> {
  const rows: Growth[] = [];
  for (const module of packagedModules) {
    const bytes = await bytesOf(module);
    const instrumentedSize = instrument(bytes, { limits: LIMITS }).bytes.length;
    rows.push({ name: module.name, size: sizeOfProgram(bytes), instrumentedSize });
  }
  return rows;
}
