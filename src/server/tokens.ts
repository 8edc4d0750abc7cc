/** Who may ask: bearer tokens, of which only hashes are kept. */
import { Buffer } from "node:buffer";
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";

/** What a token may do: everything, or look. */
export const ROLES = ["admin", "read"] as const;

/** One of {@linkcode ROLES}. */
export type Role = typeof ROLES[number];

/** A token without its secret. */
export interface Token {
  /** 1 to 64 letters, digits, `-`, `_` and `.`. */
  readonly name: string;
  readonly role: Role;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

interface KeptToken extends Token {
  /** SHA-256 of the secret, hexadecimal. */
  readonly hash: string;
}

/** Where tokens are kept. */
export interface TokenFile {
  /** The text; undefined where there is none yet. */
  read(): string | undefined;
  /** Replaces it as a whole: a process that is killed leaves the one or the other. */
  write(text: string): void;
}

const MOST_TOKENS = 100;

export class Tokens {
  readonly #file: TokenFile;
  readonly #watchers: Set<() => void> = new Set();
  #tokens: readonly KeptToken[];

  /** @throws {AegisError} `InvalidOption` for a file that is no list of tokens */
  constructor(file: TokenFile) {
    this.#file = file;
    this.#tokens = decode(file.read());
  }

  list(): readonly Token[] {
    return this.#tokens.map(({ name, role, createdAt }) => ({ name, role, createdAt }));
  }

  /**
   * Makes a token.
   *
   * @returns the secret, which is told this once
   * @throws {AegisError} `InvalidOption`, `WrongState` for a name that is taken, `Full`
   */
  add(name: string, role: Role, createdAt: number): string {
    if (!/^[\w.-]{1,64}$/.test(name)) {
      throw new AegisError("InvalidOption", `Cannot name a token ${quote(name.slice(0, 80))}`, {
        field: "name",
        suggestion: 'Use 1 to 64 letters, digits, "-", "_" and ".".',
      });
    }
    if (this.#tokens.some((token) => token.name === name)) {
      throw new AegisError("WrongState", `There is a token ${quote(name)} already`, { field: "name" });
    }
    if (this.#tokens.length >= MOST_TOKENS) {
      throw new AegisError("Full", `Cannot keep more than ${MOST_TOKENS} tokens`, {
        suggestion: "Remove some.",
      });
    }
    const secret = `aegis_${randomBytes(32).toString("base64url")}`;
    this.#keep([...this.#tokens, { name, role, createdAt, hash: hashOf(secret).toString("hex") }]);
    return secret;
  }

  /** @throws {AegisError} `NotFound`, `WrongState` for the last that may do everything */
  remove(name: string): void {
    const token = this.#tokens.find((one) => one.name === name);
    if (token === undefined) {
      throw new AegisError("NotFound", `There is no token ${quote(name.slice(0, 80))}`, { field: "name" });
    }
    const left = this.#tokens.filter((one) => one !== token);
    if (!left.some(({ role }) => role === "admin")) {
      throw new AegisError("WrongState", "Cannot remove the last token that may do everything", {
        field: "name",
      });
    }
    this.#keep(left);
  }

  /** Makes every token worthless. */
  clear(): void {
    this.#keep([]);
  }

  /** Whose secret this is; undefined for nobody's. Every hash is compared, each in constant time. */
  verify(secret: string): Token | undefined {
    const hash = hashOf(secret);
    let found: Token | undefined;
    for (const token of this.#tokens) {
      if (timingSafeEqual(hash, Buffer.from(token.hash, "hex"))) found = token;
    }
    return found;
  }

  /** Calls a function once when a token is removed, at once where it was already. @returns ends that */
  whenRemoved(token: Token, tell: () => void): () => void {
    const check = () => {
      if (this.#tokens.some(({ name, createdAt }) => name === token.name && createdAt === token.createdAt)) {
        return;
      }
      this.#watchers.delete(check);
      tell();
    };
    this.#watchers.add(check);
    check();
    return () => void this.#watchers.delete(check);
  }

  #keep(tokens: readonly KeptToken[]): void {
    this.#file.write(`${JSON.stringify(tokens, undefined, 2)}\n`);
    this.#tokens = tokens;
    for (const check of this.#watchers) check();
  }
}

function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

function decode(text: string | undefined): readonly KeptToken[] {
  if (text === undefined) return [];
  try {
    const decoded: unknown = JSON.parse(text);
    if (Array.isArray(decoded) && decoded.every(isToken)) return decoded;
  } catch {
    // said below
  }
  throw new AegisError("InvalidOption", "Cannot read the file of tokens: it is damaged", {
    field: "data",
    suggestion: "Put it back from a copy, or remove it to get a new token.",
  });
}

function isToken(value: unknown): value is KeptToken {
  if (typeof value !== "object" || value === null) return false;
  const { name, role, createdAt, hash } = value as Record<string, unknown>; // an object, as was tested
  return typeof name === "string" && ROLES.some((one) => one === role) && typeof createdAt === "number" &&
    typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash);
}
