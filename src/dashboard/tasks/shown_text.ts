/** Changes what an element says only where it says something else: what a person has selected there stays selected. */
export function showText(place: Element, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}

/** The same for an attribute; undefined takes it away. */
export function showAttribute(place: Element, name: string, value: string | undefined): void {
  if (value === undefined) place.removeAttribute(name);
  else if (place.getAttribute(name) !== value) place.setAttribute(name, value);
}

/** A name that somebody has given, which may have nothing in it that is seen. */
export function visibleName(name: string): string {
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(name) ? name : "(a name without letters)";
}
