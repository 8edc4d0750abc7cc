/**
 * The first characters of a text, with an ellipsis where it was cut. The result stands for itself: a slice would keep
 * the whole text alive, which may have megabytes.
 *
 * @param most UTF-16 units that are kept
 */
export function cutText(text: string, most: number): string {
  return text.length <= most ? text : `${JSON.parse(JSON.stringify(text.slice(0, most)))}…`;
}
