import fc from "../fast_check.ts";
import { AegisError } from "../../src/core/errors.ts";
import type { Capability } from "../../src/policy/capability.ts";
import { decide, type PolicyRequest } from "../../src/policy/decide.ts";
import type { FilesystemGrant, Policy } from "../../src/policy/grants.ts";
import { explain } from "../../src/policy/explain.ts";
import { CAPABILITY_KINDS } from "../../src/policy/merge_grants.ts";
import { EMPTY_POLICY, mergeGrants, narrowPolicy, withoutCapability } from "../../src/policy/policy.ts";
import { assert, assertEquals } from "../assert.ts";
import { capabilities, request, wildRequest } from "./arbitrary.ts";

const RIGHTS = ["read", "write", "create", "delete"] as const;

/** What a policy is, or undefined where it contradicts itself or asks for too much. */
function attempt(make: () => Policy): Policy | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof AegisError && error.code === "InvalidOption") return undefined;
    throw error;
  }
}

/** The grants whose files one grant's files are among, written without the code under test. */
function holders(policy: Policy, { hostPath }: FilesystemGrant): FilesystemGrant[] {
  return policy.filesystem.filter((grant) => `${hostPath}/`.startsWith(`${grant.hostPath}/`));
}

function assertNoMore(narrow: Policy, wide: Policy): void {
  for (const grant of narrow.filesystem) {
    const able = holders(wide, grant).filter((holder) =>
      RIGHTS.every((right) => holder[right] || !grant[right])
    );
    assert(able.length > 0, `${grant.hostPath}: more rights`);
    assert(
      able.some(({ maxFileSize }) => grant.maxFileSize <= maxFileSize),
      `${grant.hostPath}: larger files`,
    );
  }
  const written = (policy: Policy) =>
    policy.filesystem.filter(({ write, create }) => write || create)
      .reduce((sum, { totalBytes }) => sum + totalBytes, 0);
  assert(written(narrow) <= written(wide), "more bytes in all");
}

Deno.test("narrowPolicy() never allows more than the runtime has", () => {
  let narrowed = 0;
  fc.assert(
    fc.property(
      capabilities,
      capabilities,
      fc.array(request, { minLength: 20, maxLength: 20 }),
      (has, wants, asked) => {
        const runtime = attempt(() => mergeGrants([...has, ...wants])) ?? attempt(() => mergeGrants(has));
        fc.pre(runtime !== undefined);
        const narrow = attempt(() => narrowPolicy(runtime, wants));
        fc.pre(narrow !== undefined);
        if (wants.length > 0) narrowed++;
        assertNoMore(narrow, runtime);
        for (const one of asked) {
          // Guest paths are names that a sandbox may choose: files are compared by host path, above.
          if (one.kind === "filesystem") continue;
          if (decide(narrow, one).allowed) assert(decide(runtime, one).allowed, JSON.stringify(one));
        }
      },
    ),
    { numRuns: 500 },
  );
  assert(narrowed > 100, `only ${narrowed} runs asked for something`);
});

