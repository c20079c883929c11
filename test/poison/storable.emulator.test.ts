// What counts as storable is stored by Firestore and read back as it was; what it refuses is the reason for each rule.

import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unstorable } from '../../shared/schema/storable.ts';
import { firestoreStore, hasFirestore } from '../support/firestore-store.ts';
import { nastyJson } from './arbitraries.ts';

const store = firestoreStore();
let firestore: ReturnType<typeof store.connect>;
beforeAll(() => {
  firestore = store.connect();
});
afterAll(() => store.close());

let documents = 0;
async function storeAndRead(value: unknown): Promise<unknown> {
  documents += 1;
  const document = firestore.collection('poison').doc(`d${documents}`);
  // As overrides lie in an execution; arrays in arrays are what Firestore alone does not take, and no schema has any.
  await document.create({ value });
  return (await document.get()).get('value');
}

const hasNestedArrays = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).some((part) => (Array.isArray(value) && Array.isArray(part)) || hasNestedArrays(part));

test.skipIf(!hasFirestore)('any JSON value nothing is said against is read back as it was written', async () => {
  const values = nastyJson.map((text) => JSON.parse(text) as unknown);
  const storable = fc.asyncProperty(values, async (value) => {
    fc.pre(unstorable(value).length === 0 && !hasNestedArrays(value));
    expect(await storeAndRead(value)).toEqual(value);
  });
  await fc.assert(storable, { numRuns: 200 });
});

test.skipIf(!hasFirestore).each([
  ['', { '': 1 }],
  ['__x__', { __x__: 1 }],
  ['half a character', 'a\ud800b'],
  ['half a character in a name', { 'a\ud800b': 1 }],
  ['a long name', { ['x'.repeat(2_000)]: 1 }],
])('%s is refused before Firestore refuses it', async (_name, value) => {
  expect(unstorable(value)).not.toEqual([]);
  await expect(storeAndRead(value)).rejects.toThrow();
});
