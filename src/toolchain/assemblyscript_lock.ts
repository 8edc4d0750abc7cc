/** What AssemblyScript's compiler is made of, with hashes: Deno runs no other bytes than these. */
export const ASSEMBLYSCRIPT_LOCK_TEXT: string = JSON.stringify({
  version: "5",
  specifiers: { "npm:assemblyscript@0.28.20": "0.28.20" },
  npm: {
    "assemblyscript@0.28.20": {
      integrity:
        "sha512-5PM7GZpvcLypHcLmi30aP8mqm5HjU+LL3BdV1xDyA3USGtL2w+iMiUnhtH+vW8+2kOuHlAyPu7M+QgyEw5he1g==",
      dependencies: ["binaryen", "long"],
      bin: true,
    },
    "binaryen@131.0.0-nightly.20260721": {
      integrity:
        "sha512-AAQIkhfbYXh4FBObwBrlO+5L+6Rp6OOMOjh6AdT0M+GLNLyrwKWgtW+EzmizNgx9CWDfTJPfDtKoZi62QESbtg==",
      bin: true,
    },
    "long@5.3.2": {
      integrity:
        "sha512-mNAgZ1GmyNhD7AuqnTG3/VQ26o760+ZYBPKjPvugO8+nLbYfX6TVpJPseBvopbdY+qpZ/lKUnmEc1LeZYS3QAA==",
    },
  },
});
