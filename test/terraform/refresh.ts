// `node test/terraform/refresh.ts`: writes what is derived from the code into terraform/, so that a test can hold both together.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { terraformFolder } from './run-terraform.ts';
import { topicSchemas } from './topic-schemas.ts';
import { unindexedFields } from './unindexed-fields.ts';

const at = (name: string): string => join(terraformFolder, 'schemas', name);

const protos = ['recommendation.proto', 'execution.proto'];
const now = Object.fromEntries(protos.map((name) => [name, readFileSync(at(name), 'utf8')]));
for (const [name, text] of Object.entries(topicSchemas(now))) writeFileSync(at(name), text);
writeFileSync(at('unindexed-fields.txt'), `${unindexedFields().join('\n')}\n`);
