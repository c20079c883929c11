// Puts the errors of MySQL into the words of its driver, and tells which of them may pass.

import { SourceError } from '../load/source-reader.ts';

/** The SourceError of whatever a query threw. */
export function mysqlError(what: string, error: unknown): SourceError {
  if (error instanceof SourceError) return error;
  const { sqlState, message, code, errno } = describe(error);
  if (isLinkFailure(code, message))
    return new SourceError(`${what}: ${linkException}: ${linkFailure} (${message})`, true);
  const exception = errno === 0 ? 'java.sql.SQLException' : exceptionOf(sqlState);
  return new SourceError(`${what}: ${exception}: ${message}`, isTransient(error));
}

/** The error of a connection that could not be made, as the templates' pool tells it. */
export function mysqlPoolError(error: unknown, places: string): SourceError {
  const { message, errno } = describe(error);
  const rejected = `Data source rejected establishment of connection,  message from server: "${message}"`;
  const text = errno === 0 ? linkFailure : errno === tooManyConnections ? rejected : message;
  const cause = errno === 0 ? `${message} (${places})` : message;
  return new SourceError(
    `org.apache.beam.sdk.util.UserCodeException: java.sql.SQLException: Cannot create PoolableConnectionFactory (${text}) Caused by: ${cause}`,
    isTransient(error),
  );
}

/** Said before the handshake: no place for this client. */
const tooManyConnections = 1040;

/**
 * Server error numbers. 1203, 1226: too many connections of a user. 1053, 1077, 1079: shutdown. 1158 to 1161: the network. 1184: connection aborted. 1205, 1213: waited too long for a lock, deadlock. 1317, 1927: somebody
 * killed the query, or the connection. 4031: cut for being idle.
 */
const passing = new Set([
  tooManyConnections,
  1203,
  1226,
  1053,
  1077,
  1079,
  1158,
  1159,
  1160,
  1161,
  1184,
  1205,
  1213,
  1317,
  1927,
  4031,
]);

function isTransient(error: unknown): boolean {
  const { code, errno, message } = describe(error);
  return passing.has(errno) || code === 'ETIMEDOUT' || isLinkFailure(code, message);
}

/** The connection was there and is gone. */
function isLinkFailure(code: string, message: string): boolean {
  return /^(ECONNRESET|EPIPE|PROTOCOL_CONNECTION_LOST)$/.test(code) || /in closed state/.test(message);
}

const linkException = 'com.mysql.cj.jdbc.exceptions.CommunicationsException';
const linkFailure =
  'Communications link failure The last packet sent successfully to the server was 0 milliseconds ago. The driver has not received any packets from the server.';

/** By the class of the SQL state, as SQLError of Connector/J has it. */
function exceptionOf(sqlState: string): string {
  if (sqlState.startsWith('42')) return 'java.sql.SQLSyntaxErrorException';
  if (sqlState.startsWith('22')) return 'com.mysql.cj.jdbc.exceptions.MysqlDataTruncation';
  if (sqlState.startsWith('40')) return 'com.mysql.cj.jdbc.exceptions.MySQLTransactionRollbackException';
  return 'java.sql.SQLException';
}

type Described = { readonly code: string; readonly errno: number; readonly sqlState: string; readonly message: string };

/** `errno` is the server's number of the error, 0 where the server did not speak: system errors are negative. */
function describe(error: unknown): Described {
  const { code, errno, sqlState, message, errors } = (error ?? {}) as Partial<Record<string, unknown>>;
  if (Array.isArray(errors) && errors[0] !== undefined) return describe(errors[0]);
  return {
    code: String(code ?? ''),
    errno: typeof errno === 'number' && errno > 0 ? errno : 0,
    sqlState: String(sqlState ?? ''),
    message: String(message ?? error),
  };
}
