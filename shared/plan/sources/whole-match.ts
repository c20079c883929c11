// Matches a whole value against a published template pattern: the stricter of the two readings the service may apply.

const compiled = new Map<string, RegExp>();

/** True when the pattern (Java or JavaScript, anchored or not) matches all of `value`, not just a part of it. */
export function wholeMatch(pattern: string, value: string): boolean {
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    expression = new RegExp(`^(?:${pattern})$`);
    compiled.set(pattern, expression);
  }
  return expression.test(value);
}
