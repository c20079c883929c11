// Quotes names of tables and columns, so that no name can become SQL.

/** How a database writes quoted names and folds bare ones. */
export type NameRules = {
  readonly open: '"' | '`' | '[';
  readonly close: '"' | '`' | ']';
  /** Names that may stand bare and mean themselves. */
  readonly bare: RegExp;
  /** Words that must be quoted to be names. */
  readonly reserved: ReadonlySet<string>;
  /** Oracle stores bare names in upper case. */
  readonly foldsToUpper?: boolean;
};

/** The name in quotes, always. Throws nothing: names with control characters are refused earlier by `badName`. */
export function quoteName(rules: NameRules, name: string): string {
  const text = rules.foldsToUpper === true && rules.bare.test(name) ? name.toUpperCase() : name;
  return `${rules.open}${text.replaceAll(rules.close, rules.close + rules.close)}${rules.close}`;
}

/** The name bare where that means the same, else in quotes. */
export function plainName(rules: NameRules, name: string): string {
  return rules.bare.test(name) && !rules.reserved.has(name.toLowerCase()) ? name : quoteName(rules, name);
}

/** Why a name cannot be used at all; undefined when it can. 128 is the longest any of the databases takes (SQL Server, Oracle). */
export function badName(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.length > 128) return 'is longer than 128 characters';
  if (/[\p{Cc}\p{Cs}]/u.test(name)) return 'holds control characters';
  return undefined;
}

/**
 * The parts of `schema.table` as written in a configuration; parts may stand in double quotes, back-ticks or brackets, and then hold dots.
 * Answers a sentence when the text is not a table name. Words of SQL inside names are fine: the parts are quoted, never matched.
 */
export function parseTableName(text: string): readonly string[] | string {
  const parts: string[] = [];
  const part = /\s*(?:"((?:[^"]|"")+)"|`((?:[^`]|``)+)`|\[((?:[^\]]|\]\])+)\]|([^."`[\]\s]+))\s*(\.|$)/y;
  while (part.lastIndex < text.length || parts.length === 0) {
    const found = part.exec(text);
    if (found === null)
      return `"${printable(text)}" is not a table name: write table, or schema.table, with quotes around odd names`;
    const [, double, tick, bracket, bare, end] = found;
    const name =
      double?.replaceAll('""', '"') ?? tick?.replaceAll('``', '`') ?? bracket?.replaceAll(']]', ']') ?? bare ?? '';
    const bad = badName(name);
    if (bad !== undefined) return `a part of the table name "${printable(text)}" ${bad}`;
    parts.push(name);
    if (end === '') break;
    if (part.lastIndex >= text.length) return `the table name "${printable(text)}" ends in a dot`;
  }
  if (parts.length > 3)
    return `the table name "${printable(text)}" has ${parts.length} parts: at most database.schema.table`;
  return parts;
}

const printable = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cs}]/gu, '?').slice(0, 200);

/** PostgreSQL's reserved words, and those that cannot name a function or type (appendix C of its manual). */
const postgresWords = wordSet(
  `all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char character check
  coalesce collate collation column concurrently constraint create cross current_catalog current_date current_role current_schema current_time
  current_timestamp current_user dec decimal default deferrable desc distinct do else end except exists extract false fetch float for foreign
  freeze from full grant greatest group grouping having ilike in initially inner inout int integer intersect interval into is isnull join
  lateral leading least left like limit localtime localtimestamp national natural nchar none normalize not notnull null nullif numeric offset
  on only or order out outer overlaps overlay placing position precision primary real references returning right row select session_user setof
  similar smallint some substring symmetric system_user table tablesample then time timestamp to trailing treat trim true union unique user
  using values varchar variadic verbose when where window with`,
);

/** Reserved words of MySQL, Oracle and SQL Server that people do use as names; quoting one too many does no harm. */
const reservedWords = wordSet(
  `access add all alter analyse analyze and any array as asc asymmetric audit authorization between bigint binary both by call cascade case
  cast change char check cluster collate collation column comment compress condition connect constraint continue convert create cross
  current current_date current_role current_time current_timestamp current_user cursor database databases date day default deferrable delete
  desc describe deterministic distinct div do double drop dual each else elseif end escape except exclusive exec execute exists exit explain
  external false fetch file float for foreign freeze from full function generated grant group groups having high_priority identified identity
  if ignore ilike immediate in increment index infile initial initially inner insert int integer intersect interval into is isnull iterate
  join key keys kill lag lateral lead leading leave left level like limit lines load localtime localtimestamp lock long loop match maxextents
  merge minus mlslabel mod mode modify natural noaudit nocompress not notnull nowait null number numeric of offline offset on online only open
  option or order out outer over overlaps package partition placing plan precision primary prior privileges proc procedure public purge range
  rank raw read reads real recursive references regexp release rename repeat replace require resource restrict return returning revoke right
  rlike row row_number rowid rownum rows rule schema schemas select session session_user set share show signal similar size smallint some
  spatial sql ssl start starting statistics stored successful symmetric synonym sysdate system table tablesample terminated then to top
  trailing tran transaction trigger trim true truncate uid undo union unique unlock unsigned update usage use user using validate values
  varchar varchar2 variadic varying verbose view virtual when whenever where while window with within write xor zerofill`,
);

export const nameRules = {
  postgres: { open: '"', close: '"', bare: /^[a-z_][a-z0-9_]*$/, reserved: postgresWords },
  mysql: { open: '`', close: '`', bare: /^[A-Za-z_][A-Za-z0-9_]*$/, reserved: reservedWords },
  oracle: { open: '"', close: '"', bare: /^[A-Za-z][A-Za-z0-9_]*$/, reserved: reservedWords, foldsToUpper: true },
  sqlserver: { open: '[', close: ']', bare: /^[A-Za-z_][A-Za-z0-9_]*$/, reserved: reservedWords },
  ansi: { open: '"', close: '"', bare: /^[A-Za-z_][A-Za-z0-9_]*$/, reserved: reservedWords },
} as const satisfies Record<string, NameRules>;

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(/\s+/));
}
