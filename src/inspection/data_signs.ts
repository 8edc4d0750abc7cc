/**
 * THE table of what is looked for in the data of a module, by how it reads. Three bytes say where something may begin; one
 * expression for each row says whether it does. No expression takes more than some hundred bytes, and sign_search.ts gives a
 * row up that has been tried too often, so that the time is linear in the data.
 */
import type { FindingId } from "./finding_kinds.ts";

interface SignRow {
  readonly finding: FindingId;
  /** What it is, for a sentence: `It holds …`. */
  readonly what: string;
  /** The three bytes that all of it begins with, in Latin letters; each list holds those that may stand at its place. */
  readonly begins: readonly (readonly [string, string, string])[];
  /** In Latin letters, one for each byte. */
  readonly pattern: string;
  /** Whether the text is not shown: it would be a secret in a log. */
  readonly secret?: true;
  /** Whether text in units of 16 bits is looked through for it, too. */
  readonly wide?: true;
  /** What must hold beside; gets the text and the window from its first byte on. */
  readonly holds?: (text: string, bytes: Uint8Array) => boolean;
}

/** A little-endian number. */
function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) | (bytes[at + 1] ?? 0) << 8 | (bytes[at + 2] ?? 0) << 16 |
    (bytes[at + 3] ?? 0) << 24) >>> 0;
}