Deno.test("narrowPolicy() to arbitrary wishes gives what the runtime has, or an error", () => {
  fc.assert(
    fc.property(
      capabilities,
      capabilities,
      fc.array(request, { minLength: 20, maxLength: 20 }),
      (has, wants, asked) => {
        const runtime = attempt(() => mergeGrants(has)),
          narrow = runtime && attempt(() => narrowPolicy(runtime, wants));
        if (runtime === undefined || narrow === undefined) return;
        assertNoMore(narrow, runtime);
        for (const one of asked) {
          if (one.kind === "filesystem") continue;
          if (decide(narrow, one).allowed) assert(decide(runtime, one).allowed, JSON.stringify(one));
        }
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("narrowPolicy() of a policy to itself changes nothing", () => {
  fc.assert(fc.property(capabilities, (has) => {
    const policy = attempt(() => mergeGrants(has));
    fc.pre(policy !== undefined);
    assertEquals(narrowPolicy(policy, has), policy);
    assertEquals(narrowPolicy(policy, policy), policy);
    assertEquals(narrowPolicy(policy, []), EMPTY_POLICY);
  }));
});

/** Whether a grant with a longer guest path stands between a request and the grant that would have allowed it. */
function isShadowed(alone: Policy, merged: Policy, asked: PolicyRequest): boolean {
  if (asked.kind !== "filesystem") return false;
  const path = new URL(asked.path, "file:///").pathname;
  const longest = (policy: Policy) =>
    Math.max(...policy.filesystem.map(({ guestPath }) => {
      const mount = new URL(guestPath, "file:///").pathname.replace(/\/$/, "");
      return `${path}/`.startsWith(`${mount}/`) ? mount.length : -1;
    }));
  return longest(merged) > longest(alone);
}

Deno.test("mergeGrants() never allows less than one of its capabilities", () => {
  fc.assert(
    fc.property(capabilities, fc.array(request, { minLength: 20, maxLength: 20 }), (has, asked) => {
      const merged = attempt(() => mergeGrants(has));
      fc.pre(merged !== undefined);
      const single = has.map((capability: Capability) => mergeGrants([capability]));
      for (const one of asked) {
        const alone = single.find((policy) =>
          decide(policy, one).allowed && !isShadowed(policy, merged, one)
        );
        if (alone !== undefined) assert(decide(merged, one).allowed, JSON.stringify(one));
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("mergeGrants() allows nothing that no capability allows", () => {
  fc.assert(
    fc.property(capabilities, fc.array(request, { minLength: 20, maxLength: 20 }), (has, asked) => {
      const merged = attempt(() => mergeGrants(has));
      fc.pre(merged !== undefined);
      for (const one of asked) {
        if (!decide(merged, one).allowed) continue;
        assert(has.some((capability) => decide(mergeGrants([capability]), one).allowed), JSON.stringify(one));
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("mergeGrants() finds the same powers in any order", () => {
  fc.assert(fc.property(capabilities, fc.array(request, { minLength: 10 }), (has, asked) => {
    const there = attempt(() => mergeGrants(has)), back = attempt(() => mergeGrants(has.toReversed()));
    assertEquals(there === undefined, back === undefined);
    if (there === undefined || back === undefined) return;
    for (const one of asked) {
      assertEquals(decide(there, one).allowed, decide(back, one).allowed, JSON.stringify(one));
    }
  }));
});

Deno.test("withoutCapability() allows nothing of the kind that was taken, and all of the others", () => {
  fc.assert(
    fc.property(capabilities, fc.constantFrom(...CAPABILITY_KINDS), fc.array(request), (has, kind, asked) => {
      const policy = attempt(() => mergeGrants(has));
      fc.pre(policy !== undefined);
      const less = withoutCapability(policy, kind);
      assertEquals(less.filesystem.length, policy.filesystem.length);
      for (const one of asked) {
        assertEquals(decide(less, one).allowed, one.kind !== kind && decide(policy, one).allowed);
      }
    }),
  );
});

Deno.test("decide() is total: it answers anything, the same each time, and denies with a reason", () => {
  fc.assert(
    fc.property(capabilities, wildRequest, (has, asked) => {
      const policy = attempt(() => mergeGrants(has)) ?? EMPTY_POLICY;
      const answer = decide(policy, asked);
      assertEquals(decide(policy, asked), answer);
      if (answer.allowed) return assert(answer.grant.kind === asked.kind);
      assert(answer.reason !== "" && answer.hint !== "");
      assert(
        answer.flag === undefined || /^--(?:allow-[a-z]+(?:=.+)?|sensor \d+=VALUE)$/.test(answer.flag),
        answer.flag,
      );
      assert(!/[\p{Cc}\u2028\u2029\u202a-\u202e]/u.test(`${answer.reason}${answer.flag}${answer.hint}`));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("decide() denies everything under the empty policy", () => {
  fc.assert(fc.property(wildRequest, (asked) => assert(!decide(EMPTY_POLICY, asked).allowed)));
});

Deno.test("explain() has a line for every kind of every policy", () => {
  fc.assert(fc.property(capabilities, (has) => {
    const policy = attempt(() => mergeGrants(has));
    fc.pre(policy !== undefined);
    const lines = explain(policy);
    for (const kind of CAPABILITY_KINDS) assert(lines.some((line) => line.startsWith(`${kind}: `)), kind);
  }));
});
