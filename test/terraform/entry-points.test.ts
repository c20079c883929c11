// Every function Terraform deploys is one the code registers, and the other way round.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isBody, parseTerraform, terraformTexts } from './parsed.ts';
import { terraformFolder } from './terraform-folder.ts';

test('entry points are the names functions/index.ts registers', async () => {
  const blocks = await parseTerraform({ 'functions.tf': terraformTexts()['functions.tf'] ?? '' });
  const functions = blocks.map(({ body }) => body._functions).find(isBody) ?? {};
  const deployed = Object.values(functions).map((each) => (isBody(each) ? each.entry_point : undefined));
  const code = readFileSync(join(terraformFolder, '../functions/index.ts'), 'utf8');
  const registered = [...code.matchAll(/^http\('(\w+)'/gm)].map(([, name]) => name);
  expect(registered.length).toBe(3);
  expect(deployed.sort()).toEqual(registered.sort());
});
