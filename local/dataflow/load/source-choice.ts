// Decides from the template's parameters what is read, and how it is split; pure. What the template drops in silence becomes a warning.

import { defaultPartitions } from './ranges.ts';

export type PartitionType = 'long' | 'datetime';

export type SourceChoice =
  | {
      readonly mode: 'split';
      /** A table name or `(subquery) as alias`; goes into SQL as it stands. */
      readonly table: string;
      /** Goes into SQL as it stands. */
      readonly column: string;
      readonly columnType: PartitionType;
      readonly partitions: number;
      /** Explicit bounds: whole numbers, or epoch ms for datetime. Rows outside of them are not read. */
      readonly bounds?: { readonly lower: bigint; readonly upper: bigint };
    }
  /** One reader; a `gs://` path stands for a file that holds the SQL. */
  | { readonly mode: 'query'; readonly query: string };

/**
 * The choice and its warnings. Throws what would make the construction of the job graph fail; rules as in JdbcToBigQuery of the
 * templates and JdbcIO of Beam.
 */
export function chooseSource(parameters: Readonly<Record<string, string>>): {
  source: SourceChoice;
  warnings: string[];
} {
  const { partitionColumn: column, table, query } = parameters;
  const warnings: string[] = [];
  if (!column || !table) {
    if (!query)
      throw new Error("Either 'query' or both 'table' and 'partitionColumn' must be specified to read from JDBC.");
    if (table) warnings.push('table is ignored because partitionColumn is not set; the query is read by one reader.');
    if (column) warnings.push('partitionColumn is ignored because table is not set; the query is read by one reader.');
    for (const name of ['numPartitions', 'lowerBound', 'upperBound']) {
      if (parameters[name]) warnings.push(`${name} is ignored because the read is not split.`);
    }
    return { source: { mode: 'query', query }, warnings };
  }
  if (query) warnings.push('query is ignored because partitionColumn and table are both set.');
  const columnType: PartitionType = parameters.partitionColumnType === 'datetime' ? 'datetime' : 'long';
  const partitions = partitionsOf(parameters.numPartitions);
  const bounds = boundsOf(parameters.lowerBound, parameters.upperBound, columnType, warnings);
  return {
    source: { mode: 'split', table, column, columnType, partitions, ...(bounds === undefined ? {} : { bounds }) },
    warnings,
  };
}

function partitionsOf(text: string | undefined): number {
  if (!text) return defaultPartitions;
  const partitions = Number(text);
  if (partitions > 0 && partitions <= 2_147_483_647) return partitions;
  throw new Error(
    `numPartitions can not be less than 1: it is ${text}. (Its help text promises that such values become 1; Beam refuses them.)`,
  );
}

function boundsOf(
  lowerText: string | undefined,
  upperText: string | undefined,
  type: PartitionType,
  warnings: string[],
): { lower: bigint; upper: bigint } | undefined {
  if (!lowerText || !upperText) {
    if (lowerText) warnings.push('lowerBound is ignored because upperBound is not set.');
    if (upperText) warnings.push('upperBound is ignored because lowerBound is not set.');
    return undefined;
  }
  const read = type === 'long' ? longBound : datetimeBound;
  const lower = read('lowerBound', lowerText);
  const upper = read('upperBound', upperText);
  if (lower >= upper)
    throw new Error(
      `The lower bound of partitioning column is larger or equal to the upper bound: ${lowerText}, ${upperText}`,
    );
  return { lower, upper };
}

function longBound(name: string, text: string): bigint {
  if (/^[+-]?\d+$/.test(text)) {
    const value = BigInt(text.replace(/^\+/, ''));
    if (value === BigInt.asIntN(64, value)) return value;
  }
  throw new Error(`java.lang.NumberFormatException: ${name} must be a 64-bit whole number: "${text}"`);
}

/** `yyyy-MM-dd HH:mm:ss.SSSZ`, the zone as +03:30, +0330 or Z. */
function datetimeBound(name: string, text: string): bigint {
  const parts = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}\.\d{3}) ?(Z|[+-]\d{2}:?\d{2})$/.exec(text);
  const zone = parts?.[3]?.replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const time = parts === null ? Number.NaN : Date.parse(`${parts[1]}T${parts[2]}${zone}`);
  if (Number.isNaN(time)) {
    throw new Error(
      `Invalid format: ${name} must be yyyy-MM-dd HH:mm:ss.SSSZ, e.g. 2024-01-01 00:00:00.000+00:00: "${text}"`,
    );
  }
  return BigInt(time);
}
