import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { Capability } from "./capability.ts";
import type { RandomGrant } from "./grants.ts";

const SEEDS = 2n ** 64n;

function readSeed(seed: number | bigint): bigint {
  const whole = typeof seed === "bigint" || Number.isSafeInteger(seed) ? BigInt(seed) : -1n;
  if (whole >= 0n && whole < SEEDS) return whole;
  const suggestion = "Use a whole number from 0 to 2^53-1, or a bigint below 2^64.";
  throw new AegisError(
    "InvalidOption",
    `Cannot seed random bytes with ${quote(String(seed))}. ${suggestion}`,
    {
      field: "random.seed",
      suggestion,
    },
  );
}

/** Random bytes. */
export class RandomCapability extends Capability<"random"> {
  private constructor(grant: RandomGrant) {
    super("random", [grant]);
  }

  /** Bytes that nobody can foretell. */
  static secure(): RandomCapability {
    return new RandomCapability({ kind: "random", seed: undefined });
  }

  /** The same bytes in each run, others for each seed. @throws {AegisError} `InvalidOption` */
  static seeded(seed: number | bigint): RandomCapability {
    return new RandomCapability({ kind: "random", seed: readSeed(seed) });
  }
}
