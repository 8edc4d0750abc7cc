/**
 * The import `env.read_sensor`. A sensor that was not granted reads 0, and the guest hears nothing of it.
 *
 *     env  read_sensor(id) -> value
 *
 * Where a series stands is known here, since it belongs to the guest's life: it ends with a reset, and is in a snapshot.
 */
import type { WasiHost } from "./host.ts";
import type { FuncType } from "../core/value.ts";

/** Types of the functions by name. */
export const SENSOR_FUNCTIONS: Readonly<Record<string, FuncType>> = {
  read_sensor: { params: ["i32"], results: ["i32"] },
};

/** How often a sensor was read. */
export interface SensorState {
  readonly id: number;
  readonly readings: number;
}

export class SensorImports {
  readonly #host: WasiHost;
  /** Readings by id, of granted sensors alone: a guest cannot make it grow. */
  readonly #readings: Map<number, number> = new Map();

  constructor(host: WasiHost) {
    this.#host = host;
  }

  /** The function behind the import. */
  readonly read = (id: number | bigint | undefined): number => {
    const host = this.#host, bits = Number(id) >>> 0, reading = this.#readings.get(bits) ?? 0;
    host.flushOutput(); // a reading may take long
    const { reply } = host.operations.perform("readSensor", { id: bits, reading });
    if (reply === undefined) return 0;
    this.#readings.set(bits, reading + 1);
    return reply.value | 0;
  };

  save(): SensorState[] {
    return [...this.#readings].map(([id, readings]) => ({ id, readings }));
  }

  /** Counts that no guest can have come to begin at 0. */
  restore(state: readonly SensorState[]): void {
    this.#readings.clear();
    for (const { id, readings } of state) {
      if (Number.isSafeInteger(readings) && readings > 0) this.#readings.set(id >>> 0, readings);
    }
  }

  reset(): void {
    this.#readings.clear();
  }
}
