// Translates what database drivers throw: network, credentials, missing database, everything else. Never with a secret.

import { EngineError, type ErrorCode } from '../base/errors.ts';
import type { SourceAddress } from './source-address.ts';

/** SQLSTATE classes of PostgreSQL and error numbers of MySQL that mean "these credentials will not do". */
const refusedCredentials = new Set([
  '28000',
  '28P01',
  '42501',
  'ER_ACCESS_DENIED_ERROR',
  'ER_DBACCESS_DENIED_ERROR',
  'ER_TABLEACCESS_DENIED_ERROR',
]);
const missingDatabase = new Set(['3D000', 'ER_BAD_DB_ERROR']);
const networkTexts: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused: is the database running there, and does a firewall let this host in?',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name could not be looked up',
  ETIMEDOUT: 'no answer: is there a network path from here?',
  EHOSTUNREACH: 'there is no network path to the host',
  ECONNRESET: 'the connection was cut',
};

/** The EngineError of a driver's error, naming user, host, port and database. */
export function translateDriverError(address: SourceAddress, error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const code = codeOf(error);
  const place = `${address.host}:${address.port}`;
  if (refusedCredentials.has(code)) {
    return failure(
      'PERMISSION_DENIED',
      `${place} refused user "${address.user ?? ''}" for database "${address.database}"; check username, password and grants`,
      error,
    );
  }
  if (missingDatabase.has(code)) return failure('NOT_FOUND', `${place} has no database "${address.database}"`, error);
  const network = networkTexts[code];
  if (network !== undefined) return failure('UNAVAILABLE', `cannot connect to ${place}: ${network}`, error);
  const text = error instanceof Error ? error.message : String(error);
  return failure(
    'UNAVAILABLE',
    `the catalogue of ${place}/${address.database} could not be read: ${withoutPassword(text, address)}`,
    error,
  );
}

function failure(code: ErrorCode, message: string, cause: unknown): EngineError {
  return new EngineError(code, message, { cause });
}

/** Node wraps the errors of several addresses (IPv4, IPv6) in an AggregateError without a code of its own. */
function codeOf(error: unknown): string {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  return typeof first === 'object' && first !== null && 'code' in first ? String(first.code) : '';
}

function withoutPassword(text: string, { password }: SourceAddress): string {
  return password === undefined || password === '' ? text : text.replaceAll(password, '***');
}
