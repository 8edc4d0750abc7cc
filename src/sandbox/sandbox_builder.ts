import type { SandboxOptions } from "./aegis_options.ts";
import type { EventSubscriber } from "./event_subscriber.ts";
import type { Sandbox } from "./sandbox.ts";
import type { InputSource } from "./standard_input.ts";
import type { AegisEvent } from "../core/events.ts";
import type { ByteSize, Count, Duration } from "../core/units.ts";

/** Collects the options of a sandbox. Each method returns a builder with one more option set. */
export class SandboxBuilder {
  readonly #start: (options: SandboxOptions) => Promise<Sandbox>;
  readonly #options: SandboxOptions;

  /** Made by `Aegis.sandbox`. */
  constructor(start: (options: SandboxOptions) => Promise<Sandbox>, options: SandboxOptions) {
    this.#start = start;
    this.#options = options;
  }

  /** All memories of the sandbox together. @param limit bytes, or text such as `"64MiB"` */
  withMemoryLimit(limit: ByteSize): SandboxBuilder {
    return this.with({ memoryLimit: limit });
  }

  /** What the sandbox may consume over its life. @param limit units of fuel, text such as `"10M"`, or `"unlimited"` */
  withFuelLimit(limit: Count): SandboxBuilder {
    return this.with({ fuelLimit: limit });
  }

  /** Wall time of one call. @param timeout milliseconds, or text such as `"10s"` */
  withTimeout(timeout: Duration): SandboxBuilder {
    return this.with({ timeout });
  }

  /** Call stack of the guest. @param limit bytes, or text such as `"512KiB"` */
  withStackLimit(limit: ByteSize): SandboxBuilder {
    return this.with({ stackLimit: limit });
  }

  /** Arguments of its program; the first is the program's name. */
  withArgs(args: readonly string[]): SandboxBuilder {
    return this.with({ args });
  }

  /** Standard input of its program. */
  withStdin(stdin: InputSource): SandboxBuilder {
    return this.with({ stdin });
  }

  /** Tells a function or an object of what happens to the sandbox. Further calls add to it. */
  withEventSubscriber(subscriber: EventSubscriber | ((event: AegisEvent) => void)): SandboxBuilder {
    return this.with({ subscribers: [...this.#options.subscribers ?? [], subscriber] });
  }

  /** Any options. */
  with(options: SandboxOptions): SandboxBuilder {
    return new SandboxBuilder(this.#start, { ...this.#options, ...options });
  }

  /**
   * Starts the guest.
   *
   * @throws {AegisError} `InvalidOption`, `LimitTooLow`, `TooManySandboxes`
   */
  build(): Promise<Sandbox> {
    return this.#start(this.#options);
  }
}
