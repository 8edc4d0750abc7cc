import type { HostFunction, HostFunctions, Instance, Session } from "../instance.ts";
import { callUnsigned, readText, readZeroTerminated, writeText } from "../guest_memory.ts";
import { embeddedModule } from "./embedded.ts";
import type { DrivenModule } from "./packaged_module.ts";

const REQUEST = 1;
const RESPONSE = 2;

const REQUEST_TEXT = [
  "POST /submit?id=7 HTTP/1.1",
  "Host: example.com",
  "Content-Type: text/plain",
  "Transfer-Encoding: chunked",
  "",
  "5",
  "Hello",
  "8",
  ", world!",
  "0",
  "",
  "",
].join("\r\n");

const RESPONSE_TEXT = "HTTP/1.0 404 Not Found\r\nServer: test\r\nContent-Length: 4\r\n\r\ngone";

/** A length that is no number: parsers that guess here let requests be smuggled. */
const BROKEN_TEXT = "GET / HTTP/1.1\r\nContent-Length: 1x\r\n\r\n";

/** What the parser reported: a piece of the input by address and length, or an event without one. */
interface Report {
  readonly event: string;
  readonly offset: number;
  readonly length: number;
}

const SPANS = ["url", "status", "header_field", "header_value", "body"];
const EVENTS = { message_begin: 1, headers_complete: 4, message_complete: 1 };

/** Host functions see addresses only; the text is read afterwards, while the input still lies there. */
function hostFunctions(reports: Report[]): HostFunctions {
  const rows: [string, HostFunction][] = SPANS.map((event) => [`wasm_on_${event}`, {
    params: ["i32", "i32", "i32"],
    results: ["i32"],
    fn: (_parser, at, length) => {
      reports.push({ event, offset: Number(at) >>> 0, length: Number(length) >>> 0 });
      return 0;
    },
  }]);
  for (const [event, count] of Object.entries(EVENTS)) {
    rows.push([`wasm_on_${event}`, {
      params: Array.from({ length: count }, () => "i32"),
      results: ["i32"],
      fn: () => {
        reports.push({ event, offset: 0, length: 0 });
        return 0;
      },
    }]);
  }
  return { env: Object.fromEntries(rows) };
}

async function parse(instance: Instance, reports: Report[], type: number, text: string) {
  const parser = await callUnsigned(instance, "llhttp_alloc", type);
  const input = await callUnsigned(instance, "malloc", text.length);
  await writeText(instance, input, text);
  const errno = await callUnsigned(instance, "llhttp_execute", parser, input, text.length);
  const events: string[] = [];
  for (const { event, offset, length } of reports.splice(0)) {
    events.push(length === 0 ? event : `${event} ${await readText(instance, offset, length)}`);
  }
  const name = await callUnsigned(instance, "llhttp_errno_name", errno);
  const major = await callUnsigned(instance, "llhttp_get_http_major", parser);
  const minor = await callUnsigned(instance, "llhttp_get_http_minor", parser);
  const outcome = {
    events,
    errno: await readZeroTerminated(instance, name),
    version: `${major}.${minor}`,
    status: await callUnsigned(instance, "llhttp_get_status_code", parser),
  };
  await instance.call("free", [input]);
  await instance.call("llhttp_free", [parser]);
  return outcome;
}

function session(): Session {
  const reports: Report[] = [];
  return {
    imports: hostFunctions(reports),
    async drive(instance) {
      await instance.call("_initialize", []);
      return {
        request: await parse(instance, reports, REQUEST, REQUEST_TEXT),
        response: await parse(instance, reports, RESPONSE, RESPONSE_TEXT),
        broken: await parse(instance, reports, REQUEST, BROKEN_TEXT),
      };
    },
  };
}

const EXPECTED = {
  request: {
    events: [
      "message_begin",
      "url /submit?id=7",
      "header_field Host",
      "header_value example.com",
      "header_field Content-Type",
      "header_value text/plain",
      "header_field Transfer-Encoding",
      "header_value chunked",
      "headers_complete",
      "body Hello",
      "body , world!",
      "message_complete",
    ],
    errno: "HPE_OK",
    version: "1.1",
    status: 0,
  },
  response: {
    events: [
      "message_begin",
      "status Not Found",
      "header_field Server",
      "header_value test",
      "header_field Content-Length",
      "header_value 4",
      "headers_complete",
      "body gone",
      "message_complete",
    ],
    errno: "HPE_OK",
    version: "1.0",
    status: 404,
  },
  broken: {
    events: ["message_begin", "url /", "header_field Content-Length", "header_value 1"],
    errno: "HPE_INVALID_CONTENT_LENGTH",
    version: "1.1",
    status: 0,
  },
};

const ROW = {
  package: "undici",
  version: "7.30.2",
  note: "parses a chunked request, a response and a malformed request; expected are the parts of the texts",
  session,
  expected: EXPECTED,
};

/** The HTTP parser of Node.js, with eight callbacks as imports. */
export const llhttp: DrivenModule = {
  ...ROW,
  name: "undici llhttp",
  size: 54_013,
  bytes: () => embeddedModule("undici", "lib/llhttp/llhttp-wasm.js"),
};

/** The same parser built with SIMD instructions. */
export const llhttpSimd: DrivenModule = {
  ...ROW,
  name: "undici llhttp_simd",
  size: 54_202,
  bytes: () => embeddedModule("undici", "lib/llhttp/llhttp_simd-wasm.js"),
};
