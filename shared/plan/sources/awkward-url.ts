// Rewrites JDBC URLs that the template's URL pattern refuses: IPv6 hosts and escaped options move to where they are accepted.

import { wholeMatch } from './whole-match.ts';

export type AcceptableUrl = {
  readonly url: string;
  /** Options that left the URL; they travel as connectionProperties. */
  readonly properties: Readonly<Record<string, string>>;
};

/** The templates' own rule for connectionURL, plain branch (templates.json), applied to the whole value: the stricter of two readings. */
export const urlRule = '^jdbc:[a-zA-Z0-9/:@.?_+!*=&-;]+$';

/**
 * The same connection in a form the rule accepts as far as that is possible: `//[::1]:5432/db` of PostgreSQL becomes PGHOST and PGPORT, of
 * MySQL `address=(host=…)`; options of the query part that need escaping become properties with their plain value. An acceptable URL comes
 * back as it is.
 */
export function acceptableUrl(url: string): AcceptableUrl {
  if (wholeMatch(urlRule, url)) return { url, properties: {} };
  const properties: Record<string, string> = {};
  const [base = '', query] = splitOnce(moveHost(url, properties), '?');
  if (query === undefined) return { url: base, properties };
  const kept = query.split('&').filter((option) => {
    if (wholeMatch(urlRule, `jdbc:${option}`)) return true;
    const [name = '', value] = splitOnce(option, '=');
    const plain = value === undefined ? undefined : decoded(value);
    if (plain === undefined || name === '') return true;
    properties[name] = plain;
    return false;
  });
  return { url: kept.length === 0 ? base : `${base}?${kept.join('&')}`, properties };
}

function moveHost(url: string, properties: Record<string, string>): string {
  const parts = /^jdbc:(postgresql|mysql|mariadb):\/\/\[([0-9A-Fa-f:.]+)\](?::(\d+))?\/([^?]*)(\?.*)?$/.exec(url);
  if (parts === null) return url;
  const [, scheme, host = '', port, database, query = ''] = parts;
  if (scheme !== 'postgresql') {
    return `jdbc:${scheme}://address=(host=${host})(port=${port ?? 3306})/${database}${query}`;
  }
  properties.PGHOST = host;
  properties.PGPORT = port ?? '5432';
  return `jdbc:postgresql:${database}${query}`;
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
