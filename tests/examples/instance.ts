/**
 * What a driver needs of an instance, so that the same driver runs on bare V8, where everything is at hand, and in a
 * sandbox, where calls and memory accesses are messages.
 */

/** A number or, for i64, a bigint: as values cross the boundary. */
export type GuestValue = number | bigint;

/** An instance under test. Offsets and lengths are bytes of its first memory. */
export interface Instance {
  call(name: string, args: GuestValue[]): Promise<GuestValue[]>;
  readMemory(offset: number, length: number): Promise<Uint8Array>;
  writeMemory(offset: number, bytes: Uint8Array): Promise<void>;
}

/** A function that a module imports. It sees numbers only, never memory. */
export interface HostFunction {
  readonly params: string[];
  readonly results: string[];
  readonly fn: (...args: GuestValue[]) => GuestValue | void;
}

/** Host functions by module and name. */
export type HostFunctions = Record<string, Record<string, HostFunction>>;

/** One run of a module: the functions it imports and the driver share state, so each run makes its own. */
export interface Session {
  readonly imports: HostFunctions;
  /** Does something real with the instance and returns a value that can be compared. */
  drive(instance: Instance): Promise<unknown>;
}
