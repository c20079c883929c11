// `node test/terraform/refresh.ts`: writes what is derived from the code into terraform/, so that a test can hold both together.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { terraformFolder } from './run-terraform.ts';
import { topicSchemas } from './topic-schemas.ts';
import { unindexedFields } from './unindexed-fields.ts';

const names = ['recommendation.proto', 'execution.proto'];
const now = Object.fromEntries(
  names.map((name) => [name, readFileSync(join(terraformFolder, 'schemas', name), 'utf8')]),
);
for (const [name, text] of Object.entries(topicSchemas(now)))
  writeFileSync(join(terraformFolder, 'schemas', name), text);
writeFileSync(
  join(terraformFolder, 'schemas/unindexed-fields.json'),
  `${JSON.stringify(unindexedFields(), null, 2)}\n`,
);
