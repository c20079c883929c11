// Tells how the template would render each MySQL column, and in which form its values come: the driver's rules decide.
//
// Source: NativeProtocol.findMysqlType and ResultSetImpl.getObject of Connector/J 8.0.30, which the templates bundle; for jdbc:mariadb: the
// columns of MariaDB Connector/J 3.5, which differs for DATETIME (java.sql.Timestamp) and in the name of an expression.

import { type ColumnValue, fileTypeOf, type SourceColumn } from '../load/source-reader.ts';
import type { MysqlAddress } from './url.ts';
import { type WireForm, wire } from './wire.ts';

/** A column as the server describes it in the metadata of a result. */
export type MysqlField = {
  /** Its alias. */
  readonly name: string;
  /** Its name in the table; empty for an expression. */
  readonly orgName: string;
  readonly columnType: number;
  readonly flags: number;
  /** Number of the collation; 63 is binary. */
  readonly characterSet: number;
  readonly columnLength: number;
  readonly decimals: number;
};

export type ReadingRules = Pick<MysqlAddress, 'driver' | 'tinyInt1isBit' | 'yearIsDateType'> & {
  /** The template's parameter: columns are named by their aliases. */
  readonly useColumnAlias: boolean;
};

/** The column, and the form of its values in the binary protocol. */
export function mysqlColumn(field: MysqlField, rules: ReadingRules): { column: SourceColumn; form: WireForm } {
  const [typeName, value, form] = typeOf(field, rules);
  return { column: { name: nameOf(field, rules), value, typeName }, form };
}

/** Connector/J leaves an expression without a name unless aliases are asked for; the load could not match it with any field. */
function nameOf({ name, orgName }: MysqlField, { driver, useColumnAlias }: ReadingRules): string {
  if (useColumnAlias) return name;
  if (orgName !== '') return orgName;
  if (driver === 'mariadb') return name;
  throw new Error(
    `the expression "${name}" has no column name, only an alias: Connector/J leaves it without a name; set useColumnAlias to true`,
  );
}

const unsignedFlag = 32;
const binaryFlag = 128;
const binaryCollation = 63;

type Type = readonly [typeName: string, value: ColumnValue, form: WireForm];

function typeOf(field: MysqlField, rules: ReadingRules): Type {
  const unsigned = (field.flags & unsignedFlag) !== 0;
  const { columnLength } = field;
  switch (field.columnType) {
    case 0:
    case 246:
      return decimalType(field, unsigned);
    case 1:
      if (!unsigned && columnLength === 1 && rules.tinyInt1isBit) return ['BIT', { kind: 'boolean' }, wire.tinyBoolean];
      return integer('TINYINT', unsigned, unsigned ? wire.utiny : wire.tiny);
    case 2:
      return integer('SMALLINT', unsigned, unsigned ? wire.ushort : wire.short);
    case 3:
      return integer('INT', unsigned, unsigned ? wire.ulong : wire.long);
    case 9:
      return integer('MEDIUMINT', unsigned, wire.long);
    case 8:
      return unsigned
        ? ['BIGINT UNSIGNED', { kind: 'integer', unsigned }, wire.longlong]
        : ['BIGINT', { kind: 'integer' }, wire.longlong];
    case 4:
      return ['FLOAT', { kind: 'float' }, wire.float];
    case 5:
      return ['DOUBLE', { kind: 'float' }, wire.double];
    case 7:
    case 17:
      return ['TIMESTAMP', { kind: 'timestamp' }, wire.datetime];
    case 10:
    case 14:
      return ['DATE', { kind: 'date' }, wire.date];
    case 11:
    case 19:
      return ['TIME', { kind: 'time' }, rules.driver === 'mysql' ? wire.time : wire.wrappedTime];
    case 12:
    case 18:
      return ['DATETIME', { kind: rules.driver === 'mysql' ? 'datetime' : 'timestamp' }, wire.datetime];
    case 13:
      // A java.sql.Date under a type name that no rule of the template names becomes its epoch milliseconds.
      if (rules.yearIsDateType) return ['YEAR', { kind: 'instant' }, wire.year];
      return ['YEAR', { kind: 'integer' }, wire.ushort];
    case 16:
      if (columnLength === 1) return ['BIT', { kind: 'boolean' }, wire.bitBoolean];
      return ['BIT', { kind: 'bytes' }, wire.bytes];
    case 255:
      return ['GEOMETRY', { kind: 'bytes' }, wire.bytes];
    case 249:
    case 250:
    case 251:
    case 252:
      return isBinary(field) ? ['BLOB', { kind: 'bytes' }, wire.bytes] : ['TEXT', { kind: 'string' }, wire.bytes];
    case 15:
    case 253:
    case 254:
      return isBinary(field) ? ['BINARY', { kind: 'bytes' }, wire.bytes] : ['VARCHAR', { kind: 'string' }, wire.bytes];
    default:
      return [field.columnType === 245 ? 'JSON' : 'UNKNOWN', { kind: 'string' }, wire.bytes];
  }
}

function integer(name: string, unsigned: boolean, form: WireForm): Type {
  return [unsigned ? `${name} UNSIGNED` : name, { kind: 'integer' }, form];
}

/** The declared length counts the sign and the point. */
function decimalType({ columnLength, decimals }: MysqlField, unsigned: boolean): Type {
  const precision = columnLength - (unsigned ? 0 : 1) - (decimals > 0 ? 1 : 0);
  const value: ColumnValue = { kind: 'decimal', precision, scale: decimals };
  return ['DECIMAL', value, fileTypeOf(value).is === 'DECIMAL' ? wire.decimal : wire.digits];
}

function isBinary({ flags, characterSet }: MysqlField): boolean {
  return (flags & binaryFlag) !== 0 && characterSet === binaryCollation;
}
