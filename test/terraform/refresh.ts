// `node test/terraform/refresh.ts`: writes what is derived from the code into terraform/, so that a test can hold both together.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openWorkspace, terraformInstalled } from './run-terraform.ts';
import { inputsTable, licencesTable, momentsTable, outputsTable, rightsTable, withTable } from './tables.ts';
import { terraformFolder } from './terraform-folder.ts';
import { topicSchemas } from './topic-schemas.ts';
import { unindexedFields } from './unindexed-fields.ts';

const change = (name: string, by: (text: string) => string): void => {
  const path = join(terraformFolder, name);
  writeFileSync(path, by(readFileSync(path, 'utf8')));
};

const protos = ['recommendation.proto', 'execution.proto'];
const now = Object.fromEntries(
  protos.map((name) => [name, readFileSync(join(terraformFolder, 'schemas', name), 'utf8')]),
);
for (const [name, text] of Object.entries(topicSchemas(now))) change(`schemas/${name}`, () => text);
change('schemas/unindexed-fields.txt', () => `${unindexedFields().join('\n')}\n`);

const [inputs, outputs] = await Promise.all([inputsTable(), outputsTable()]);
change('README.md', (text) =>
  withTable(withTable(withTable(text, 'inputs', inputs), 'outputs', outputs), 'moments', momentsTable()),
);

change('THREATS.md', (text) => withTable(text, 'licences', licencesTable()));

if (terraformInstalled) {
  const workspace = await openWorkspace();
  const rights = await rightsTable(workspace);
  workspace.close();
  change('THREATS.md', (text) => withTable(text, 'rights', rights));
}
