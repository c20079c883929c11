// Holds parsed blocks against the provider's facts: unknown and missing arguments, unknown, missing and repeated blocks, enumerations.

import { type Body, isBody, type TfBlock } from './parsed.ts';
import { type BlockFact, providerFacts } from './provider-facts.ts';

/** Arguments Terraform itself gives every resource and data source. */
const metaArguments = new Set(['count', 'depends_on', 'for_each', 'provider', 'lifecycle', 'dynamic']);

/** Every way in which resources and data sources do not fit the provider, as `file address: problem`. */
export function schemaProblems(blocks: readonly TfBlock[]): string[] {
  return blocks.flatMap((block) => {
    const [kind, type = '', name] = block.labels;
    if (kind !== 'resource' && kind !== 'data') return [];
    const address = `${block.file} ${kind === 'data' ? 'data.' : ''}${type}.${name}`;
    const fact = providerFacts.schemas[kind === 'data' ? `data.${type}` : type];
    if (fact === undefined) return [`${address}: the facts know no ${type}`];
    return problemsOf(block.body, fact, '').map((problem) => `${address}: ${problem}`);
  });
}

function problemsOf(body: Body, fact: BlockFact, path: string): string[] {
  const problems: string[] = [];
  const given = new Set(Object.keys(body));
  for (const name of Object.keys(isBody(body.dynamic) ? body.dynamic : {})) given.add(name);
  for (const name of given) {
    if (path === '' && metaArguments.has(name)) continue;
    if (name === 'dynamic') continue;
    const attribute = fact.attributes[name];
    if (attribute === undefined && fact.blocks[name] === undefined) problems.push(`unknown ${path}${name}`);
    if (attribute?.use === 'computed') problems.push(`${path}${name} is computed and cannot be set`);
    const value = body[name];
    if (
      attribute?.values !== undefined &&
      typeof value === 'string' &&
      !value.includes('${') &&
      !attribute.values.includes(value)
    ) {
      problems.push(`${path}${name} cannot be "${value}", only ${attribute.values.join(', ')}`);
    }
  }
  for (const [name, { use }] of Object.entries(fact.attributes)) {
    if (use === 'required' && !given.has(name)) problems.push(`${path}${name} is required`);
  }
  for (const [name, inner] of Object.entries(fact.blocks)) {
    const nested = bodiesOf(body, name);
    if (inner.required && nested.length === 0) problems.push(`block ${path}${name} is required`);
    if (!inner.many && nested.length > 1) problems.push(`block ${path}${name} may stand once`);
    problems.push(...nested.flatMap((each) => problemsOf(each, inner, `${path}${name}.`)));
  }
  return problems;
}

/** Nested blocks of a name, the contents of dynamic ones included. */
function bodiesOf(body: Body, name: string): Body[] {
  const plain = body[name];
  const dynamic = isBody(body.dynamic) ? body.dynamic[name] : undefined;
  const contents = (Array.isArray(dynamic) ? dynamic : []).flatMap(
    (each) => (isBody(each) ? each.content : undefined) ?? [],
  );
  return [...(Array.isArray(plain) ? plain : []), ...contents].filter((each) => isBody(each));
}
