/**
 * Certificates for the tests of TLS, made on the spot, so that none is kept and none expires: X.509 in DER, signed by
 * its own key, with ECDSA over P-256.
 */

export interface TestCertificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

const ENCODER = new TextEncoder();

/** One value of DER: its tag, its length, and what it holds. */
function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const head = length < 128
    ? [tag, length]
    : length < 256
    ? [tag, 0x81, length]
    : [tag, 0x82, length >> 8, length & 255];
  const bytes = new Uint8Array(head.length + length);
  bytes.set(head);
  let at = head.length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function sequence(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return der(0x30, ...parts);
}

/** A whole number without a sign. */
function integer(value: Uint8Array): Uint8Array {
  let start = 0;
  while (start < value.length - 1 && value[start] === 0) start++;
  const rest = value.subarray(start);
  return (rest[0] ?? 0) < 128 ? der(2, rest) : der(2, Uint8Array.of(0), rest);
}

function identifier(...bytes: readonly number[]): Uint8Array {
  return der(6, Uint8Array.from(bytes));
}

/** A time as certificates write it until 2049: `YYMMDDhhmmssZ`. */
function utcTime(time: Date): Uint8Array {
  return der(0x17, ENCODER.encode(`${time.toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`));
}

const ECDSA_WITH_SHA256 = sequence(identifier(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2));

function pem(label: string, bytes: Uint8Array): string {
  const lines = btoa(String.fromCharCode(...bytes)).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** Makes a certificate for one name, good for an hour. */
export async function makeCertificate(name: string): Promise<TestCertificate> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" } as const;
  const { publicKey, privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const publicInfo = new Uint8Array(await crypto.subtle.exportKey("spki", publicKey));
  const issuer = sequence(der(0x31, sequence(identifier(0x55, 4, 3), der(0x0c, ENCODER.encode("test")))));
  const names = sequence(der(0x82, ENCODER.encode(name)));
  const extensions = der(0xa3, sequence(sequence(identifier(0x55, 0x1d, 0x11), der(4, names))));
  const now = Date.now(), hour = 3_600_000;
  const content = sequence(
    der(0xa0, der(2, Uint8Array.of(2))),
    integer(crypto.getRandomValues(new Uint8Array(8))),
    ECDSA_WITH_SHA256,
    issuer,
    sequence(utcTime(new Date(now - hour)), utcTime(new Date(now + hour))),
    issuer,
    publicInfo,
    extensions,
  );
  const signed = new Uint8Array(
    await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, content),
  );
  const signature = sequence(integer(signed.subarray(0, 32)), integer(signed.subarray(32)));
  const certificate = sequence(content, ECDSA_WITH_SHA256, der(3, Uint8Array.of(0), signature));
  const secret = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
  return { cert: pem("CERTIFICATE", certificate), key: pem("PRIVATE KEY", secret) };
}
