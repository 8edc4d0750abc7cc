import { Aegis, type AegisOptions } from "./aegis.ts";
import type { LimitOptions, PresetName } from "../core/limits.ts";
import type { ByteSize, Count, Duration } from "../core/units.ts";

/** Collects the options of a runtime. Each method returns a builder with one more option set. */
export class RuntimeBuilder {
  readonly #options: AegisOptions;

  /** Made by `Aegis.builder`. */
  constructor(options: AegisOptions = {}) {
    this.#options = options;
  }

  /** A named set of limits that the others start from. */
  withPreset(preset: PresetName): RuntimeBuilder {
    return this.with({ preset });
  }

  /** All memories of a sandbox together. */
  withMemoryLimit(limit: ByteSize): RuntimeBuilder {
    return this.with({ memoryLimit: limit });
  }

  /** Fuel units over a sandbox's life, or `"unlimited"`. */
  withFuelLimit(limit: Count): RuntimeBuilder {
    return this.with({ fuelLimit: limit });
  }

  /** Wall time of one call. */
  withTimeout(timeout: Duration): RuntimeBuilder {
    return this.with({ timeout });
  }

  /** Call stack of a guest. */
  withStackLimit(limit: ByteSize): RuntimeBuilder {
    return this.with({ stackLimit: limit });
  }

  /** Several limits at once. */
  withResourceLimits(limits: LimitOptions): RuntimeBuilder {
    return this.with(limits);
  }

  /** Any options. */
  with(options: AegisOptions): RuntimeBuilder {
    return new RuntimeBuilder({ ...this.#options, ...options });
  }

  /** @throws as `Aegis.create` */
  build(): Promise<Aegis> {
    return Aegis.create(this.#options);
  }
}
