import { exported, type Workload } from "../subject.ts";
import { packagedBytes } from "./packaged.ts";
import { randomNumbers } from "./sample_text.ts";

/** 64-bit arithmetic in calls of a few instructions: what it costs to come in and go out. */
export const longWorkload: Workload = {
  name: "long",
  group: "third party",
  bytes: packagedBytes("long"),
  setUp(exports, share) {
    const multiply = exported(exports, "mul"), divide = exported(exports, "div_u");
    const high = exported(exports, "get_high"), next = randomNumbers(7);
    const numbers = Int32Array.from({ length: 1024 }, () => next());
    const at = (index: number) => numbers[index & 1023] ?? 0;
    return () => {
      let sum = 0;
      for (let i = 0; i < 2_000_000 * share; i++) {
        sum = (sum + multiply(at(i), at(i + 1), at(i + 2), at(i + 3))) | 0;
        sum = (sum + divide(at(i), at(i + 5), at(i + 7), 3) + high()) | 0;
      }
      return sum;
    };
  },
};
