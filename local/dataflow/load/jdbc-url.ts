// Reads the connection URL of a load: which driver it is for decides how.

import { type MysqlAddress, parseMysqlUrl } from '../mysql/url.ts';
import { type PostgresAddress, parsePostgresUrl } from '../postgres/url.ts';

export type JdbcAddress = PostgresAddress | MysqlAddress;

/**
 * Reads a JDBC URL and `connectionProperties` (`name=value;name=value`). `accepted` are the beginnings of URLs that the template's driver
 * takes, e.g. `jdbc:postgresql:`. Throws an Error that says what is wrong; the text never holds values.
 */
export function parseJdbcUrl(url: string, connectionProperties = '', accepted = allSchemes): JdbcAddress {
  const scheme = accepted.find((one) => url.startsWith(one));
  if (scheme === undefined) {
    const found = /^jdbc:[a-z]+:/.exec(url)?.[0] ?? 'no jdbc: URL';
    throw new Error(
      `No suitable driver: this template reads ${accepted.map((one) => `${one}//host:port/database`).join(' or ')} URLs here, not ${found}`,
    );
  }
  const rest = url.slice(scheme.length);
  if (scheme === 'jdbc:postgresql:') return parsePostgresUrl(rest, connectionProperties);
  return parseMysqlUrl(scheme === 'jdbc:mariadb:' ? 'mariadb' : 'mysql', rest, connectionProperties);
}

const allSchemes: readonly string[] = ['jdbc:postgresql:', 'jdbc:mysql:', 'jdbc:mariadb:'];
