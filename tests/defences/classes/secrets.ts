/** Class F: what keeps secrets, variables and random bytes to those for whom they are. */
import type { Defence } from "../defence.ts";

const SECRETS = "tests/adversarial/network/secrets_test.ts",
  CAPABILITIES = "tests/adversarial/wasi/capabilities_test.ts";

export const SECRETS_DEFENCES: readonly Defence[] = [
  {
    id: "secret-places",
    what: "a secret goes to its own scheme, host and port alone",
    lines: ["F50"],
    file: "src/broker/net_secrets.ts",
    find: `    if (!mayGo(secret, options.hop)) return { name, reason: "the secret is not for that host" };`,
    replace: `    void mayGo;`,
    tests: [SECRETS],
  },
  {
    id: "secret-https",
    what: "a secret for a host without a scheme goes over https alone",
    lines: ["F50"],
    file: "src/policy/secret.ts",
    find: `  return host.includes("://") ? place : { ...place, schemes: ["https"] };`,
    replace: `  return place;`,
    tests: [SECRETS],
  },
  {
    id: "secret-redirect",
    what: "what proves who asks, and what has a secret, does not follow a redirect to another origin",
    lines: ["F50"],
    file: "src/broker/net_redirects.ts",
    find: `  if (url.origin !== request.url.origin) {`,
    replace: `  if (url.origin === "") {`,
    tests: [SECRETS],
  },
  {
    id: "secret-own",
    what: "a sandbox uses its own secrets alone",
    lines: ["F50"],
    file: "src/broker/net_secrets.ts",
    find: `    const secret = options.secrets.find((entry) => entry.name === name);`,
    replace: `    const all = globalThis as unknown as { secrets?: ResolvedSecret[] };
    (all.secrets ??= []).push(...options.secrets);
    const secret = all.secrets.find((entry) => entry.name === name);`,
    tests: [SECRETS],
  },
  {
    id: "secret-in-values",
    what: "a secret stands in the value of a header, and in no URL and no body",
    lines: ["F50"],
    file: "src/broker/net_exchange.ts",
    find: "    const path = `${request.url.pathname}${request.url.search}`;",
    replace:
      '    const path = decodeURI(`${request.url.pathname}${request.url.search}`).replace(/\\{\\{secret:([^{}]+)\\}\\}/, (_, name) => decisions.secrets(hop, [["x", `{{secret:${name}}}`]])[0]?.[1] ?? "");',
    tests: [SECRETS],
  },
  {
    id: "env-named",
    what: "of the host's variables those that were named are told, and no other",
    lines: ["F46", "F50"],
    file: "src/sandbox/program_settings.ts",
    find: `  const env = [...environment(policy.env, variable), ...workingDirectory(policy)];`,
    replace:
      `  const env = [...environment(policy.env, variable), ...workingDirectory(policy), ...Object.entries(Deno.env.toObject())];`,
    tests: [CAPABILITIES, "tests/sandbox/program_settings_test.ts"],
  },
  {
    id: "env-own",
    what: "a sandbox sees the variables that it was granted itself",
    lines: ["F50", "F46"],
    file: "src/sandbox/program_settings.ts",
    find: `  return grants.flatMap(({ name, value }) => {`,
    replace: `  const all = (globalThis as unknown as { granted?: EnvGrant[] }).granted ??= [];
  all.push(...grants);
  return all.flatMap(({ name, value }) => {`,
    tests: [CAPABILITIES],
  },
  {
    id: "seed-for-all",
    what: "who was granted no random bytes gets a sequence that is always the same",
    lines: ["F46"],
    file: "src/sandbox/program_settings.ts",
    find: `seed: policy.random === undefined ? NO_SEED : policy.random.seed,`,
    replace: `seed: policy.random === undefined ? NO_SEED * 0n + BigInt(Date.now()) : policy.random.seed,`,
    tests: [CAPABILITIES],
  },
];
