import { mayGo, resolveSecrets } from "../../src/policy/secret.ts";
import { AegisError } from "../../src/core/errors.ts";
import { assertEquals, assertThrows } from "../assert.ts";

const value = "s3cret";

Deno.test("resolveSecrets() lets a secret go where it says, over https unless it names a scheme", () => {
  const goes = (host: string) => {
    const [secret] = resolveSecrets([{ name: "KEY", value, hosts: [host] }]);
    const hops = ["https://a.test:443", "http://a.test:80", "https://a.test:8443", "https://b.a.test:443"];
    return hops.filter((hop) => {
      const [, scheme = "", name = "", port] = /^(\w+):\/\/(.*):(\d+)$/.exec(hop) ?? [];
      return secret !== undefined && mayGo(secret, { scheme, host: name, port: Number(port) });
    });
  };
  assertEquals(goes("a.test"), ["https://a.test:443"]);
  assertEquals(goes("A.TEST"), ["https://a.test:443"]);
  assertEquals(goes("a.test:8443"), ["https://a.test:8443"]);
  assertEquals(goes("http://a.test"), ["http://a.test:80"]);
  assertEquals(goes("*.a.test"), ["https://b.a.test:443"]);
});

Deno.test("resolveSecrets() refuses what would never be put in, or anywhere, and quotes no value", () => {
  const refused = (
    secret: { readonly name?: string; readonly value?: string; readonly hosts?: readonly string[] },
  ) => {
    const whole = { name: "KEY", value, hosts: ["a.test"], ...secret };
    const { code, message } = assertThrows(() => resolveSecrets([whole]), AegisError);
    assertEquals([code, message.includes("s3cret")], ["InvalidOption", false], message);
  };
  for (const name of ["", "a b", "a}", "x".repeat(129)]) refused({ name });
  for (const bad of ["", "s3cret\n", "s3cret\0", "s3cret€"]) refused({ value: bad });
  for (const hosts of [[], ["*"], ["https://u@a.test"], ["a.test/path"]]) refused({ hosts });
  const twice = [1, 2].map(() => ({ name: "KEY", value, hosts: ["a.test"] }));
  assertThrows(() => resolveSecrets(twice), AegisError, "twice");
});
