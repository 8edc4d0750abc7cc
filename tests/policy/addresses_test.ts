import fc from "../fast_check.ts";
import { ADDRESS_RANGES, type AddressClass } from "../../src/policy/address_ranges.ts";
import {
  addressClass,
  DENIED_RANGES,
  formatIpv4,
  holdsAddress,
  parseAddress,
  parseBlock,
} from "../../src/policy/addresses.ts";
import { assert, assertEquals } from "../assert.ts";

const CLASSES: Readonly<Record<AddressClass, readonly string[]>> = {
  public: [
    "1.1.1.1",
    "8.8.8.8",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "223.255.255.255",
    "2000::",
    "2606:4700:4700::1111",
    "3ffe:ffff::1",
    "::ffff:8.8.8.8",
    "::ffff:808:808",
    "64:ff9b::8.8.8.8",
  ],
  loopback: [
    "127.0.0.1",
    "127.255.255.255",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::1%lo",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "2002:7f00:1::",
    "2001:0:0:0:0:0:80ff:fffe",
  ],
  private: [
    "10.0.0.0",
    "10.255.255.255",
    "100.64.0.0",
    "100.127.255.255",
    "172.16.0.0",
    "172.31.255.255",
    "192.168.1.1",
    "fc00::1",
    "fdff::1",
    "fec0::1",
    "::ffff:10.0.0.1",
    "64:ff9b::c0a8:101",
    "64:ff9b:1::1",
    "2002:a00:1::1",
  ],
  linkLocal: ["169.254.0.1", "169.254.169.253", "fe80::1", "fe80::1%eth0", "febf::1", "::ffff:169.254.1.1"],
  metadata: [
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "fd00:ec2::254",
    "fd20:ce::254",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
  ],
  unspecified: ["0.0.0.0", "::", "::ffff:0.0.0.0"],
  multicast: ["224.0.0.1", "239.255.255.255", "ff02::1", "::ffff:224.0.0.1"],
  reserved: [
    "0.1.2.3",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "240.0.0.1",
    "255.255.255.255",
    "100::1",
    "2001:db8::1",
    "2001:10::1",
    "3fff::1",
    "4000::1",
    "1fff:ffff::1",
    "fe00::1",
    "::8.8.8.8",
    "2002:808:808::1",
    "2001:0:4136:e378:8000:63bf:f7f7:f7f7",
  ],
};

Deno.test("addressClass() knows every class, at both ends of its ranges", () => {
  for (const [expected, addresses] of Object.entries(CLASSES)) {
    for (const address of addresses) assertEquals(addressClass(address), expected as AddressClass, address);
  }
});

Deno.test("addressClass() judges an IPv6 address that stands for an IPv4 address by that one", () => {
  fc.assert(fc.property(fc.nat({ max: 0xffff_ffff }), (number) => {
    const ipv4 = formatIpv4(BigInt(number)), expected = addressClass(ipv4);
    for (const prefix of ["::ffff:", "64:ff9b::"]) {
      assertEquals(addressClass(prefix + ipv4), expected, prefix + ipv4);
    }
    if (number > 1) assert(addressClass(`::${ipv4}`) !== "public", ipv4);
    const high = (number >>> 16).toString(16), low = (number & 0xffff).toString(16);
    assert(addressClass(`2002:${high}:${low}::1`) !== "public", ipv4);
  }));
});

Deno.test("addressClass() takes what is no address for reserved", () => {
  for (
    const text of ["", "example.com", "1.2.3", "01.2.3.4", "1.2.3.4.5", "1.2.3.256", "0x7f.0.0.1", "[::1]"]
  ) {
    assertEquals(addressClass(text), "reserved", text);
    assertEquals(parseAddress(text), undefined, text);
  }
});

Deno.test("parseAddress() reads IPv6 in every form, and nothing that is nearly one", () => {
  const forms: [string, bigint][] = [
    ["::", 0n],
    ["1::", 1n << 112n],
    ["::1", 1n],
    ["1:2:3:4:5:6:7:8", 0x0001_0002_0003_0004_0005_0006_0007_0008n],
    ["1:2:3:4:5:6:7::", 0x0001_0002_0003_0004_0005_0006_0007_0000n],
    ["::2:3:4:5:6:7:8", 0x0002_0003_0004_0005_0006_0007_0008n],
    ["ABCD::0ef", 0xabcdn << 112n | 0xefn],
    ["1:2:3:4:5:6:1.2.3.4", 0x0001_0002_0003_0004_0005_0006_0102_0304n],
    ["fe80::1%eth0", 0xfe80n << 112n | 1n],
  ];
  for (const [text, value] of forms) assertEquals(parseAddress(text), { bits: 128, value }, text);
  const none = [
    ":",
    ":::",
    "1",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1::2::3",
    "1:2:3:4::5:6:7:8",
    ":1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:",
    "12345::",
    "g::",
    "::1.2.3",
    "1.2.3.4::",
    "::1.2.3.4:5",
    "::1%",
    "::1%a%b",
    "1.2.3.4%eth0",
    " ::1",
    "::1\n",
    `::${"0".repeat(200)}`,
  ];
  for (const text of none) assertEquals(parseAddress(text), undefined, text);
});

Deno.test("DENIED_RANGES are blocks without bits behind their prefix, and hold no public address", () => {
  assertEquals(DENIED_RANGES.length, ADDRESS_RANGES.length);
  for (const range of DENIED_RANGES) {
    const block = parseBlock(range), base = parseAddress(range.split("/")[0] ?? "");
    assert(block !== undefined && base !== undefined, range);
    assertEquals(block.value, base.value, range);
    assert(addressClass(range.split("/")[0] ?? "") !== "public", range);
  }
  for (const text of ["10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/8/8", "::/129", "/8"]) {
    assertEquals(parseBlock(text), undefined, text);
  }
});

Deno.test("holdsAddress() compares the prefix and the family", () => {
  const block = parseBlock("10.128.0.0/9"), all = parseBlock("::/0");
  assert(block !== undefined && all !== undefined);
  const held = (text: string) => {
    const address = parseAddress(text);
    assert(address !== undefined);
    return [holdsAddress(block, address), holdsAddress(all, address)];
  };
  assertEquals(held("10.128.0.0"), [true, false]);
  assertEquals(held("10.255.255.255"), [true, false]);
  assertEquals(held("10.127.255.255"), [false, false]);
  assertEquals(held("::a80:0"), [false, true]);
});
