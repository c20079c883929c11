// The JSON value the template makes of a column, as text: ResultSet to TableRow, then Jackson.

import type { ColumnValue } from './source-reader.ts';

export type JsonForm = {
  /** Type in which the CSV reader delivers the field. */
  readonly csvType: string;
  /** Expression of the value's text; of an object or array, its JSON. */
  readonly text: string;
  readonly json: 'string' | 'number' | 'boolean' | 'object' | 'array';
};

/**
 * Source: JdbcConverters of the templates (by the driver's type name) and what Jackson makes of the driver's objects. timestamptz is an
 * object no rule names, so it becomes its epoch milliseconds - which BigQuery then reads as seconds.
 */
export function jsonForm(value: ColumnValue, field: string, unescaped: (field: string) => string): JsonForm {
  switch (value.kind) {
    case 'integer':
    case 'float':
    case 'decimal':
      return { csvType: 'VARCHAR', text: field, json: 'number' };
    case 'boolean':
      return { csvType: 'BOOLEAN', text: `CAST(${field} AS VARCHAR)`, json: 'boolean' };
    case 'string':
      return { csvType: 'VARCHAR', text: unescaped(field), json: 'string' };
    case 'date':
      return { csvType: 'VARCHAR', text: field, json: 'string' };
    case 'time':
      return { csvType: 'VARCHAR', text: `substr(${field}, 1, 8)`, json: 'string' };
    case 'timestamp':
      return { csvType: 'TIMESTAMP', text: `strftime(${field}, '%Y-%m-%d %H:%M:%S.%fZ')`, json: 'string' };
    case 'instant':
      return { csvType: 'TIMESTAMP WITH TIME ZONE', text: `CAST(epoch_ms(${field}) AS VARCHAR)`, json: 'number' };
    case 'bytes':
      return { csvType: 'VARCHAR', text: `to_base64(unhex(substr(${field}, 4)))`, json: 'string' };
    case 'object': {
      const type = value.typeName.replaceAll("'", "''");
      const text = `CASE WHEN ${field} IS NOT NULL THEN CAST(json_object('type', '${type}', 'value', ${unescaped(field)}) AS VARCHAR) END`;
      return { csvType: 'VARCHAR', text, json: 'object' };
    }
    case 'array':
      return { csvType: 'VARCHAR', text: unescaped(field), json: 'array' };
  }
}
