/**
 * Names that no generated member has: what every object has, what the language calls by itself (a member `then`
 * would run when the object is awaited), and what clients have of their own.
 */
const RESERVED: ReadonlySet<string> = new Set([
  "__defineGetter__",
  "__defineSetter__",
  "__lookupGetter__",
  "__lookupSetter__",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "isPrototypeOf",
  "propertyIsEnumerable",
  "sandbox",
  "then",
  "toJSON",
  "toLocaleString",
  "toString",
  "valueOf",
]);

/**
 * Gives each name of a module the name of its member: its own, or with as many `_` behind as make it free.
 *
 * @param names each once
 * @returns members by name
 */
export function memberNames(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set(names), members = new Map<string, string>();
  for (const name of names) {
    let member = name;
    if (RESERVED.has(name)) {
      do member += "_"; while (taken.has(member) || RESERVED.has(member));
      taken.add(member);
    }
    members.set(name, member);
  }
  return members;
}
