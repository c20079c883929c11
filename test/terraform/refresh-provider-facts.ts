// `node test/terraform/refresh-provider-facts.ts`: takes the facts anew from Google's provider, after `terraform init` in terraform/.

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { factsOfSchema } from './facts-of-schema.ts';
import { parseTerraform } from './parsed.ts';
import { providerFacts } from './provider-facts.ts';
import { terraformFolder } from './terraform-folder.ts';

const terraform = (...args: string[]): unknown =>
  JSON.parse(execFileSync('terraform', args, { cwd: terraformFolder, encoding: 'utf8', maxBuffer: 1 << 29 }));

const blocks = await parseTerraform();
const types = blocks.flatMap(({ labels: [kind, type] }) =>
  kind === 'resource' ? [type ?? ''] : kind === 'data' ? [`data.${type}`] : [],
);
const { provider_selections: selected } = terraform('version', '-json') as {
  provider_selections: Record<string, string>;
};
const version = selected[providerFacts.address];
if (version === undefined) throw new Error('the provider is not installed: run terraform init in terraform/ first');

const facts = {
  source: `terraform providers schema -json, ${providerFacts.address} ${version}: names, types, which are required, enumerations from the descriptions.`,
  takenOn: new Date().toISOString().slice(0, 10),
  provider: providerFacts.address,
  version,
  schemas: factsOfSchema(terraform('providers', 'schema', '-json'), providerFacts.address, [...new Set(types)].sort()),
};
writeFileSync(
  new URL('../fixtures/terraform/google-provider.json', import.meta.url),
  `${JSON.stringify(facts, null, 2)}\n`,
);
