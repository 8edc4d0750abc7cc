/** What the process and its guests use. */
import { createRoute } from "@hono/zod-openapi";
import { ERRORS, json } from "./answers.ts";
import { METER_PAUSE, type MeterSampler } from "./meter_sampler.ts";
import { Meters } from "./meter_schemas.ts";
import { guestView } from "./meter_views.ts";
import { newApp, type RoutePorts, type ServerApp } from "./server_context.ts";

export function meterRoutes(
  { meters, runtime: { engine } }: Pick<RoutePorts, "runtime"> & { readonly meters: MeterSampler },
): ServerApp {
  const app = newApp();
  app.openapi(
    createRoute({
      method: "get",
      path: "/meters",
      tags: ["system"],
      summary: "What the process and its guests use, each second of the last ten minutes",
      responses: { 200: json(Meters, "The oldest sample first; the guests of the last one"), ...ERRORS },
    }),
    (c) => {
      const guests = meters.guests.map((guest) => guestView(guest, engine));
      return c.json({ every: METER_PAUSE, samples: [...meters.samples], guests }, 200);
    },
  );
  return app;
}
