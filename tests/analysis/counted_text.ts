/** Text of loops that count, in the forms that are charged by their counters, and what such a loop does. */

export const COMPARISONS = [
  "lt_s",
  "lt_u",
  "le_s",
  "le_u",
  "gt_s",
  "gt_u",
  "ge_s",
  "ge_u",
  "ne",
] as const;
export type Comparison = typeof COMPARISONS[number];

/**
 * How a loop looks: tested before the body, or behind it; before it with the limit pushed first, which is for all but
 * `ne`; behind it with the limit pushed first, or with none but 0. The last two are for `ne` alone.
 */
export const FORMS = ["before", "swapped", "after", "limitFirst", "bare"] as const;
export type Form = typeof FORMS[number];

export interface CountingLoop {
  readonly form: Form;
  readonly compare: Comparison;
  readonly step: number;
  /** Whether the step is subtracted, with its sign turned round. */
  readonly subtracts?: boolean;
  /** An instruction: a constant, or a local that the loop does not write. It stands for 0 where the form is bare. */
  readonly limit: string;
}

/** Whether a form goes with a comparison. */
export function fits(form: Form, compare: Comparison): boolean {
  return form === "before" || form === "after" || (compare === "ne") !== (form === "swapped");
}

/**
 * Units of an iteration, and of the first comparison of a loop which is tested before the body: it is charged where the loop
 * is entered, and each iteration pays for the comparison that follows it.
 */
export const LOOP_UNITS: Readonly<Record<Form, { readonly each: number; readonly first: number }>> = {
  before: { each: 9, first: 4 },
  swapped: { each: 9, first: 4 },
  after: { each: 7, first: 0 },
  limitFirst: { each: 7, first: 0 },
  bare: { each: 5, first: 0 },
};

/** The comparison of the limit with the counter that is one of the counter with the limit. */
export const SWAPPED: Readonly<Record<Comparison, Comparison>> = {
  lt_s: "gt_s",
  lt_u: "gt_u",
  le_s: "ge_s",
  le_u: "ge_u",
  gt_s: "lt_s",
  gt_u: "lt_u",
  ge_s: "le_s",
  ge_u: "le_u",
  ne: "ne",
};

/** A loop over a local with more code in its body. */
export function countingLoop(loop: CountingLoop, counter: number, body = ""): string {
  const { form, compare, step, limit, subtracts = false } = loop,
    change = subtracts ? `i32.const ${-step} i32.sub` : `i32.const ${step} i32.add`,
    next = `local.get ${counter} ${change}`,
    test = `i32.${compare}`;
  switch (form) {
    case "before":
      return `loop local.get ${counter} ${limit} ${test} if ${body} ${next} local.set ${counter} br 1 end end`;
    case "swapped":
      return `loop ${limit} local.get ${counter} i32.${
        SWAPPED[compare]
      } if ${body} ${next} local.set ${counter} br 1 end end`;
    case "after":
      return `loop ${body} ${next} local.tee ${counter} ${limit} ${test} br_if 0 end`;
    case "limitFirst":
      return `loop ${body} ${limit} ${next} local.tee ${counter} ${test} br_if 0 end`;
    case "bare":
      return `loop ${body} ${next} local.tee ${counter} br_if 0 end`;
  }
}

const COMPARE: Readonly<Record<Comparison, (counter: number, limit: number) => boolean>> = {
  lt_s: (counter, limit) => counter < limit,
  lt_u: (counter, limit) => counter >>> 0 < limit >>> 0,
  le_s: (counter, limit) => counter <= limit,
  le_u: (counter, limit) => counter >>> 0 <= limit >>> 0,
  gt_s: (counter, limit) => counter > limit,
  gt_u: (counter, limit) => counter >>> 0 > limit >>> 0,
  ge_s: (counter, limit) => counter >= limit,
  ge_u: (counter, limit) => counter >>> 0 >= limit >>> 0,
  ne: (counter, limit) => counter !== limit,
};

/** Iterations of a loop from a start to a limit, both i32; one more than `most` if there are more. */
export function iterationsOf(
  loop: { form: Form; compare: Comparison; step: number },
  ends: { start: number; limit: number; most: number },
): number {
  const { form, compare, step } = loop, goesOn = COMPARE[compare];
  let counter = ends.start, count = 0;
  if ((form === "before" || form === "swapped") && !goesOn(counter, ends.limit)) return 0;
  do {
    counter = (counter + step) | 0;
    count++;
  } while (count <= ends.most && goesOn(counter, ends.limit));
  return count;
}
