import type { Instance, Session } from "../instance.ts";
import { embeddedModule } from "./embedded.ts";
import type { DrivenModule } from "./packaged_module.ts";

/** Calls a function of two 64-bit integers, each passed as low and high half; the high half of the result is kept. */
async function call64(instance: Instance, name: string, a: bigint, b: bigint): Promise<bigint> {
  const halves = [a, a >> 32n, b, b >> 32n].map((half) => Number(BigInt.asIntN(32, half)));
  const [low] = await instance.call(name, halves);
  const [high] = await instance.call("get_high", []);
  if (typeof low !== "number" || typeof high !== "number") {
    throw new TypeError(`"${name}" returned no numbers`);
  }
  return (BigInt(high) << 32n) | BigInt.asUintN(32, BigInt(low));
}

function session(): Session {
  return {
    imports: {},
    async drive(instance) {
      return {
        product: await call64(instance, "mul", 3_037_000_499n, 3_037_000_499n),
        wrapped: await call64(instance, "mul", 2n ** 62n, 2n),
        quotient: await call64(instance, "div_s", -9_000_000_000_000_000_001n, 7n),
        unsignedQuotient: await call64(instance, "div_u", -1n, 10n),
        rest: await call64(instance, "rem_s", -9_000_000_000_000_000_001n, 7n),
      };
    },
  };
}

/** 64-bit arithmetic for JavaScript of before bigint; written by hand, without a memory. */
export const long: DrivenModule = {
  name: "long",
  package: "long",
  version: "5.3.2",
  size: 286,
  bytes: () => embeddedModule("long", "index.js"),
  note: "multiplies and divides; expected by bigint arithmetic",
  session,
  expected: {
    product: 3_037_000_499n * 3_037_000_499n,
    wrapped: -(2n ** 63n),
    quotient: -9_000_000_000_000_000_001n / 7n,
    unsignedQuotient: (2n ** 64n - 1n) / 10n,
    rest: -9_000_000_000_000_000_001n % 7n,
  },
};
