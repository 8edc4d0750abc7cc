import { Aegis } from "./aegis.ts";
import type { AegisOptions, Isolation } from "./aegis_options.ts";
import type { AuditLog } from "./audit_log.ts";
import type { EventSubscriber } from "./event_subscriber.ts";
import type { AuditEvent } from "../core/audit.ts";
import type { Engine } from "../core/engine.ts";
import type { AegisEvent } from "../core/events.ts";
import type { Capability } from "../policy/capability.ts";
import type { ClockCapability } from "../policy/clock_capability.ts";
import type { FilesystemCapability } from "../policy/filesystem_capability.ts";
import type { LoggingCapability } from "../policy/logging_capability.ts";
import type { NetworkCapability } from "../policy/network_capability.ts";
import { CAPABILITY_PRESETS } from "../policy/presets.ts";
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

  /** Where guests run: `"worker"`, `"process"`, or what is safe here. */
  withIsolation(isolation: Isolation): RuntimeBuilder {
    return this.with({ isolation });
  }

  /** What runs modules: `"v8"`, or our own `"interpreter"`. */
  withEngine(engine: Engine): RuntimeBuilder {
    return this.with({ engine });
  }

  /** All memories of a sandbox together. @param limit bytes, or text such as `"64MiB"` */
  withMemoryLimit(limit: ByteSize): RuntimeBuilder {
    return this.with({ memoryLimit: limit });
  }

  /** What a sandbox may consume over its life. @param limit units of fuel, text such as `"10M"`, or `"unlimited"` */
  withFuelLimit(limit: Count): RuntimeBuilder {
    return this.with({ fuelLimit: limit });
  }

  /** Wall time of one call. @param timeout milliseconds, or text such as `"10s"` */
  withTimeout(timeout: Duration): RuntimeBuilder {
    return this.with({ timeout });
  }

  /** Call stack of a guest. @param limit bytes, or text such as `"512KiB"` */
  withStackLimit(limit: ByteSize): RuntimeBuilder {
    return this.with({ stackLimit: limit });
  }

  /** Files that guests may reach. Further calls add to it. */
  withFilesystem(capability: FilesystemCapability): RuntimeBuilder {
    return this.withCapability(capability);
  }

  /** Hosts that guests may send requests to. Further calls add to it. */
  withNetwork(capability: NetworkCapability): RuntimeBuilder {
    return this.withCapability(capability);
  }

  /** What guests may log. */
  withLogging(capability: LoggingCapability): RuntimeBuilder {
    return this.withCapability(capability);
  }

  /** What clocks guests may read. */
  withClock(capability: ClockCapability): RuntimeBuilder {
    return this.withCapability(capability);
  }

  /** Any capability. Further calls add to it. */
  withCapability(capability: Capability): RuntimeBuilder {
    const { capabilities = [] } = this.#options;
    const before = typeof capabilities === "string" ? CAPABILITY_PRESETS[capabilities]() : capabilities;
    return this.with({ capabilities: [...before, capability] });
  }

  /** Called with every decision about a capability. */
  withAudit(onAudit: (event: AuditEvent) => void): RuntimeBuilder {
    return this.with({ onAudit });
  }

  /** Records what happens to all sandboxes. */
  withAuditLog(audit: AuditLog): RuntimeBuilder {
    return this.with({ audit });
  }

  /** Tells a function or an object of what happens to all sandboxes. Further calls add to it. */
  withEventSubscriber(subscriber: EventSubscriber | ((event: AegisEvent) => void)): RuntimeBuilder {
    return this.with({ subscribers: [...this.#options.subscribers ?? [], subscriber] });
  }

  /** Several limits at once. */
  withResourceLimits(limits: LimitOptions): RuntimeBuilder {
    return this.with(limits);
  }

  /** Any options. */
  with(options: AegisOptions): RuntimeBuilder {
    return new RuntimeBuilder({ ...this.#options, ...options });
  }

  /** Starts the runtime. @throws as `Aegis.create` */
  build(): Promise<Aegis> {
    return Aegis.create(this.#options);
  }
}
