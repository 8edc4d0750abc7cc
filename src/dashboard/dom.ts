/** Elements made and found. Text becomes text nodes alone, whoever wrote it: nothing here reads HTML. */

/** What stands in an element. */
export type Child = Node | string | number | null | undefined | false | readonly Child[];

/** Attributes and listeners of an element: `onclick` and the like are functions; false and undefined leave one out. */
export type Attributes = Readonly<
  Record<string, string | number | boolean | undefined | ((event: Event) => void)>
>;

/** Makes an element. `class`, `data-…` and `aria-…` are attributes as in HTML. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (typeof value === "function") made.addEventListener(name.replace(/^on/, ""), value);
    else if (name === "style" || name.startsWith("on")) {
      throw new Error(`Cannot set the attribute ${name}: the page's policy forbids it`);
    } else made.setAttribute(name, value === true ? "" : String(value));
  }
  append(made, children);
  return made;
}

/** Puts children into an element, in place of what is there. */
export function fill(parent: Element, ...children: readonly Child[]): void {
  parent.replaceChildren();
  append(parent, children);
}

function append(parent: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(parent, child);
    else parent.append(child instanceof Node ? child : String(child));
  }
}

/**
 * The element of the page's HTML that has `data-part` of this name.
 *
 * @param kind the class that it is of
 * @throws {Error} where there is none: the page and its program do not fit together
 */
export function part<Kind extends Element>(
  name: string,
  kind: abstract new () => Kind,
  within: ParentNode = document,
): Kind {
  const found = within.querySelector(`[data-part="${name}"]`);
  if (found instanceof kind) return found;
  throw new Error(`Cannot find the part "${name}" of the page as ${kind.name}`);
}
