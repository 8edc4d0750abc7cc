import { AegisError } from "../core/errors.ts";
import { LOG_LEVELS, type LogLevel } from "../core/log_level.ts";
import { quote } from "../core/quote.ts";
import { type ByteSize, parseByteSize } from "../core/units.ts";
import { Capability, checkKeys, checkWhole } from "./capability.ts";
import type { LoggingGrant } from "./grants.ts";

/** Bounds of a guest's log. */
export interface LoggingOptions {
  /** Size of one message; what is longer is cut. @default "8KiB" */
  readonly maxMessage?: ByteSize;
  /** Messages a second. @default 1000 */
  readonly rate?: number;
}

/** The `log` imports. All methods throw `InvalidOption`. */
export class LoggingCapability extends Capability<"logging"> {
  private constructor(grant: LoggingGrant) {
    super("logging", [grant]);
  }

  /** Messages of every level. */
  static all(options: LoggingOptions = {}): LoggingCapability {
    return LoggingCapability.atLevel("trace", options);
  }

  /** Messages of a level and of the more important ones. */
  static atLevel(level: LogLevel, options: LoggingOptions = {}): LoggingCapability {
    checkKeys(options, { field: "logging", allowed: ["maxMessage", "rate"] });
    if (!Object.hasOwn(LOG_LEVELS, level)) {
      const suggestion = `Use one of ${Object.keys(LOG_LEVELS).join(", ")}.`;
      throw new AegisError("InvalidOption", `Cannot log at level ${quote(String(level))}. ${suggestion}`, {
        field: "logging.level",
        suggestion,
      });
    }
    return new LoggingCapability({
      kind: "logging",
      level,
      maxMessage: parseByteSize(options.maxMessage ?? "8KiB", "logging.maxMessage"),
      rate: checkWhole(options.rate ?? 1000, { field: "logging.rate", least: 1 }),
    });
  }
}
