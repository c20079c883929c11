// Where the files under test are.

import { resolve } from 'node:path';

/** terraform/ of this checkout. */
export const terraformFolder = resolve(import.meta.dirname, '../../terraform');
