/** What is told of meters: in answers, and in events. */
import { z } from "@hono/zod-openapi";
import { ENGINES } from "../core/engine.ts";
import { State, Time } from "./schemas.ts";

export const Sample = z.object({
  time: Time,
  cpu: z.number().openapi({ description: "Cores in use by the process" }),
  rss: z.number().int().openapi({ description: "Bytes of the machine's memory that it has" }),
  heap: z.number().int().openapi({ description: "Bytes of the heap of its main thread" }),
  fuelPerSecond: z.number().int().openapi({ description: "Units, of all guests together" }),
  running: z.number().int().openapi({ description: "Tasks whose guest is not paused" }),
  queued: z.number().int().openapi({ description: "Tasks that wait for a guest" }),
  live: z.number().int().openapi({ description: "Tasks that have a guest, or are about to" }),
  requestsPerSecond: z.number(),
}).openapi("Sample");

export const Guest = z.object({
  task: z.string(),
  name: z.string(),
  state: State,
  execution: z.number().int(),
  startedAt: Time,
  engine: z.enum(ENGINES),
  fuel: z.string(),
  cpuMs: z.number(),
  cpu: z.number().openapi({ description: "Share of one core since the sample before" }),
  fuelPerSecond: z.number().int(),
  memory: z.number().int().openapi({ description: "Bytes" }),
  hostCalls: z.number().int(),
  denials: z.number().int(),
}).openapi("Guest");

export const Meters = z.object({
  every: z.number().int().openapi({ description: "Milliseconds between two samples" }),
  samples: z.array(Sample),
  guests: z.array(Guest),
}).openapi("Meters");

/** The data of an event `meters`. */
export const MeterReading = z.object({ sample: Sample, guests: z.array(Guest) }).openapi("MeterReading");
