// Turns a column of the files into the destination's column: the template's rendering and BigQuery's reading of it, as one SQL expression.
//
// The template makes a JSON value of each column (its kind decides how), BigQuery reads that value into the destination's type. Both steps
// together are one expression of DuckDB. Where they cancel out (a number into a number) it is the field itself. A value that BigQuery would
// not take calls error(), which fails the load with BigQuery's text.

import { type ColumnValue, fileTypeOf } from '../load/source-reader.ts';
import { cannotConvert, fail } from './render-failures.ts';
import { jsonForm } from './render-json.ts';
import { type TargetType, targetTypeOf } from './table-types.ts';
import { wideDecimal } from './wide-decimal.ts';

export type TargetColumn = { readonly name: string; readonly duckType: string; readonly required: boolean };

/** The expression of the destination's value over the field `field`, a column of the file reader. */
export function renderColumn(value: ColumnValue, target: TargetColumn, field: string): string {
  const type = targetTypeOf(target.duckType);
  return sameType(value, type, field) ?? converted(value, type, target, field);
}

/** Rendering and reading cancel out. */
function sameType(value: ColumnValue, type: TargetType, field: string): string | undefined {
  const { kind } = value;
  if (kind === 'integer' && value.unsigned === true && type.is === 'integer') return undefined;
  if (kind === type.is && kind !== 'decimal' && kind !== 'time' && kind !== 'timestamp') return field;
  if (kind === 'integer' && (type.is === 'float' || type.is === 'decimal')) return field;
  if (kind === 'decimal' && type.is === 'decimal')
    return fileTypeOf(value).is === 'DECIMAL' ? field : wideDecimal(field, type);
  // java.sql.Time is written without its fraction.
  if (kind === 'time' && type.is === 'time') return `CAST(substr(CAST(${field} AS VARCHAR), 1, 8) AS TIME)`;
  // A zone-less source value is read as UTC. make_timestamptz avoids the calendar of a cast, which costs 40 ms per 500,000 rows.
  if ((kind === 'timestamp' || kind === 'datetime') && type.is === 'timestamp')
    return `make_timestamptz(epoch_us(${field}))`;
  return undefined;
}

function converted(value: ColumnValue, type: TargetType, { name, duckType }: TargetColumn, field: string): string {
  const { text, json } = jsonForm(value, field);
  const refuse = (message: string) => `CASE WHEN ${field} IS NOT NULL THEN CAST(${fail(message)} AS ${duckType}) END`;
  const guarded = (pattern: string, expression: string) =>
    `CASE WHEN regexp_full_match(${text}, '${pattern}') THEN ${expression}
      WHEN ${field} IS NOT NULL THEN CAST(${cannotConvert(text, type.is, name)} AS ${duckType}) END`;

  if (type.is === 'json') return json === 'string' ? `to_json(${text})` : `CAST(${text} AS JSON)`;
  if (type.is === 'list') {
    return json === 'array'
      ? listOf(text, duckType, name)
      : refuse(`Repeated field must be imported as a JSON array. Field: ${name}.`);
  }
  if (type.is === 'struct') {
    if (json !== 'object') return refuse(`Expected a JSON object for the record field ${name}.`);
    return `CASE WHEN ${field} IS NOT NULL THEN CAST(CAST(${text} AS JSON) AS ${duckType}) END`;
  }
  if (json === 'array') return refuse(`Array specified for non-repeated field: ${name}.`);
  if (json === 'object')
    return refuse(`JSON object specified for non-record field: ${name}. Cast the column to text in the query.`);
  if (type.is === 'string') return text;
  if (type.is === 'integer' && value.kind === 'integer' && value.unsigned === true) {
    return `CASE WHEN ${field} <= 9223372036854775807 THEN CAST(${field} AS ${duckType})
      WHEN ${field} IS NOT NULL THEN CAST(${cannotConvert(text, type.is, name)} AS ${duckType}) END`;
  }
  if (type.is === 'integer') return guarded('[+-]?[0-9]+(\\.0*)?', `CAST(${text} AS ${duckType})`);
  if (type.is === 'boolean') {
    return guarded('(?i)true|false|t|f|yes|no|y|n|1|0', `lower(${text}) IN ('true', 't', 'yes', 'y', '1')`);
  }
  if (type.is === 'float') return `CAST(${text} AS ${duckType})`;
  if (type.is === 'decimal') return wideDecimal(text, type);
  if (type.is === 'timestamp') {
    if (json === 'boolean') return refuse(`Could not parse a boolean as TIMESTAMP for field ${name}.`);
    if (json === 'string') return `CAST(${text} AS TIMESTAMP WITH TIME ZONE)`;
    return guarded('-?[0-9]{1,11}(\\.[0-9]*)?', `to_timestamp(CAST(${text} AS DOUBLE))`);
  }
  if (json !== 'string') return refuse(`Could not convert a JSON ${json} to ${type.is.toUpperCase()}. Field: ${name}.`);
  const pattern = patterns[type.is];
  if (pattern !== undefined) return guarded(pattern, `CAST(${text} AS ${duckType})`);
  return type.is === 'bytes' ? `from_base64(${text})` : `CAST(${text} AS ${duckType})`;
}

/**
 * Texts that BigQuery reads as these types. The template leaves the zone out for columns of type datetime alone, because DATETIME takes
 * none; so a zone is refused here.
 */
const patterns: Partial<Record<TargetType['is'], string>> = {
  date: '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}',
  datetime: '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([ T][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\\.[0-9]{1,6})?)?',
  time: '[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\\.[0-9]{1,6})?',
};

/** BigQuery has no NULL array (it reads as empty) and no NULL elements. */
function listOf(text: string, duckType: string, name: string): string {
  const list = `CAST(CAST(${text} AS JSON) AS ${duckType})`;
  const withNull = `len(list_filter(${list}, lambda x: x IS NULL)) > 0`;
  return `CASE WHEN ${text} IS NULL THEN CAST([] AS ${duckType}) WHEN ${withNull} THEN CAST(${fail(`Only optional fields can be set to NULL. Field: ${name}; Value: NULL`)} AS ${duckType}) ELSE ${list} END`;
}
