/** What hostile guests try: the lines by which tests are labelled, "A5" or "C27" at the beginning of their names. */

/** The classes, with the first number of each; the numbers go on from one to the next. */
export const CLASSES = [
  { letter: "A", title: "Files", from: 1, to: 12 },
  { letter: "B", title: "Arguments of WASI", from: 13, to: 21 },
  { letter: "C", title: "Processor time", from: 22, to: 30 },
  { letter: "D", title: "Memory", from: 31, to: 38 },
  { letter: "E", title: "Reading and compiling", from: 39, to: 44 },
  { letter: "F", title: "Capabilities and the network", from: 45, to: 51 },
  { letter: "G", title: "Isolation, and what people are shown", from: 52, to: 60 },
  { letter: "H", title: "Staying up", from: 61, to: 63 },
] as const;

/** One line. */
export interface ThreatLine {
  /** Such as "A5". */
  readonly label: string;
  /** What is tried, in a sentence without a full stop. */
  readonly tried: string;
}

/** What is tried, by number from 1. */
const TRIED = [
  "Paths that mean a place outside by their text: upwards, absolute, with NUL, empty, `.`, backslashes, doubled slashes",
  "A slash behind the name of a file, a directory, a link, or what is to be renamed",
  "Links that the guest makes: relative, absolute, in chains, in loops, to nothing; then used in every operation",
  "Links that the host has made inside a granted directory",
  "A directory that becomes a link while a path is led, by a sandbox of the same or another runtime, or by a process outside",
  "Hard links and renames from one grant into another, and from read-only into writable",
  "Truncating, making, appending, setting times and allocating where only reading is granted",
  "Wider rights: set again, by way of a child descriptor, or by renumbering",
  "Devices, `/proc`, FIFOs, sockets, and whatever blocks whoever opens it",
  "Windows: names of devices, streams, short names, names that differ in case",
  "Cookies of a listing that were never given out, and deleting while a directory is listed",
  "Learning of the host by inodes, devices and errors; times before and after every calendar",
  "Every integer argument at 0, -1, and the ends of 31 and 32 bits",
  "Pointers at the end of memory, sums that wrap around, lists that overlap with what they name",
  "Ten thousand to a million pieces or subscriptions in one call",
  "Four GiB of random bytes, of path, or to be written",
  "Memory that grows between reading a pointer and using it",
  "Texts that are no UTF-8",
  "Descriptors: used again, closed streams and directories, all used up, renumbered onto a directory",
  "Waits that are huge, negative, or overflow",
  "Calls after the exit, and out of a start function",
  "Loops, nested loops, storms of branches; mutual, tail and indirect recursion",
  "A start function that loops",
  "One huge bulk operation",
  "A storm of calls to the host",
  "Reaching the counter of fuel: by a name, by an index, by overflow",
  "Handlers that catch everything, around exit, fuel, timeout and denials",
  "Stopping a guest that sleeps, polls, or waits for the host",
  "A thread that goes on computing after its guest was stopped",
  "Instructions that take long for the fuel they cost",
  "Declared sizes that lie, 64-bit memories, several memories, shared memories",
  "Growing to the limit, a page further, and through an imported memory",
  "Huge tables, declared and grown",
  "Filling the heap of JavaScript: GC objects, exceptions in chains and tables, kept references of the host",
  "Segments that are more than there is room for",
  "The stack: many locals in recursion, deep operands, host and guest that call each other",
  "Floods: log messages, output, results, huge JSON",
  "A guest that is out of memory takes its host with it",
  "Malformed integers, texts and sections: twice, out of order, too large, lying names",
  "The engine's own limits, met and passed by one",
  "Modules that are dear to compile: locals times branches, huge functions, deep nesting, huge branch tables",
  "Random and changed modules in our reader",
  "Instrumented code that does something else than the original",
  "Proposals that nobody has looked at",
  "Imports that nobody provides, odd names of imports, another kind or signature",
  "Using what was not granted, for each capability",
  "Redirects to a host that is not granted, at each hop",
  "Names bound anew; addresses of this machine and of clouds, in all their spellings; user names, ports, schemes",
  "Smuggled headers; bodies that are too large, too slow or too fast",
  "Environment, arguments and secrets that get out",
  "Grants that change while the guest runs",
  "Pollution of prototypes through what is handed out",
  "Forged messages, other tasks' numbers, the words that control a guest",
  "What the run before has left: memory, globals, files, in a Worker that is used again too",
  "Reading the data of another task",
  "Clocks that are finer than granted, and counters that serve as clocks",
  "A Worker that has a permission, or for which somebody at a terminal is asked for one",
  "Control characters on a terminal, markup in the dashboard, requests of other pages, file names of modules",
  "The HTTP and MCP servers: large bodies, wrong tokens, tools of one name, deep JSON",
  "The manifest: unknown keys, limits that do nothing, other bytes than its hash names",
  "Killing the server in the middle of a task",
  "A thousand hostile tasks in a row",
  "All of this against the compiled binary",
] as const;

/** All lines, in order. */
export const LINES: readonly ThreatLine[] = CLASSES.flatMap(({ letter, from, to }) =>
  TRIED.slice(from - 1, to).map((tried, index) => ({ label: `${letter}${from + index}`, tried }))
);

const LABELS = new Set(LINES.map(({ label }) => label));

/** The labels that stand in the name of a test, in their order: more than one where it answers several lines. */
export function labelsOf(name: string): string[] {
  const found = [...name.matchAll(/\b[A-H][1-9]\d?(?=,? )/g)].map(([label]) => label);
  return [...new Set(found.filter((label) => LABELS.has(label)))];
}
