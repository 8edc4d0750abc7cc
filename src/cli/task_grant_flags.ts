/** The flags that list what a task may use, as the API takes it. Paths are the server's. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import type { TaskGrants } from "../tasks/task_grants.ts";
import type { FlagValues } from "./flags.ts";
import { readSensor } from "../manifest/sensors.ts";

/**
 * The field `grants` of a task; nothing where no flag lists anything. They come from the command line alone: no table of a
 * manifest lists what is the server's.
 *
 * @throws {AegisError} `InvalidOption`
 */
export function taskGrants(flags: FlagValues): { readonly grants?: TaskGrants } {
  const {
    allowRead,
    allowWrite,
    allowNet,
    allowAlert,
    allowLogging,
    allowClock,
    allowRandom,
    allowEnv,
    sensor,
  } = flags;
  const all = {
    read: allowRead,
    write: allowWrite,
    net: allowNet,
    alerts: allowAlert,
    logging: allowLogging ? "trace" as const : undefined,
    clock: allowClock,
    random: allowRandom,
    env: allowEnv,
    sensors: sensor === undefined
      ? undefined
      : Object.fromEntries(sensor.flatMap((one) => typeof one === "string" ? [sensorOf(one)] : [])),
  };
  const listed = Object.entries(all).filter(([, value]) => value !== undefined);
  return listed.length === 0 ? {} : { grants: Object.fromEntries(listed) };
}

/** `ID` for what the server has, `ID=VALUE` or `ID=1,2,3`. */
function sensorOf(word: string): readonly [id: string, value: "runtime" | number | readonly number[]] {
  if (/^[0-9]{1,10}$/.test(word)) return [word, "runtime"];
  const sensor = readSensor(word, () => {
    throw new AegisError(
      "InvalidOption",
      `Cannot use --sensor ${quote(word)}: files of sensors stand in a server's policy`,
    );
  });
  if ("file" in sensor) return [String(sensor.id), "runtime"];
  const [only, ...more] = sensor.values;
  return [String(sensor.id), only === undefined || more.length > 0 ? sensor.values : only];
}
