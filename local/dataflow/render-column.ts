// Turns a column of the files into the destination's column: the template's rendering and BigQuery's reading of it, as one SQL expression.
//
// The template makes a JSON value of each column (its kind decides how), BigQuery reads that value into the destination's type. Both steps
// together are one expression of DuckDB, so that no value passes through JavaScript. Where both steps cancel out (a number into a number)
// the CSV reader delivers the type itself. A value that BigQuery would not take calls error(), which fails the load with BigQuery's text.

import { cannotConvert, fail, wideDecimal } from './render-failures.ts';
import { jsonForm } from './render-json.ts';
import type { ColumnValue } from './source-reader.ts';
import { type TargetType, targetTypeOf } from './table-types.ts';

export type TargetColumn = { readonly name: string; readonly duckType: string; readonly required: boolean };

export type RenderedColumn = {
  /** Type in which the CSV reader delivers the field. */
  readonly csvType: string;
  /** Expression of the destination's value over the field. */
  readonly expression: string;
};

/** How to fill `target` from field `field` (a column name of the file reader). `escapes`: backslash escapes have to be undone. */
export function renderColumn(
  value: ColumnValue,
  target: TargetColumn,
  field: string,
  escapes: boolean,
): RenderedColumn {
  const type = targetTypeOf(target.duckType);
  return sameType(value, type, target.duckType, field, escapes) ?? converted(value, type, target, field, escapes);
}

/** Rendering and reading cancel out. */
function sameType(
  value: ColumnValue,
  type: TargetType,
  duckType: string,
  field: string,
  escapes: boolean,
): RenderedColumn | undefined {
  const { kind } = value;
  if (kind === 'integer' && type.is === 'integer') return { csvType: duckType, expression: field };
  if ((kind === 'float' || kind === 'integer') && type.is === 'float') return { csvType: duckType, expression: field };
  if (kind === 'boolean' && type.is === 'boolean') return { csvType: 'BOOLEAN', expression: field };
  if (kind === 'date' && type.is === 'date') return { csvType: 'DATE', expression: field };
  if (kind === 'string' && type.is === 'string') return { csvType: 'VARCHAR', expression: unescaped(field, escapes) };
  if (kind === 'bytes' && type.is === 'bytes') return { csvType: 'VARCHAR', expression: `unhex(substr(${field}, 4))` };
  // java.sql.Time is written without its fraction.
  if (kind === 'time' && type.is === 'time')
    return { csvType: 'VARCHAR', expression: `CAST(substr(${field}, 1, 8) AS TIME)` };
  // A zone-less source value is read as UTC. make_timestamptz avoids the calendar of a cast, which costs 40 ms per 500,000 rows.
  if (kind === 'timestamp' && type.is === 'timestamp') {
    return { csvType: 'TIMESTAMP', expression: `make_timestamptz(epoch_us(${field}))` };
  }
  if ((kind === 'decimal' || kind === 'integer') && type.is === 'decimal') {
    if (type.precision <= 18) return { csvType: duckType, expression: field };
    return { csvType: 'VARCHAR', expression: wideDecimal(field, type) };
  }
  return undefined;
}

