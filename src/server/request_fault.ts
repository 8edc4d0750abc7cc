/** What a request looks like on the wire that a `Request` does not show: whatever two programs on the way could read as two. */
import type { IncomingMessage } from "node:http";

const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;

/** Why a request is refused with 400; undefined for one that is plain. */
export function requestFault({ method, rawHeaders, url = "" }: IncomingMessage): string | undefined {
  const values = (wanted: string) =>
    rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === wanted);
  if (values("host").length > 1) return "it names several hosts";
  // RFC 9112, section 3.2.2: it stands above the header Host. There is no TLS here, whatever it says.
  if (ABSOLUTE.test(url)) {
    const target = URL.parse(url);
    if (target?.protocol !== "http:") return "it asks for what is not served here";
    if (target.username !== "" || target.password !== "") return "its URL has a user's name in it";
  }
  const lengths = values("content-length"),
    body = lengths.some((length) => !/^0+$/.test(length)) || values("transfer-encoding").length > 0;
  // RFC 9110, section 9.3.1: it means nothing, and who overlooks it takes it for the next request.
  if (body && (method === "GET" || method === "HEAD")) {
    return `it has a body, which means nothing with ${method}`;
  }
  return undefined;
}
