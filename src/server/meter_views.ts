/** Meters as answers and events have them. */
import type { z } from "@hono/zod-openapi";
import type { GuestMeters, MeterReading } from "./meter_sampler.ts";
import type * as schemas from "./meter_schemas.ts";
import type { Engine } from "../core/engine.ts";

/** @param engine of a task that does not say */
export function guestView(
  { task, execution, startedAt, state, metrics, cpu, fuelPerSecond }: GuestMeters,
  engine: Engine,
): z.infer<typeof schemas.Guest> {
  return {
    task: task.id,
    name: task.name,
    state,
    execution,
    startedAt,
    engine: task.settings.engine ?? engine,
    fuel: String(metrics?.fuelConsumed ?? 0n),
    cpuMs: metrics?.cpuTime ?? 0,
    cpu,
    fuelPerSecond,
    memory: metrics?.memory ?? 0,
    hostCalls: metrics?.hostCalls ?? 0,
    denials: metrics?.denials ?? 0,
  };
}

/** @param engine as above */
export function readingView(
  { sample, guests }: MeterReading,
  engine: Engine,
): z.infer<typeof schemas.MeterReading> {
  return { sample, guests: guests.map((guest) => guestView(guest, engine)) };
}
