// Finds the line and column of a configuration path in the YAML text it came from.

import { type Document, isMap, isNode, isPair, isScalar, isSeq, type LineCounter, type Node } from 'yaml';

export type Position = { readonly line: number; readonly column: number };
export type Locate = (path: readonly PropertyKey[], want?: 'key' | 'value') => Position;

/**
 * A locator for one document. `value` (default) answers where the value at the path stands, `key` where its key stands. A path that is not
 * in the text (a missing key, or one that came through a merge key) answers its nearest existing ancestor; of a key that stands twice, the
 * last one, whose value counts. Lines and columns count from 1.
 */
export function createLocate(document: Document, lines: LineCounter): Locate {
  return (path, want = 'value') => {
    let node: unknown = document.contents;
    let found: Node | undefined = isNode(node) ? node : undefined;
    for (const [index, step] of path.entries()) {
      const last = index === path.length - 1;
      const pair = isMap(node) ? node.items.findLast((item) => keyText(item) === String(step)) : undefined;
      const next: unknown = pair?.value ?? (isSeq(node) ? node.items[Number(step)] : undefined);
      const key: unknown = pair?.key;
      if (isNode(key) && ((last && want === 'key') || !isNode(next))) found = key;
      else if (isNode(next)) found = next;
      else break;
      node = next;
    }
    const offset = found?.range?.[0] ?? 0;
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
}

function keyText(item: unknown): string | undefined {
  if (!isPair(item)) return undefined;
  return isScalar(item.key) ? String(item.key.value) : undefined;
}

/** `/loads/orders/table`: the JSON pointer of a path, as problems and violations write it. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** The path a JSON pointer names. */
export function pathOfPointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}
