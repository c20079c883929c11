// The .tf files as HashiCorp's own parser reads them: blocks, their arguments, and the references in their expressions.

import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from '@cdktn/hcl2json';
import { terraformFolder } from './terraform-folder.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Body = { readonly [key: string]: Json };

/** One block: `resource.google_pubsub_topic.x`, `variable.prefix`, `module.functions` … */
export type TfBlock = {
  readonly module: string;
  readonly file: string;
  readonly labels: readonly string[];
  readonly body: Body;
};

/** Every block of terraform/, or of the given texts by path. Throws the parser's own error with file, line and column. */
export async function parseTerraform(texts: Readonly<Record<string, string>> = terraformTexts()): Promise<TfBlock[]> {
  const blocks: TfBlock[] = [];
  for (const [file, text] of Object.entries(texts)) {
    const parsed = (await parse(file, text)) as Record<string, Json>;
    const at = { module: dirname(file), file };
    for (const [kind, value] of Object.entries(parsed)) collect(at, [kind], value, blocksOfKind[kind] ?? 0, blocks);
  }
  return blocks;
}

/** Labels a kind of block carries. */
const blocksOfKind: Readonly<Record<string, number>> = {
  resource: 2,
  data: 2,
  variable: 1,
  output: 1,
  module: 1,
  provider: 1,
};

function collect(
  at: { module: string; file: string },
  labels: string[],
  value: Json,
  depth: number,
  into: TfBlock[],
): void {
  if (depth > 0 && isBody(value)) {
    for (const [label, inner] of Object.entries(value)) collect(at, [...labels, label], inner, depth - 1, into);
    return;
  }
  for (const body of Array.isArray(value) ? value : [value]) if (isBody(body)) into.push({ ...at, labels, body });
}

/** The .tf files of terraform/ by path. */
export function terraformTexts(): Record<string, string> {
  const files = globSync('**/*.tf', { cwd: terraformFolder }).filter((file) => !file.includes('.terraform/'));
  return Object.fromEntries(files.sort().map((file) => [file, readFileSync(join(terraformFolder, file), 'utf8')]));
}

/** Every expression inside a body: the text between `${` and `}` of each value, nested blocks included. */
export function expressionsOf(value: Json): string[] {
  if (typeof value === 'string') return templates(value);
  if (Array.isArray(value)) return value.flatMap(expressionsOf);
  return isBody(value)
    ? Object.entries(value).flatMap(([key, item]) => [...templates(key), ...expressionsOf(item)])
    : [];
}

function templates(text: string): string[] {
  const found: string[] = [];
  for (let at = text.indexOf('${'); at !== -1; at = text.indexOf('${', at + 1)) {
    if (text[at - 1] === '$') continue;
    let depth = 0;
    for (let end = at + 1; end < text.length; end += 1) {
      if (text[end] === '{') depth += 1;
      if (text[end] === '}') depth -= 1;
      if (depth === 0) {
        found.push(text.slice(at + 2, end));
        break;
      }
    }
  }
  return found;
}

/** Addresses an expression names: `var.x`, `local.x`, `module.x`, `data.type.name`, `google_type.name`. String contents are left out. */
export function referencesOf(expression: string): string[] {
  const code = expression.replaceAll(/"(?:[^"\\]|\\.)*"/g, (literal) => templates(literal).join(' '));
  const pattern = /(?<![\w.-])(?:data\.google_\w+\.\w+|google_\w+\.\w+|(?:var|local|module)\.\w+)/g;
  return [...code.matchAll(pattern)].map(([address]) => address);
}

export function isBody(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
