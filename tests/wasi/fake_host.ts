import type { WasiHost, WasiSettings } from "../../src/wasi/host.ts";
import { FakeOperations, type Tree } from "./fake_operations.ts";

/** Settings that grant nothing but a directory `/data`. */
export const SETTINGS: WasiSettings = {
  args: ["program", "an argument"],
  env: [["NAME", "värde"]],
  preopens: [{ guestPath: "/data", read: true, write: true, create: true, delete: true }],
  clock: undefined,
  seed: 1n,
  terminals: [false, true, false],
};

/** A host whose time stands still but for sleeping. */
export class FakeHost implements WasiHost {
  readonly operations: FakeOperations;
  room = 16_384;
  changes: Int32Array;
  time = 5000;
  wall = 1_700_000_000_123.456;
  /** What was done, in order: output with its text, waits with their milliseconds. */
  readonly deeds: string[] = [];
  status: number | undefined;
  /** How many more times the guest may go on. */
  patience = Infinity;

  constructor(trees?: readonly Tree[]) {
    this.operations = new FakeOperations(trees);
    this.changes = this.operations.changes;
  }

  now(): number {
    return this.time;
  }

  wallTime(): number {
    return this.wall;
  }

  secureRandom(bytes: Uint8Array): void {
    if (bytes.length > 65_536) throw new RangeError("too many bytes");
    this.deeds.push(`random ${bytes.length}`);
    bytes.fill(0xaa);
  }

  output(stream: 1 | 2, bytes: Uint8Array): void {
    this.deeds.push(`output ${stream} ${new TextDecoder().decode(bytes.subarray(0, 100))}`);
  }

  flushOutput(): void {
    this.deeds.push("flush");
  }

  sleep(milliseconds: number): void {
    this.deeds.push(`sleep ${milliseconds}`);
    this.time += milliseconds;
  }

  exit(status: number): void {
    this.status = status;
  }

  trapOutside(): void {
    this.deeds.push("trap");
  }

  mayGoOn(): boolean {
    return this.patience-- > 0;
  }
}
