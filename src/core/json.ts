/** What JSON documents are made of. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** An amount as a JSON number where a reader's double holds it exactly, else as its decimal text. */
export function jsonNumber(amount: number | bigint): Json {
  if (typeof amount === "number") return Number.isFinite(amount) ? amount : String(amount);
  return amount <= Number.MAX_SAFE_INTEGER && amount >= Number.MIN_SAFE_INTEGER
    ? Number(amount)
    : String(amount);
}
