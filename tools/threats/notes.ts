/** What there is to say of a line beside its tests: what does not apply, and where. */
export const NOTES: Readonly<Record<string, string>> = {};
