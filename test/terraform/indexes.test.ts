// The ledger's indexes are those its queries need, no field is indexed that none filters by, and what expires has a policy.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Firestore } from '@google-cloud/firestore';
import { describe, expect, test } from 'vitest';
import type { DocumentKind } from '../../shared/engine/ports.ts';
import { firestoreLedger } from '../../shared/gcp/firestore-ledger.ts';
import { parseTerraform, terraformTexts } from './parsed.ts';
import { terraformFolder } from './terraform-folder.ts';
import { unindexedFields } from './unindexed-fields.ts';

const kinds: Readonly<Record<DocumentKind, true>> = {
  capacity: true,
  cohorts: true,
  idempotency: true,
  profiles: true,
  spend: true,
};

const locals = Object.assign(
  {},
  ...(await parseTerraform({ 'firestore.tf': terraformTexts()['firestore.tf'] ?? '' }))
    .filter(({ labels }) => labels[0] === 'locals')
    .map(({ body }) => body),
) as {
  _indexes: Record<string, [string, string][]>;
  _expiring: string[];
};

type Query = {
  readonly collection: string;
  readonly equal: readonly string[];
  readonly range: readonly string[];
  readonly order: readonly (readonly [string, string])[];
};

/** The queries `use` makes, recorded instead of sent. */
async function queriesOf(use: (ledger: ReturnType<typeof firestoreLedger>) => Promise<unknown>): Promise<Query[]> {
  const sent: Query[] = [];
  const builder = (query: Query): object => ({
    where: (field: string, operator: string) =>
      builder(
        operator === '==' ? { ...query, equal: [...query.equal, field] } : { ...query, range: [...query.range, field] },
      ),
    orderBy: (field: string, direction = 'asc') =>
      builder({ ...query, order: [...query.order, [field, direction === 'desc' ? 'DESCENDING' : 'ASCENDING']] }),
    startAfter: () => builder(query),
    limit: () => builder(query),
    get: async () => {
      sent.push(query);
      return { docs: [] };
    },
  });
  const firestore = { collection: (collection: string) => builder({ collection, equal: [], range: [], order: [] }) };
  await use(firestoreLedger(firestore as unknown as Firestore));
  return sent;
}

/** The composite index a query needs: equal fields in any order, then the order it sorts by. */
const indexOf = ({ equal, order }: Query): string => JSON.stringify([[...equal].sort(), order]);

describe('the composite indexes', () => {
  const page = { pageSize: 10 };

  test('are exactly those of the queries in the code', async () => {
    const queries = await queriesOf(async (ledger) => {
      await ledger.due({ now: 1, ...page });
      for (const status of [undefined, 'FAILED' as const]) {
        for (const load of [undefined, 'orders']) {
          await ledger.list({
            ...page,
            ...(status === undefined ? {} : { status }),
            ...(load === undefined ? {} : { load }),
          });
        }
      }
    });
    expect(queries.length).toBe(5);
    expect(new Set(queries.map(({ collection }) => collection))).toEqual(new Set(['executions']));
    for (const { range, order } of queries) if (range.length > 0) expect(order[0]?.[0]).toBe(range[0]);
    const declared = Object.values(locals._indexes).map((fields) => {
      const equal = fields
        .filter(([field]) => queries.some((query) => query.equal.includes(field)))
        .map(([field]) => field);
      return JSON.stringify([equal.sort(), fields.slice(equal.length)]);
    });
    expect(declared.sort()).toEqual([...new Set(queries.map(indexOf))].sort());
  });

  test('cover every query there is: no other file of the code asks one', () => {
    const asks = /\.(where|orderBy|collectionGroup|select|findNearest|aggregate|count)\(/;
    const files = ['firestore-client.ts', 'firestore-documents.ts', 'firestore-recommendations.ts'];
    for (const file of files)
      expect(readFileSync(resolve(import.meta.dirname, '../../shared/gcp', file), 'utf8')).not.toMatch(asks);
  });
});

describe('single-field indexes', () => {
  const written = readFileSync(join(terraformFolder, 'schemas/unindexed-fields.txt'), 'utf8').trim().split('\n');

  test('are off for maps, lists and growing times; else run: node test/terraform/refresh.ts', () => {
    expect(written).toEqual(unindexedFields());
    expect(written).toEqual(
      expect.arrayContaining(['executions/acceptedAt', 'executions/attempts', 'executions/nextCheckAt']),
    );
    expect(written).not.toContain('executions/load');
  });

  test('are off in every collection of the store', () => {
    const collections = [...new Set(written.map((line) => line.split('/')[0]))];
    expect(collections.sort()).toEqual(['executions', 'recommendations', ...Object.keys(kinds)].sort());
  });

  test('stay below the 200 exemptions a database may have', () => {
    expect(written.length + locals._expiring.length).toBeLessThan(150);
  });
});

describe('the expiry', () => {
  test('is switched on for collections whose documents expire, and for none that must stay', () => {
    const text = ['idempotency', 'spend', 'reserve', 'learn', 'profile-for-plan'].map((file) =>
      readFileSync(resolve(import.meta.dirname, `../../shared/engine/${file}.ts`), 'utf8'),
    );
    const writes = text.join('\n').matchAll(/documents\.write\(\s*'(\w+)'[^;]*;/g);
    const expiring = new Set([...writes].filter(([call]) => /expiresAt|options/.test(call)).map(([, kind]) => kind));
    expect([...expiring].sort()).toEqual(locals._expiring.toSorted());
  });

  test('reads the field the store writes', () => {
    expect(terraformTexts()['firestore.tf']).toMatch(
      /field {6}= "expiresAt"\n\n {2}index_config \{\}\n {2}ttl_config {3}\{\}|field {6}= "expiresAt"\n\n {2}index_config \{\}\n {2}ttl_config \{\}/,
    );
    expect(readFileSync(resolve(import.meta.dirname, '../../shared/gcp/firestore-documents.ts'), 'utf8')).toContain(
      'expiresAt: Timestamp.fromMillis',
    );
  });
});
