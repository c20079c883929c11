// What is read, and which parameters the template drops in silence.

import { describe, expect, test } from 'vitest';
import { chooseSource } from '../../local/dataflow/load/source-choice.ts';

const split = { table: 'orders', partitionColumn: 'id' };

describe('the choice of the source', () => {
  test('table and partition column together make a split read of 200 partitions', () => {
    expect(chooseSource(split)).toEqual({
      source: { mode: 'split', table: 'orders', column: 'id', columnType: 'long', partitions: 200 },
      warnings: [],
    });
  });

  test('a query beside them is dropped, with a warning', () => {
    const { source, warnings } = chooseSource({ ...split, query: 'select 1' });
    expect(source.mode).toBe('split');
    expect(warnings).toEqual(['query is ignored because partitionColumn and table are both set.']);
  });

  test.each([{ table: 'orders' }, { partitionColumn: 'id' }])(
    '%o alone is dropped in favour of the query',
    (lonely) => {
      const { source, warnings } = chooseSource({ ...lonely, query: 'select 1', numPartitions: '4' });
      expect(source).toEqual({ mode: 'query', query: 'select 1' });
      expect(warnings).toHaveLength(2);
    },
  );

  test.each([{}, { table: 'orders' }, { partitionColumn: 'id' }])(
    '%o without a query cannot be built',
    (parameters) => {
      expect(() => chooseSource(parameters)).toThrow("Either 'query' or both 'table' and 'partitionColumn'");
    },
  );

  test('one bound alone is dropped, with a warning', () => {
    const { source, warnings } = chooseSource({ ...split, lowerBound: '5' });
    expect(source).not.toHaveProperty('bounds');
    expect(warnings).toEqual(['lowerBound is ignored because upperBound is not set.']);
  });

  test('bounds of long are 64-bit numbers, of datetime a time with zone', () => {
    const long = chooseSource({ ...split, lowerBound: '-5', upperBound: '9223372036854775807' });
    expect(long.source).toMatchObject({ bounds: { lower: -5n, upper: 2n ** 63n - 1n } });
    const datetime = { ...split, partitionColumnType: 'datetime', lowerBound: '2024-01-01 03:30:00.000+03:30' };
    const { source } = chooseSource({ ...datetime, upperBound: '2024-01-01 00:00:00.001Z' });
    expect(source).toMatchObject({ bounds: { lower: 1_704_067_200_000n, upper: 1_704_067_200_001n } });
  });

  test.each([
    [{ lowerBound: '1.5', upperBound: '9' }, 'NumberFormatException: lowerBound'],
    [{ lowerBound: '1', upperBound: '9223372036854775808' }, 'NumberFormatException: upperBound'],
    [{ lowerBound: '9', upperBound: '9' }, 'larger or equal to the upper bound'],
    [
      { partitionColumnType: 'datetime', lowerBound: '2024-01-01', upperBound: '2024-01-02' },
      'Invalid format: lowerBound',
    ],
    [{ numPartitions: '0' }, 'numPartitions can not be less than 1'],
    [{ numPartitions: '-3' }, 'numPartitions can not be less than 1'],
  ])('%o is refused while the graph is built', (parameters, text) => {
    expect(() => chooseSource({ ...split, ...parameters })).toThrow(text);
  });
});
