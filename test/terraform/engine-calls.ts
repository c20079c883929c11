// Which calls of the Jobs port a function of the engine can come to: followed from declaration to declaration through its imports.

import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseSync } from 'oxc-parser';

type Declaration = { readonly text: string };
type Source = {
  readonly declarations: ReadonlyMap<string, Declaration>;
  /** Local name to the file and the name it has there. */
  readonly imports: ReadonlyMap<string, { readonly file: string; readonly name: string }>;
};

const sources = new Map<string, Source>();

/** The names of the Jobs port's calls that `name` in `file` can reach. A name that is mentioned counts as called. */
export function jobsCallsFrom(file: string, name: string, seen = new Set<string>()): Set<string> {
  const key = `${file}#${name}`;
  if (seen.has(key)) return new Set();
  seen.add(key);
  const source = sourceOf(file);
  const text = source.declarations.get(name)?.text;
  if (text === undefined) throw new Error(`${file} declares no ${name}`);
  const calls = new Set([...text.matchAll(/\bjobs\.(\w+)\(/g)].map(([, call]) => call ?? ''));
  for (const [mentioned] of text.matchAll(/(?<![.\w])[A-Za-z_]\w*/g)) {
    const imported = source.imports.get(mentioned);
    const further =
      imported !== undefined
        ? jobsCallsFrom(imported.file, imported.name, seen)
        : mentioned !== name && source.declarations.has(mentioned)
          ? jobsCallsFrom(file, mentioned, seen)
          : [];
    for (const call of further) calls.add(call);
  }
  return calls;
}

function sourceOf(file: string): Source {
  const known = sources.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(file, 'utf8');
  const { program, module } = parseSync(file, text);
  const declarations = new Map<string, Declaration>();
  for (const statement of program.body) {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declared === null) continue;
    const cut = { text: text.slice(declared.start, declared.end) };
    if (declared.type === 'FunctionDeclaration' && declared.id !== null) declarations.set(declared.id.name, cut);
    if (declared.type === 'VariableDeclaration') {
      for (const { id } of declared.declarations) if (id.type === 'Identifier') declarations.set(id.name, cut);
    }
  }
  const imports = new Map(
    module.staticImports
      .filter(({ moduleRequest }) => moduleRequest.value.startsWith('./'))
      .flatMap(({ moduleRequest, entries }) =>
        entries
          .filter(({ isType }) => !isType)
          .map(
            ({ localName, importName }) =>
              [
                localName.value,
                { file: resolve(dirname(file), moduleRequest.value), name: importName.name ?? localName.value },
              ] as const,
          ),
      ),
  );
  const source = { declarations, imports };
  sources.set(file, source);
  return source;
}