/** Hosts that are in every library of sockets or names, and lead nowhere. */
const LOCAL =
  /\/\/(?:[^@]*@|(?![^@]*@))(?:127\.|0\.0\.0\.0|255\.|10\.|192\.168\.|1\.2\.3\.4|192\.0\.2\.|203\.0\.113\.|198\.51\.100\.|\[::1?\]|\[fe80:|\[2001:db8:)/i;

/** Whoever asks, in an address: what stands before the host, and may look like another one. */
const USER = "(?:[A-Za-z0-9._~%!$&'()*+,;=:-]{1,64}@)?";

/** A host as a number: of four parts, of one, or of version 6. */
const NUMBER =
  "(?:[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}(?![0-9.@])|(?:0[xX][0-9A-Fa-f]{7,8}|0?[0-9]{9,11})(?![0-9A-Za-z.@_-])|\\[[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,40}\\])";

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

const ANY = String.fromCharCode(...Array(256).keys());

export const SIGNS = {
  pool: {
    finding: "mining-pool",
    what: "the address of a mining pool, or what is said to one",
    begins: [["sS", "tT", "rR"], ["m", "i", "n"], ["xX", "mM", "rR"], ["c", "o", "i"], ["c", "r", "y"]],
    pattern:
      "[sS][tT][rR][aA][tT][uU][mM][12]?\\+(?:[tT][cC][pP]|[sS][sS][lL]|[tT][lL][sS]|[uU][dD][pP])|mining\\.(?:subscribe|authorize|submit|notify|set_difficulty)|[xX][mM][rR]ig|coinhive|coinimp|cryptonight",
    wide: true,
  },
  privateKey: {
    finding: "private-key",
    what: "a private key",
    // With the key: every TLS library has the line above one.
    begins: [["B", "E", "G"]],
    pattern:
      "(?<=-----)BEGIN [A-Z ]{0,24}PRIVATE KEY(?: BLOCK)?-----(?:[\\r\\n]|\\\\n|\\\\r){1,4}(?:[A-Za-z][A-Za-z-]{2,24}: [ -~]{1,80}[\\r\\n]{1,4}){0,4}[A-Za-z0-9+/=]{40}",
    secret: true,
    wide: true,
  },
  cloudKey: {
    finding: "secret-token",
    what: "what reads as a key of AWS",
    begins: [["A", "K", "I"], ["A", "S", "I"]],
    pattern: "(?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z])",
    secret: true,
    wide: true,
    holds: isMixed,
  },
  hubToken: {
    finding: "secret-token",
    what: "what reads as a token of GitHub",
    begins: [["g", "h", "pousr"], ["g", "i", "t"]],
    pattern: "gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60}",
    secret: true,
    wide: true,
    holds: isMixed,
  },
  labToken: {
    finding: "secret-token",
    what: "what reads as a token of GitLab",
    begins: [["g", "l", "p"]],
    pattern: "glpat-[A-Za-z0-9_-]{20}",
    secret: true,
    wide: true,
    holds: isMixed,
  },
  chatToken: {
    finding: "secret-token",
    what: "what reads as a token of Slack",
    begins: [["x", "o", "x"]],
    pattern: "xox[abprs]-[0-9]{8,14}-[A-Za-z0-9-]{16}",
    secret: true,
    wide: true,
    holds: isMixed,
  },
  paymentKey: {
    finding: "secret-token",
    what: "what reads as a live key of Stripe",
    begins: [["rs", "k", "_"]],
    pattern: "[rs]k_live_[A-Za-z0-9]{24}",
    secret: true,
    wide: true,
    holds: isMixed,
  },
  googleKey: {
    finding: "secret-token",
    what: "what reads as a key of Google",
    begins: [["A", "I", "z"]],
    pattern: "AIza[A-Za-z0-9_-]{35}",
    secret: true,
    wide: true,
    holds: isMixed,
  },
  packageToken: {
    finding: "secret-token",
    what: "what reads as a token of a registry of packages",
    begins: [["n", "p", "m"], ["p", "y", "p"]],
    pattern: "npm_[A-Za-z0-9]{36}(?![A-Za-z0-9])|pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50}",
    secret: true,
    wide: true,
    holds: isMixed,
  },
  modelKey: {
    finding: "secret-token",
    what: "what reads as a key of a service of language models",
    begins: [["s", "k", "-"]],
    pattern: "sk-(?:ant-[a-z0-9]{3,8}|proj|svcacct)-[A-Za-z0-9_-]{40}",
    secret: true,
    wide: true,
    holds: isMixed,
  },
  chatHook: {
    finding: "secret-token",
    what: "the address of a chat that takes what is sent to it, with its token",
    begins: [["d", "i", "s"], ["h", "o", "o"], ["a", "p", "i"]],
    pattern:
      "discord(?:app)?\\.com/api/webhooks/[0-9]{15,22}/[A-Za-z0-9_-]{40}|hooks\\.slack\\.com/services/T[A-Z0-9]{6,14}/B[A-Z0-9]{6,14}/[A-Za-z0-9]{20}|api\\.telegram\\.org/bot[0-9]{6,12}:[A-Za-z0-9_-]{30}",
    secret: true,
    wide: true,
    holds: isMixed,
  },
  webToken: {
    finding: "secret-token",
    what: "what reads as a JSON Web Token",
    begins: [["e", "y", "J"]],
    pattern: "(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{16,200}\\.eyJ[A-Za-z0-9_-]{16,400}\\.[A-Za-z0-9_-]{16}",
    secret: true,
    wide: true,
  },
  monero: {
    finding: "wallet-address",
    what: "what reads as an address of Monero",
    begins: [["48", "0123456789AB", BASE58]],
    pattern: "(?<![0-9A-Za-z])[48][0-9AB][1-9A-HJ-NP-Za-km-z]{93}(?![0-9A-Za-z])",
    wide: true,
    holds: isMixed,
  },
  bitcoin: {
    finding: "wallet-address",
    what: "what reads as an address of Bitcoin",
    begins: [["b", "c", "1"]],
    pattern: "(?<![0-9A-Za-z])bc1[02-9ac-hj-np-z]{39,59}(?![0-9A-Za-z])",
    wide: true,
    holds: (text) => new Set(text).size > 12,
  },
  onion: {
    finding: "hidden-host",
    what: "the name of a host that hides where it is",
    begins: [[".", "o", "n"]],
    pattern: "(?<=[a-z2-7]{56})\\.onion(?![a-z])",
    wide: true,
  },
  numericHost: {
    finding: "hidden-host",
    what: "an address with a number for a host",
    begins: [["h", "t", "t"], ["w", "s", "s"], ["w", "s", ":"], ["t", "c", "p"], ["f", "t", "p"]],
    pattern: `(?:https?|wss?|tcp|ftp)://${USER}${NUMBER}(?::[0-9]{1,5})?`,
    wide: true,
    holds: (text) => !LOCAL.test(text),
  },
  metadata: {
    finding: "hidden-host",
    what: "the address at which a cloud tells its machines their secrets",
    begins: [["1", "6", "9"], [".", "g", "o"]],
    pattern: "(?<![0-9.])169\\.254\\.169\\.254(?![0-9.])|(?<=metadata)\\.google\\.internal",
    wide: true,
  },
  url: {
    finding: "urls",
    what: "the address",
    begins: [["h", "t", "t"], ["w", "s", "s"], ["w", "s", ":"], ["f", "t", "p"]],
    pattern: `(?:https?|wss?|ftp)://${USER}` +
      "[A-Za-z0-9][A-Za-z0-9.-]{1,80}\\.[A-Za-z]{2,12}(?![A-Za-z0-9-])(?::[0-9]{1,5})?(?:/[A-Za-z0-9/._~%?#=&+-]{0,80})?",
    wide: true,
  },
  wasm: {
    finding: "embedded-program",
    what: "a WebAssembly module",
    begins: [["\0", "a", "s"]],
    pattern: "\\0asm[\\x01\\r]\\0[\\0\\x01]\\0",
    holds: (_, bytes) => bytes.length > 10 && (bytes[8] ?? 99) <= 13,
  },
  elf: {
    finding: "embedded-program",
    what: "a program of Linux (ELF)",
    begins: [["\x7f", "E", "L"]],
    pattern: "\\x7fELF[\\x01\\x02][\\x01\\x02]\\x01",
    holds: (_, bytes) => bytes.length > 20 && [1, 2, 3, 4].includes((bytes[16] ?? 0) + (bytes[17] ?? 0)),
  },
  windows: {
    finding: "embedded-program",
    what: "a program of Windows (PE)",
    begins: [["M", "Z", ANY]],
    pattern: "MZ[^][\\0\\x01]",
    holds: (_, bytes) => {
      const at = u32(bytes, 60);
      return at >= 64 && at < 4096 && u32(bytes, at) === 0x4550;
    },
  },
  macos: {
    finding: "embedded-program",
    what: "a program of macOS (Mach-O)",
    begins: [["\xce\xcf", "\xfa", "\xed"]],
    pattern: "[\\xce\\xcf]\\xfa\\xed\\xfe[\\x07\\x0c]\\0\\0[\\0\\x01]",
  },
  zip: {
    finding: "embedded-archive",
    what: "an archive (ZIP)",
    begins: [["P", "K", "\x03"]],
    pattern: "PK\\x03\\x04[\\n\\x14\\x2d\\x3f]\\0",
    holds: (_, bytes) => bytes.length > 30 && (bytes[27] ?? 255) < 4,
  },
  gzip: {
    finding: "embedded-archive",
    what: "packed data (gzip)",
    begins: [["\x1f", "\x8b", "\x08"]],
    pattern: "\\x1f\\x8b\\x08[\\0-\\x1f][^]{4}[\\0\\x02\\x04][\\0-\\x0d\\xff]",
  },
} as const satisfies Record<string, SignRow>;

/** A key of {@linkcode SIGNS}. */
export type SignName = keyof typeof SIGNS;

/** Examples in documentation are made of one letter, or of EXAMPLE. */
function isMixed(text: string): boolean {
  return new Set(text).size > 10 && !text.includes("EXAMPLE");
}

/** The row of a sign. */
export function signRow(name: SignName): SignRow {
  return SIGNS[name];
}
