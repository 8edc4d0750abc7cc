/** What there is to say of a line beside its tests: what does not apply, and where. */
export const NOTES: Readonly<Record<string, string>> = {
  A3: "Guests make no symbolic links at all: every attempt is refused, so there is none to use",
  A10: "On Linux, where the tests run, they are names like others",
  D34: "A Worker refuses what could fill its heap; a process has a bounded one",
  H63:
    "With the program that is compiled, under the permissions of the binary; the binary itself runs them where " +
    "`DENORT_BIN` names the base binary of `deno compile`, which no package registry has",
};
