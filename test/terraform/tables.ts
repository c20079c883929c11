// Tables of the documents in terraform/ that are written from code: inputs, outputs, moments, rights. Each stands between two marks.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lockfile, productionLock } from '../../functions/production-lock.ts';
import { moments } from '../../shared/base/log.ts';
import { everything } from './installations.ts';
import { grantsTable } from './least-privilege.ts';
import { parseTerraform } from './parsed.ts';
import type { Workspace } from './run-terraform.ts';
import { terraformFolder } from './terraform-folder.ts';

/** `text` with what stands between the marks of `name` replaced by `table`. Throws when the marks are missing. */
export function withTable(text: string, name: string, table: string): string {
  const [begin, end] = [`<!-- ${name}: written by node test/terraform/refresh.ts -->`, `<!-- end of ${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`the document lacks the marks "${begin}" and "${end}"`);
  return `${text.slice(0, from + begin.length)}\n\n${table}\n\n${text.slice(to)}`;
}

/** HCL writes a literal dollar brace with two dollars; so does a replacement string mean one by two. */
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('$$', '$$').replaceAll(/\s+/g, ' ');

/** Inputs of the root module: name, type, default, description. */
export async function inputsTable(): Promise<string> {
  const variables = (await rootBlocks('variable')).map(([name, body]) => {
    const type = String(body.type)
      .replace(/^\$\{([\s\S]*)\}$/, '$1')
      .replace(/^object\([\s\S]*/, 'object')
      .replace(/object\([\s\S]*/, 'object)');
    const fallback = body.default === undefined ? '**required**' : `\`${JSON.stringify(body.default)}\``;
    return `| \`${name}\` | ${cell(type)} | ${fallback} | ${cell(String(body.description))} |`;
  });
  return ['| input | type | default | what it is |', '| --- | --- | --- | --- |', ...variables].join('\n');
}

/** Outputs of the root module. */
export async function outputsTable(): Promise<string> {
  const outputs = (await rootBlocks('output')).map(
    ([name, body]) => `| \`${name}\` | ${cell(String(body.description))} |`,
  );
  return ['| output | what it is |', '| --- | --- |', ...outputs].join('\n');
}

async function rootBlocks(kind: string): Promise<[string, Readonly<Record<string, unknown>>][]> {
  const blocks = (await parseTerraform()).filter(({ module, labels }) => module === '.' && labels[0] === kind);
  return blocks.map(({ labels, body }) => [labels[1] ?? '', body]);
}

/** The catalogue of log moments. */
export function momentsTable(): string {
  const rows = Object.entries(moments).map(
    ([name, { severity, message }]) => `| \`${name}\` | ${severity} | ${message} |`,
  );
  return ['| moment | severity | what happened |', '| --- | --- | --- |', ...rows].join('\n');
}

/** Licences of everything the deployed functions are made of, by the lockfile. */
export function licencesTable(): string {
  const read = (name: string): unknown => JSON.parse(readFileSync(join(terraformFolder, '..', name), 'utf8'));
  const { name, version, dependencies } = read('package.json') as Parameters<typeof productionLock>[1];
  const { packages } = productionLock(read('package-lock.json') as Lockfile, { name, version, dependencies });
  const counts = new Map<string, number>();
  for (const [path, { license }] of Object.entries(packages)) {
    if (path !== '')
      counts.set(String(license ?? 'not stated'), (counts.get(String(license ?? 'not stated')) ?? 0) + 1);
  }
  const rows = [...counts].sort(([left, many], [right, more]) => more - many || (left < right ? -1 : 1));
  return [
    '| licence | packages |',
    '| --- | --- |',
    ...rows.map(([licence, count]) => `| ${licence} | ${count} |`),
  ].join('\n');
}

/** Who may do what, in an installation with everything but a key of its own, under the usual names. */
export async function rightsTable(workspace: Workspace): Promise<string> {
  return grantsTable(await workspace.plan({ ...everything, prefix: 'streamnova', kms_key_name: null }));
}
