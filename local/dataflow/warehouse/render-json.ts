// The JSON value the template makes of a column, as text: ResultSet to TableRow, then Jackson.

import type { ColumnValue } from '../load/source-reader.ts';

export type JsonForm = {
  /** Expression of the value's text; of an object or array, its JSON. */
  readonly text: string;
  readonly json: 'string' | 'number' | 'boolean' | 'object' | 'array';
};

/**
 * Source: JdbcConverters of the templates (by the driver's type name) and what Jackson makes of the driver's objects. Of MySQL's types DATETIME
 * alone keeps its lack of a zone: it is the one whose driver has a java.time object for it. timestamptz is an
 * object no rule names, so it becomes its epoch milliseconds - which BigQuery then reads as seconds.
 */
export function jsonForm(value: ColumnValue, field: string): JsonForm {
  const asText = `CAST(${field} AS VARCHAR)`;
  switch (value.kind) {
    case 'integer':
    case 'float':
    case 'decimal':
      return { text: asText, json: 'number' };
    case 'boolean':
      return { text: asText, json: 'boolean' };
    case 'string':
      return { text: field, json: 'string' };
    case 'date':
      return { text: asText, json: 'string' };
    case 'time':
      return { text: `substr(${asText}, 1, 8)`, json: 'string' };
    case 'timestamp':
      return { text: `strftime(${field}, '%Y-%m-%d %H:%M:%S.%fZ')`, json: 'string' };
    case 'datetime':
      return { text: `strftime(${field}, '%Y-%m-%d %H:%M:%S.%f')`, json: 'string' };
    case 'instant':
      return { text: `CAST(epoch_ms(${field}) AS VARCHAR)`, json: 'number' };
    case 'bytes':
      return { text: `to_base64(${field})`, json: 'string' };
    case 'object': {
      const type = value.typeName.replaceAll("'", "''");
      const object = `CAST(json_object('type', '${type}', 'value', ${field}) AS VARCHAR)`;
      return { text: `CASE WHEN ${field} IS NOT NULL THEN ${object} END`, json: 'object' };
    }
    case 'array':
      return { text: field, json: 'array' };
  }
}
