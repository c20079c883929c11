// The rules between parameters of the JDBC-to-BigQuery templates: what their code refuses, and what it ignores without a word.

import type { ParameterViolation } from '../../base/errors.ts';

type Parameters = Readonly<Record<string, string>>;

/** Conflicts listed in templates.md 2.4. Combinations the template would silently ignore are violations too. */
export function jdbcConflicts(parameters: Parameters): ParameterViolation[] {
  return rules.flatMap((rule) => {
    const description = rule.broken(parameters);
    return description === undefined ? [] : [{ parameter: rule.parameter, description }];
  });
}

type Rule = { readonly parameter: string; readonly broken: (parameters: Parameters) => string | undefined };
const has = (parameters: Parameters, name: string): boolean => Object.hasOwn(parameters, name);
const isTrue = (parameters: Parameters, name: string): boolean => parameters[name] === 'true';

const rules: readonly Rule[] = [
  {
    parameter: 'query',
    broken: (p) =>
      has(p, 'query') || (has(p, 'table') && has(p, 'partitionColumn'))
        ? undefined
        : 'Either query, or both table and partitionColumn are required',
  },
  {
    parameter: 'query',
    broken: (p) =>
      has(p, 'query') && has(p, 'table') && has(p, 'partitionColumn')
        ? 'query is ignored when table and partitionColumn are set: remove one of the two'
        : undefined,
  },
  {
    parameter: 'partitionColumn',
    broken: (p) =>
      has(p, 'table') === has(p, 'partitionColumn') ? undefined : 'table and partitionColumn only count together',
  },
  {
    parameter: 'lowerBound',
    broken: (p) =>
      has(p, 'lowerBound') === has(p, 'upperBound') ? undefined : 'lowerBound and upperBound only count together',
  },
  { parameter: 'lowerBound', broken: boundsBroken },
  {
    parameter: 'numPartitions',
    broken: (p) => (has(p, 'numPartitions') && !(Number(p.numPartitions) >= 1) ? 'must be at least 1' : undefined),
  },
  {
    parameter: 'bigQuerySchemaPath',
    broken: (p) =>
      p.createDisposition === 'CREATE_IF_NEEDED' && !has(p, 'bigQuerySchemaPath')
        ? 'required with createDisposition CREATE_IF_NEEDED'
        : undefined,
  },
  {
    parameter: 'outputDeadletterTable',
    broken: (p) =>
      has(p, 'outputDeadletterTable') && !isTrue(p, 'useStorageWriteApi')
        ? 'requires useStorageWriteApi=true'
        : undefined,
  },
  {
    parameter: 'useStorageWriteApiAtLeastOnce',
    broken: (p) =>
      isTrue(p, 'useStorageWriteApiAtLeastOnce') && !isTrue(p, 'useStorageWriteApi')
        ? 'requires useStorageWriteApi=true'
        : undefined,
  },
  {
    parameter: 'isTruncate',
    broken: (p) =>
      isTrue(p, 'isTruncate') && isTrue(p, 'useStorageWriteApi')
        ? 'the Storage Write API has no truncate: load with load jobs (useStorageWriteApi=false)'
        : undefined,
  },
  {
    parameter: 'KMSEncryptionKey',
    broken: (p) =>
      has(p, 'KMSEncryptionKey') && !(has(p, 'username') && has(p, 'password'))
        ? 'with a KMS key, connectionURL, username and password must all be set (as ciphertext)'
        : undefined,
  },
];

function boundsBroken(p: Parameters): string | undefined {
  const lower = p.lowerBound;
  const upper = p.upperBound;
  if (lower === undefined || upper === undefined) return undefined;
  if (p.partitionColumnType === 'datetime') {
    const form = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}\.\d{3}(Z|[+-]\d{2}:?\d{2})$/;
    if (!form.test(lower) || !form.test(upper)) return 'bounds of a datetime column must be yyyy-MM-dd HH:mm:ss.SSSZ';
    return Date.parse(lower) < Date.parse(upper) ? undefined : 'lowerBound must be below upperBound';
  }
  if (!/^-?\d{1,19}$/.test(lower) || !/^-?\d{1,19}$/.test(upper))
    return 'bounds of a long column must be whole numbers';
  return BigInt(lower) < BigInt(upper) ? undefined : 'lowerBound must be below upperBound';
}
