// Writes typed SQL literals from configuration text: a value that is not plainly of its type is refused, never passed on.

import type { ColumnKind } from './dialect.ts';

export type Literal = { readonly ok: true; readonly sql: string } | { readonly ok: false; readonly message: string };

export type LiteralRules = {
  /** Backslash is an escape character inside quotes (MySQL). */
  readonly backslashEscapes: boolean;
  readonly date: (text: string) => string;
  readonly timestamp: (text: string) => string;
  /** `utc` is the instant in UTC without an offset, `yyyy-MM-dd HH:mm:ss[.ffffff]`. */
  readonly timestamptz: (utc: string) => string;
};

const datePattern = /^\d{4}-\d{2}-\d{2}$/;
const timestampPattern = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})?$/;

/**
 * `text` as a literal of a column of `kind`. Numbers must be plain decimal numbers, dates and timestamps ISO 8601 (timestamps for columns
 * with a zone need an offset or Z; columns without one refuse it); anything else becomes a quoted text without control characters.
 */
export function typedLiteral(rules: LiteralRules, kind: ColumnKind, text: string): Literal {
  switch (kind) {
    case 'integer':
      return /^-?\d{1,38}$/.test(text) ? sql(text) : refuse(text, 'a whole number');
    case 'decimal':
    case 'float':
      return /^-?\d{1,38}(\.\d{1,38})?$/.test(text) ? sql(text) : refuse(text, 'a decimal number');
    case 'date':
      return datePattern.test(text) && isDate(text) ? sql(rules.date(text)) : refuse(text, 'a date, yyyy-MM-dd');
    case 'timestamp':
    case 'timestamptz':
      return instant(rules, kind, text);
    case 'text':
    case 'other':
      return quoted(rules, text);
  }
}

/** The kind a text looks like, when no catalogue says what the column is. */
export function kindOfText(text: string): ColumnKind {
  if (/^-?\d{1,38}$/.test(text)) return 'integer';
  if (/^-?\d{1,38}\.\d{1,38}$/.test(text)) return 'decimal';
  if (datePattern.test(text)) return 'date';
  const parts = timestampPattern.exec(text);
  if (parts !== null) return parts[4] === undefined ? 'timestamp' : 'timestamptz';
  return 'text';
}

function instant(rules: LiteralRules, kind: 'timestamp' | 'timestamptz', text: string): Literal {
  const zoned = kind === 'timestamptz';
  const full = datePattern.test(text) ? `${text} 00:00:00${zoned ? 'Z' : ''}` : text;
  const parts = timestampPattern.exec(full);
  const [, date = '', time = '', fraction = '', offset] = parts ?? [];
  if (parts === null || !isDate(date) || !isTime(time) || (offset !== undefined) !== zoned) {
    const example = zoned ? '2024-05-01T00:00:00Z, with an offset' : '2024-05-01T00:00:00, without an offset';
    return refuse(text, `a timestamp such as ${example}`);
  }
  if (!zoned) return sql(rules.timestamp(`${date} ${time}${fraction}`));
  const millis = Date.parse(`${date}T${time}${offset ?? ''}`);
  if (Number.isNaN(millis)) return refuse(text, 'a timestamp: its offset is none');
  const iso = new Date(millis).toISOString();
  if (!/^\d{4}-/.test(iso)) return refuse(text, 'a timestamp of the years 0000 to 9999 in UTC');
  const utc = iso.slice(0, 19).replace('T', ' ');
  return sql(rules.timestamptz(`${utc}${fraction}`));
}

function isDate(text: string): boolean {
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

function isTime(text: string): boolean {
  const [hours = 99, minutes = 99, seconds = 99] = text.split(':').map(Number);
  return hours < 24 && minutes < 60 && seconds < 60;
}

function quoted(rules: LiteralRules, text: string): Literal {
  if (/[\p{Cc}\p{Cs}]/u.test(text)) return refuse('', 'a text without control characters');
  if (text.includes('\\') && !rules.backslashEscapes) {
    return {
      ok: false,
      message: 'a backslash is read differently depending on the session: not accepted in a watermark',
    };
  }
  const escaped = text.replaceAll("'", "''");
  return sql(`'${rules.backslashEscapes ? escaped.replaceAll('\\', '\\\\') : escaped}'`);
}

const sql = (text: string): Literal => ({ ok: true, sql: text });

function refuse(text: string, expected: string): Literal {
  const shown = text === '' ? 'the value' : `"${text.replaceAll(/[\p{Cc}\p{Cs}]/gu, '?').slice(0, 80)}"`;
  return { ok: false, message: `${shown} is not ${expected}` };
}