function converted(
  value: ColumnValue,
  type: TargetType,
  target: TargetColumn,
  field: string,
  escapes: boolean,
): RenderedColumn {
  const { csvType, text, json } = jsonForm(value, field, (column) => unescaped(column, escapes));
  const { name, duckType } = target;
  const isText = json === 'string' || json === 'number' || json === 'boolean';
  const refuse = (message: string): RenderedColumn => ({
    csvType,
    expression: `CASE WHEN ${field} IS NOT NULL THEN CAST(${fail(message)} AS ${duckType}) END`,
  });
  const done = (expression: string): RenderedColumn => ({ csvType, expression });
  const guarded = (pattern: string, expression: string): RenderedColumn =>
    done(
      `CASE WHEN regexp_full_match(${text}, '${pattern}') THEN ${expression} WHEN ${field} IS NOT NULL THEN CAST(${cannotConvert(text, type.is, name)} AS ${duckType}) END`,
    );

  if (type.is === 'json') return done(json === 'string' ? `to_json(${text})` : `CAST(${text} AS JSON)`);
  if (type.is === 'list')
    return json === 'array'
      ? done(listOf(text, duckType, name))
      : refuse(`Repeated field must be imported as a JSON array. Field: ${name}.`);
  if (type.is === 'struct') {
    if (json !== 'object') return refuse(`Expected a JSON object for the record field ${name}.`);
    return done(`CASE WHEN ${field} IS NOT NULL THEN CAST(CAST(${text} AS JSON) AS ${duckType}) END`);
  }
  if (json === 'array') return refuse(`Array specified for non-repeated field: ${name}.`);
  if (!isText)
    return refuse(`JSON object specified for non-record field: ${name}. Cast the column to text in the query.`);
  if (type.is === 'string') return done(text);
  if (type.is === 'integer') return guarded('[+-]?[0-9]+(\\.0*)?', `CAST(${text} AS ${duckType})`);
  if (type.is === 'boolean')
    return guarded('(?i)true|false|t|f|yes|no|y|n|1|0', `lower(${text}) IN ('true', 't', 'yes', 'y', '1')`);
  if (type.is === 'float') return done(`CAST(${text} AS ${duckType})`);
  if (type.is === 'decimal') return done(wideDecimal(text, type));
  if (type.is === 'timestamp') {
    if (json === 'number') return guarded('-?[0-9]{1,11}(\\.[0-9]*)?', `to_timestamp(CAST(${text} AS DOUBLE))`);
    return json === 'string'
      ? done(`CAST(${text} AS TIMESTAMP WITH TIME ZONE)`)
      : refuse(`Could not parse a boolean as TIMESTAMP for field ${name}.`);
  }
  if (json !== 'string') return refuse(`Could not convert a JSON ${json} to ${type.is.toUpperCase()}. Field: ${name}.`);
  if (type.is === 'date') return guarded('[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}', `CAST(${text} AS DATE)`);
  // The template leaves the zone out for columns of type datetime alone, because DATETIME takes none; so a zone is refused here.
  if (type.is === 'datetime') {
    return guarded(
      '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([ T][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\\.[0-9]{1,6})?)?',
      `CAST(${text} AS TIMESTAMP)`,
    );
  }
  if (type.is === 'time') return guarded('[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(\\.[0-9]{1,6})?', `CAST(${text} AS TIME)`);
  return done(type.is === 'bytes' ? `from_base64(${text})` : `CAST(${text} AS ${duckType})`);
}

/** BigQuery has no NULL array (it reads as empty) and no NULL elements. */
function listOf(text: string, duckType: string, name: string): string {
  const list = `CAST(CAST(${text} AS JSON) AS ${duckType})`;
  const withNull = `len(list_filter(${list}, lambda x: x IS NULL)) > 0`;
  return `CASE WHEN ${text} IS NULL THEN CAST([] AS ${duckType}) WHEN ${withNull} THEN CAST(${fail(`Only optional fields can be set to NULL. Field: ${name}; Value: NULL`)} AS ${duckType}) ELSE ${list} END`;
}

/**
 * Undoes COPY's escapes where there are any. Doubled backslashes are set aside first, so that `\\\\n` stays a backslash and an n; a pair
 * cannot be met out of step, because its first half would have been met before. NUL marks them: no text of PostgreSQL can hold it, and
 * MySQL writes it as an escape. (Taking the text apart into a list instead costs twice as much.)
 */
function unescaped(field: string, escapes: boolean): string {
  if (!escapes) return field;
  const aside = `replace(${field}, '\\\\', chr(0))`;
  const replaced = Object.entries(controlCodes).reduce(
    (inner, [letter, code]) => `replace(${inner}, '\\${letter}', chr(${code}))`,
    aside,
  );
  return `CASE WHEN contains(${field}, '\\') THEN replace(${replaced}, chr(0), '\\') ELSE ${field} END`;
}

const controlCodes = { b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };
