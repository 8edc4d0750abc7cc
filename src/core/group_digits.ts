/** Puts commas between groups of three digits: `1,000,000`. For people; programs get plain numbers. */
export function groupDigits(amount: number | bigint | string): string {
  return String(amount).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
