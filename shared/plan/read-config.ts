// Reads a load configuration: YAML text in, a checked LoadConfig or every problem with its line and column out.

import { LineCounter, parseDocument } from 'yaml';
import { type LoadConfig, loadConfigSchema } from '../schema/load-config.ts';
import { checkReferences } from './check-references.ts';
import { createLocate, type Locate, type Position, pathOfPointer, pointerOf } from './config-positions.ts';
import { type ConfigProblem, problemsOfIssues } from './config-problems.ts';
import { expandVariables, type Variables } from './expand-variables.ts';

export type ReadConfigOptions = {
  /** What to call the text in messages: a path or a gs:// object. */
  readonly file: string;
  /** Values for `${VAR}`. */
  readonly env: Variables;
};

export type ReadConfigResult =
  | {
      readonly ok: true;
      readonly file: string;
      readonly config: LoadConfig;
      /** Where a JSON pointer stands in the text, or its nearest ancestor that is there. */
      readonly positionOf: (pointer: string) => Position;
    }
  | { readonly ok: false; readonly file: string; readonly problems: readonly ConfigProblem[] };

/**
 * Parses, expands, validates and cross-checks a load configuration. All problems are reported at once, in the order of the file; lines and
 * columns count from 1; `path` is a JSON pointer. Values that came from variables are never quoted in messages. Never throws for bad text.
 */
export function parseLoadConfig(text: string, options: ReadConfigOptions): ReadConfigResult {
  const { file } = options;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, merge: true });
  const locate = createLocate(document, lines);
  const problems: ConfigProblem[] = document.errors.map((error) => {
    const at = lines.linePos(error.pos[0]);
    return { line: Math.max(1, at.line), column: Math.max(1, at.col), path: '', message: yamlMessage(error) };
  });
  if (document.errors.some((error) => error.code !== 'DUPLICATE_KEY')) return refused(file, problems);

  const raw = plainValue(document);
  if (!raw.ok) return refused(file, [...problems, { line: 1, column: 1, path: '', message: raw.message }]);
  if (raw.value === null || raw.value === undefined) {
    const message = 'the file holds no configuration: it needs sources, targets and loads';
    return refused(file, [...problems, { line: 1, column: 1, path: '', message }]);
  }

  const walk: Walk = { variables: options.env, locate, problems, expandedAt: new Set() };
  const expanded = expandAll(raw.value, [], walk);
  const parsed = parseWithNumbers(expanded, walk.expandedAt);
  // A value with an unset variable is at fault once, whatever else its unexpanded text is not.
  const unset = new Set(problems.map((problem) => problem.path).filter((path) => path !== ''));
  const found = parsed.success ? [] : problemsOfIssues(parsed.error.issues, locate);
  for (const { path, message } of checkReferences(expanded, parsed.success ? parsed.data : undefined)) {
    found.push({ ...locate(pathOfPointer(path)), path, message });
  }
  problems.push(...found.filter(({ path }) => !unset.has(path)));
  if (!parsed.success || problems.length > 0) return refused(file, problems);
  return { ok: true, file, config: parsed.data, positionOf: (pointer) => locate(pathOfPointer(pointer)) };
}

function refused(file: string, problems: readonly ConfigProblem[]): ReadConfigResult {
  const seen = new Set<string>();
  const distinct = problems.filter((problem) => {
    const key = `${problem.line}:${problem.column}:${problem.message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  return { ok: false, file, problems: distinct.sort((a, b) => a.line - b.line || a.column - b.column) };
}

function plainValue(
  document: ReturnType<typeof parseDocument>,
): { ok: true; value: unknown } | { ok: false; message: string } {
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: 100 }) };
  } catch (error) {
    return {
      ok: false,
      message: `the YAML cannot be resolved: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

type Walk = {
  readonly variables: Variables;
  readonly locate: Locate;
  readonly problems: ConfigProblem[];
  /** Pointers of values that held a variable: text by origin, so numbers among them are still written as text. */
  readonly expandedAt: Set<string>;
};

function expandAll(value: unknown, path: PropertyKey[], walk: Walk): unknown {
  if (typeof value === 'string') {
    const expansion = expandVariables(value, walk.variables);
    for (const message of expansion.problems) {
      walk.problems.push({ ...walk.locate(path), path: pointerOf(path), message });
    }
    if (expansion.expanded) walk.expandedAt.add(pointerOf(path));
    return expansion.text;
  }
  if (Array.isArray(value)) return value.map((item, index) => expandAll(item, [...path, index], walk));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, expandAll(item, [...path, key], walk)]));
  }
  return value;
}

/** Parses; where an expanded variable stands in the place of a number or boolean, converts its text and parses again. */
function parseWithNumbers(value: unknown, expandedAt: ReadonlySet<string>) {
  const first = loadConfigSchema.safeParse(value);
  if (first.success || expandedAt.size === 0) return first;
  let converted = false;
  for (const issue of first.error.issues) {
    if (issue.code !== 'invalid_type' || !expandedAt.has(pointerOf(issue.path))) continue;
    converted = convertAt(value, issue.path, issue.expected) || converted;
  }
  return converted ? loadConfigSchema.safeParse(value) : first;
}

function convertAt(root: unknown, path: readonly PropertyKey[], expected: string): boolean {
  const key = path.at(-1);
  let holder: unknown = root;
  for (const step of path.slice(0, -1)) holder = Object(holder)[step];
  if (key === undefined || holder === null || typeof holder !== 'object') return false;
  const text: unknown = Reflect.get(holder, key);
  if (typeof text !== 'string') return false;
  if (expected === 'boolean' && /^(true|false)$/.test(text)) return Reflect.set(holder, key, text === 'true');
  if (expected === 'number' && /^-?\d+(\.\d+)?$/.test(text)) return Reflect.set(holder, key, Number(text));
  return false;
}

function yamlMessage(error: { readonly code: string; readonly message: string }): string {
  if (error.code === 'DUPLICATE_KEY') return 'this key stands twice in the same map: keep one of them';
  if (error.code === 'MULTIPLE_DOCS') return 'a second YAML document begins here: a configuration is one document';
  return error.message;
}
