import type { Session } from "../instance.ts";

/** A module that an npm package ships. */
export interface PackagedModule {
  /** Unique in the table; starts with the package. */
  readonly name: string;
  readonly package: string;
  /** The version that `deno.json` pins and that the figures here hold for. */
  readonly version: string;
  /** Length of the module in bytes. */
  readonly size: number;
  bytes(): Promise<Uint8Array>;
}

/** A module that is put to work; `expected` is what a run must return. */
export interface DrivenModule extends PackagedModule {
  /** What the driver does and where the expected value comes from. */
  readonly note: string;
  session(): Session;
  readonly expected: unknown;
}
