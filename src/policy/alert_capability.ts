import { ALERT_LEVELS, type AlertLevel, isAlertLevel } from "../core/alert_level.ts";
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { type ByteSize, parseByteSize } from "../core/units.ts";
import { Capability, checkKeys, checkWhole } from "./capability.ts";
import type { AlertGrant } from "./grants.ts";

/** Bounds of a guest's alerts. */
export interface AlertOptions {
  /** Size of one message; what is longer is cut. @default "8KiB" */
  readonly maxMessage?: ByteSize;
  /** Alerts a second; what is above it is dropped, and recorded. @default 100 */
  readonly rate?: number;
  /** The last alerts that are kept where nobody takes them; at most 1000. @default 1000 */
  readonly keep?: number;
}

/** Alerts that a sandbox keeps at most. */
const MOST_KEPT = 1000;

function readKeep(keep: number): number {
  if (checkWhole(keep, { field: "alert.keep", least: 1 }) <= MOST_KEPT) return keep;
  const suggestion = `Use at most ${MOST_KEPT}, or take them with onAlert.`;
  throw new AegisError("InvalidOption", `Cannot keep ${keep} alerts. ${suggestion}`, {
    field: "alert.keep",
    suggestion,
  });
}

/** The import `env.send_alert`. All methods throw `InvalidOption`. */
export class AlertCapability extends Capability<"alert"> {
  private constructor(grant: AlertGrant) {
    super("alert", [grant]);
  }

  /** Alerts of every level. */
  static all(options: AlertOptions = {}): AlertCapability {
    return AlertCapability.atLevel("info", options);
  }

  /** Alerts of a level and of the more important ones. */
  static atLevel(level: AlertLevel, options: AlertOptions = {}): AlertCapability {
    checkKeys(options, { field: "alert", allowed: ["maxMessage", "rate", "keep"] });
    if (!isAlertLevel(level)) {
      const suggestion = `Use one of ${Object.keys(ALERT_LEVELS).join(", ")}.`;
      throw new AegisError(
        "InvalidOption",
        `Cannot send alerts of level ${quote(String(level))}. ${suggestion}`,
        {
          field: "alert.level",
          suggestion,
        },
      );
    }
    return new AlertCapability({
      kind: "alert",
      level,
      maxMessage: parseByteSize(options.maxMessage ?? "8KiB", "alert.maxMessage"),
      rate: checkWhole(options.rate ?? 100, { field: "alert.rate", least: 1 }),
      keep: readKeep(options.keep ?? MOST_KEPT),
    });
  }
}
