// Builds the functions as they are deployed and gives a suite its own copy, so that another build in the checkout cannot pull it away.

import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Runs `npm run build`'s program and copies dist/ into `folder`; answers the folder of the copy. The bundle takes the framework from here. */
export async function builtFunctions(folder: string): Promise<string> {
  await promisify(execFile)(process.execPath, [join(root, 'functions/build.ts')], { cwd: root });
  const copy = join(folder, 'functions');
  mkdirSync(copy, { recursive: true });
  cpSync(join(root, 'dist'), copy, { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}
