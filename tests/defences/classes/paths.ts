/** Class A: what keeps paths to what was granted, links and races included. */
import type { Defence } from "../defence.ts";

const PATHS = "tests/adversarial/files/paths_test.ts",
  RIGHTS = "tests/adversarial/files/rights_test.ts",
  DEVICES = "tests/adversarial/files/devices_test.ts",
  RACE = "tests/adversarial/files/race_test.ts",
  FAIRNESS = "tests/adversarial/files/fairness_test.ts";

export const PATHS_DEFENCES: readonly Defence[] = [
  {
    id: "path-absolute",
    what: "a path that starts at the root is refused, by the guest's side and by the broker",
    lines: ["A1"],
    file: "src/broker/resolve_path.ts",
    find: `    if (path.startsWith("/")) this.#escape();`,
    replace: ``,
    also: [{
      file: "src/wasi/place.ts",
      find: `descriptor.kind === "root" || path.startsWith("/")`,
      replace: `descriptor.kind === "root"`,
    }],
    tests: [PATHS],
  },
  {
    id: "path-up",
    what: "`..` takes back a name that was walked, and leads nowhere above the granted directory",
    lines: ["A1", "A4"],
    file: "src/broker/resolve_path.ts",
    find: `if (this.#names.length === 0) this.#escape();
    this.#names.pop();`,
    replace: `this.#names.push("..");`,
    tests: [PATHS],
  },
  {
    id: "path-nul",
    what: "a NUL in a path is refused, by the guest's side and by the broker, and does not end it",
    lines: ["A1"],
    file: "src/broker/resolve_path.ts",
    find: `if (path.includes("\\0")) throw new OperationError("inval");`,
    replace: ``,
    also: [
      {
        file: "src/broker/resolve_path.ts",
        find: `return path.split("/").filter((name) => name !== "").reverse();`,
        replace: `return (path.split("\\0")[0] ?? "").split("/").filter((name) => name !== "").reverse();`,
      },
      {
        file: "src/wasi/caller.ts",
        find: `if (bytes.includes(0)) return ERRNO.inval;`,
        replace: ``,
      },
    ],
    tests: [PATHS],
  },
  {
    id: "path-lexical",
    what: "a path below a directory that the guest has opened does not leave that one by its text",
    lines: ["A1"],
    file: "src/wasi/place.ts",
    find: `if (descriptor.guestPath === undefined && leavesLexically(path)) return ERRNO.perm;`,
    replace: ``,
    tests: [PATHS],
  },
  {
    id: "path-steps",
    what: "a path of too many names is not walked to its end, and who walked for long waits in turn",
    lines: ["A1"],
    file: "src/broker/resolve_path.ts",
    find: `if (++this.#steps > MOST_STEPS)`,
    replace: `if (++this.#steps > 100_000)`,
    also: [{
      file: "src/broker/sandbox_files.ts",
      find: `if (held > LONG) this.#restUntil = ended + held * REST;`,
      replace: `if (held > 1e9) this.#restUntil = ended + held * REST;`,
    }],
    tests: [FAIRNESS],
    only: ["A1 a guest"],
  },
  {
    id: "slash-open",
    what: "a slash behind a file's name means a directory, and the file is not opened",
    lines: ["A2"],
    file: "src/broker/open_path.ts",
    find: `if (found.slash || flags.directory) throw new OperationError("notdir");`,
    replace: `if (flags.directory) throw new OperationError("notdir");`,
    tests: [PATHS],
  },
  {
    id: "slash-unlink",
    what: "a slash behind a file's name keeps the file from being removed",
    lines: ["A2"],
    file: "src/broker/path_changes.ts",
    find: `    if (found.kind === "directory") throw new OperationError("isdir");
    if (found.slash) throw new OperationError("notdir");`,
    replace: `    if (found.kind === "directory") throw new OperationError("isdir");`,
    tests: [PATHS],
  },
  {
    id: "slash-rename",
    what: "a slash behind either name of a rename asks for a directory",
    lines: ["A2"],
    file: "src/broker/rename.ts",
    find: `if (made.slash && old.kind !== "directory") throw new OperationError("notdir");`,
    replace: ``,
    also: [{
      file: "src/broker/rename.ts",
      find: `if (old.slash && old.kind !== "directory") throw new OperationError("notdir");`,
      replace: ``,
    }],
    tests: [PATHS],
    only: ["A2"],
  },
  {
    id: "symlink-none",
    what: "a guest makes no symbolic link",
    lines: ["A3"],
    file: "src/broker/path_changes.ts",
    find: `    throw new Refused("symlink", mount.decision("create", names));`,
    replace: `    Deno.symlinkSync(request.target, mount.hostPath(names));
    return {};`,
    tests: [PATHS],
  },
  {
    id: "link-absolute",
    what: "a link with an absolute target is not followed",
    lines: ["A4"],
    file: "src/broker/resolve_path.ts",
    find: `if (target.startsWith("/")) this.#escape();`,
    replace: ``,
    tests: [PATHS],
  },
  {
    id: "link-by-us",
    what: "links are followed by us, name by name, and never by the system",
    lines: ["A2", "A4", "A5"],
    file: "src/broker/resolve_path.ts",
    find: `return this.#fs.lstat(this.#mount.hostPath(names));`,
    replace: `return Deno.statSync(this.#mount.hostPath(names));`,
    tests: [PATHS, RACE],
    only: ["A2", "A4", "A5 two sandboxes of one runtime"],
  },
  {
    id: "link-loop",
    what: "a path leads through forty links at most",
    lines: ["A4"],
    file: "src/broker/resolve_path.ts",
    find: `if (++this.#links > MOST_LINKS) throw new OperationError("loop");`,
    replace: ``,
    tests: [PATHS],
  },
  {
    id: "link-text",
    what: "the text of a link into the host's own tree is not told",
    lines: ["A4"],
    file: "src/broker/metadata.ts",
    find: `if (target.startsWith("/")) throw new Refused("escape", mount.decision("read", names));`,
    replace: ``,
    tests: [PATHS],
  },
  {
    id: "race-lock",
    what: "all files brokers of a process hold one lock while a path is led and used",
    lines: ["A5"],
    file: "src/broker/path_lock.ts",
    find: `if (Atomics.compareExchange(this.#word, 0, FREE, HELD) !== FREE) this.#wait();
    try {`,
    replace: `try {`,
    also: [{
      file: "src/broker/open_path.ts",
      find: `    sighting.prove();
    if (flags.truncate`,
      replace: `    if (flags.truncate`,
    }, {
      file: "src/broker/open_path.ts",
      find:
        `found.stat === undefined || !stat.isFile || !sameIdentity(hostIdentity(stat), hostIdentity(found.stat))`,
      replace: `found.stat === undefined || !stat.isFile`,
    }],
    tests: [RACE],
  },
  {
    id: "race-proof",
    what:
      "what was opened is compared with what the path leads to, before and after (with a pause before it is opened)",
    lines: ["A5"],
    file: "src/broker/prove_path.ts",
    find: `if (!isSame(found, again)) throw new OperationError("noent");`,
    replace: `if (again !== undefined) return;`,
    also: [{
      file: "src/broker/open_path.ts",
      find:
        `found.stat === undefined || !stat.isFile || !sameIdentity(hostIdentity(stat), hostIdentity(found.stat))`,
      replace: `found.stat === undefined || !stat.isFile`,
    }, {
      file: "src/broker/open_path.ts",
      find: `  if (options.read) mount.demandPermission(fs, "read", names);`,
      replace: `  for (const until = performance.now() + 0.2; performance.now() < until;) void 0;
  if (options.read) mount.demandPermission(fs, "read", names);`,
    }],
    tests: [RACE],
    only: ["swaps directory and link"],
  },
  {
    id: "race-root-identity",
    what: "the granted directory is known by its number, and nothing else in its place is entered",
    lines: ["A5"],
    file: "src/broker/resolve_path.ts",
    find: `if (!root || !stat.isDirectory || !sameIdentity(hostIdentity(stat), root)) {`,
    replace: `if (!root) {`,
    tests: [RACE],
  },
  {
    id: "race-root-held",
    what: "a directory in which a mount of any sandbox lies is neither renamed nor removed",
    lines: ["A5"],
    file: "src/broker/path_changes.ts",
    find:
      `if (kind === "directory" && sandbox.holdsMount(mount.hostPath(names))) throw new OperationError("busy");`,
    replace: `void [sandbox, kind, mount, names];`,
    tests: [RACE],
  },
  {
    id: "race-start-identity",
    what: "a directory that a guest has open is known by its number when a path begins in it",
    lines: ["A11"],
    file: "src/broker/resolve_path.ts",
    find: `    if (!same) throw new OperationError("noent");
  }

  #up`,
    replace: `    void same;
  }

  #up`,
    tests: [DEVICES, RACE],
  },
  {
    id: "across-link",
    what: "no hard link is made from one mount into another",
    lines: ["A6"],
    file: "src/broker/path_changes.ts",
    find: `if (sandbox.open.directory(directory).mount !== mount) {`,
    replace: `if (sandbox.open.directory(directory).mount === undefined) {`,
    tests: [RIGHTS],
  },
  {
    id: "across-rename",
    what: "no rename carries a file from one mount into another",
    lines: ["A6"],
    file: "src/broker/rename.ts",
    find: `if (mount !== other) throw new Refused("acrossMounts", other.decision("create", [toPath]));`,
    replace: `void [mount, other];`,
    tests: [RIGHTS],
  },
  {
    id: "link-needs-create",
    what: "a link is made where creating was granted alone",
    lines: ["A6"],
    file: "src/broker/path_changes.ts",
    find: `  const mount = sandbox.demand(to, "create");
  // A name`,
    replace: `  const { mount } = sandbox.open.directory(toDirectory);
  // A name`,
    also: [{
      file: "src/broker/open_path.ts",
      find: `  mount.demand("create", names);
  const { only, identity }`,
      replace: `  const { only, identity }`,
    }],
    tests: [RIGHTS],
  },
  {
    id: "granted-identity",
    what:
      "what was granted is known by its number from the moment of the grant, and nothing that took its place",
    lines: ["A5"],
    file: "src/broker/mount.ts",
    find: `grant.identity ?? rootOf(grant.hostPath, options.fs) : undefined;`,
    replace: `rootOf(grant.hostPath, options.fs) : undefined;`,
    also: [{
      file: "src/broker/mount.ts",
      find:
        `    return only === undefined || identity === undefined || sameIdentity(hostIdentity(stat), identity);`,
      replace:
        `    return only === undefined || identity === undefined || sameIdentity(hostIdentity(stat), hostIdentity(stat));`,
    }, {
      file: "src/broker/resolve_path.ts",
      find: `if (!root || !stat.isDirectory || !sameIdentity(hostIdentity(stat), root)) {`,
      replace: `if (!root) {`,
    }],
    tests: [RACE],
    only: ["redirects", "swaps what lies above"],
  },
  {
    id: "guest-paths-told",
    what: "what is told of a guest's attempts names what it asked for, and not where that lies on the host",
    lines: ["A12"],
    file: "src/broker/mount.ts",
    find: `target: this.guestPath(names), flag`,
    replace: `target: this.hostPath(names), flag`,
    tests: [DEVICES],
    only: ["A12"],
  },
  {
    id: "path-up-permitted",
    what: "`..` leads nowhere above the granted directory, and the broker's thread may read nothing there",
    lines: ["A1"],
    file: "src/broker/resolve_path.ts",
    find: `if (this.#names.length === 0) this.#escape();
    this.#names.pop();`,
    replace: `this.#names.push("..");`,
    also: [{
      file: "src/policy/deno_permissions.ts",
      find: `    read: [...new Set(used.flatMap(pathsOf))],
    write: [...new Set(writable.flatMap(pathsOf))],`,
      replace: `    read: [...new Set([...used.flatMap(pathsOf), "/"])],
    write: [...new Set([...writable.flatMap(pathsOf), "/"])],`,
    }],
    tests: [PATHS],
    only: ["A1 the host's own name"],
  },
  {
    id: "granted-identity-below",
    what:
      "a directory that was granted is known by its number, though what lies above it leads elsewhere by now",
    lines: ["A5"],
    file: "src/broker/resolve_path.ts",
    find: `if (!root || !stat.isDirectory || !sameIdentity(hostIdentity(stat), root)) {`,
    replace: `if (!root) {`,
    also: [{
      file: "src/broker/resolve_path.ts",
      find: `    if (!same) throw new OperationError("noent");
  }

  #up`,
      replace: `    void same;
  }

  #up`,
    }],
    tests: [RACE],
    only: ["swaps what lies above folder/folder"],
  },
];
