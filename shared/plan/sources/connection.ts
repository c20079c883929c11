// Builds what the template is told about a database: JDBC URL, driver properties, credentials - all in forms the template accepts.

import type { Violation } from '../../base/errors.ts';
import type { Source } from '../../schema/load-config.ts';
import {
  credential,
  isSecretName,
  isSecretPath,
  optionHoldsSecret,
  type Place,
  plainSecret,
  urlHoldsSecret,
} from '../secrets.ts';
import { acceptableUrl, urlRule } from './awkward-url.ts';
import { wholeMatch } from './whole-match.ts';

/** The parts of a connection that differ between databases: the URL, and driver properties that do not fit into it. */
export type Address =
  | { readonly ok: true; readonly url: string; readonly properties?: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly path: string; readonly message: string };

export type Connection = {
  readonly parameters: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
  readonly violations: readonly Violation[];
};

/** The templates' own rule for connectionProperties (templates.json), applied to the whole value. */
const propertiesRule = '^[a-zA-Z0-9_;!*&=@#-:\\/]+$';

/**
 * connectionURL, connectionProperties, username, password and KMSEncryptionKey of a source. `address` builds the URL from host, database
 * and TLS. Driver properties travel in connectionProperties; a value that rule refuses goes into the URL, and what neither takes is refused.
 */
export function connectionOf(
  source: Source,
  options: {
    readonly at: string;
    readonly place: Place;
    readonly address: (source: Source) => Address;
    readonly urlTakesSecret: boolean;
  },
): Connection {
  const { at, place } = options;
  const violations: Violation[] = [];
  const warnings: string[] = [];
  const parameters: Record<string, string> = {};
  const address: Address =
    source.jdbcUrl === undefined ? options.address(source) : { ok: true, ...givenUrl(source, source.jdbcUrl) };
  if (!address.ok) {
    violations.push({ code: 'CONNECTION', path: `${at}${address.path}`, message: address.message });
  } else {
    const url = checkedUrl(address.url, source, options, warnings, violations);
    if (url !== undefined) parameters.connectionURL = url;
  }
  const properties = { ...(address.ok ? address.properties : {}), ...source.properties };
  const text = propertiesText(properties, at, violations);
  if (text !== undefined) parameters.connectionProperties = text;
  for (const name of ['username', 'password'] as const) {
    const value = source[name];
    if (value === undefined) continue;
    const checked = credential(value, { place, path: `${at}/${name}`, name, plain: name === 'username' });
    if (checked.ok) parameters[name] = checked.value;
    else violations.push(checked.violation);
  }
  if (source.kmsKeyName !== undefined) {
    parameters.KMSEncryptionKey = source.kmsKeyName;
    violations.push(...kmsViolations(source, at));
  }
  return { parameters, warnings, violations };
}

/** A secret path, ciphertext, or a URL that holds a plain secret is judged as it stands; any other URL may be rewritten first. */
function givenUrl(source: Source, url: string) {
  const asIs = isSecretPath(url) || urlHoldsSecret(url) || source.kmsKeyName !== undefined || !url.startsWith('jdbc:');
  return asIs ? { url, properties: {} } : acceptableUrl(url);
}

function checkedUrl(
  url: string,
  source: Source,
  options: { readonly at: string; readonly place: Place; readonly urlTakesSecret: boolean },
  warnings: string[],
  violations: Violation[],
): string | undefined {
  const path = source.jdbcUrl === undefined ? options.at : `${options.at}/jdbcUrl`;
  if (isSecretPath(url)) {
    const checked = credential(url, { place: options.place, path, name: 'jdbcUrl', plain: false });
    if (!checked.ok) {
      violations.push(checked.violation);
      return undefined;
    }
    if (!options.urlTakesSecret) {
      warnings.push(
        'jdbcUrl is a secret path: the template resolves it, but its published pattern does not name that form and may refuse it',
      );
    }
    return checked.value;
  }
  if (urlHoldsSecret(url)) {
    violations.push(plainSecret(path, 'jdbcUrl'));
    return undefined;
  }
  if (source.kmsKeyName !== undefined) return url;
  if (!wholeMatch(urlRule, url)) {
    const odd = [...new Set(url.replaceAll(/[a-zA-Z0-9/:@.?_+!*=&-;]/g, ''))].join(' ');
    const what = url.startsWith('jdbc:') ? `these characters: ${odd}` : 'a URL that does not begin with jdbc:';
    const message = `the template's pattern for connectionURL refuses ${what}; move such options into properties, where they travel as connectionProperties`;
    violations.push({ code: 'CONNECTION', path, message });
    return undefined;
  }
  return url;
}

function propertiesText(
  properties: Readonly<Record<string, string>>,
  at: string,
  violations: Violation[],
): string | undefined {
  const pairs: string[] = [];
  for (const [key, value] of Object.entries(properties)) {
    const path = `${at}/properties/${key}`;
    if (isSecretName(key) || optionHoldsSecret(key, value)) {
      violations.push(plainSecret(path, `property ${key}`));
    } else if (/^(user|username)$/i.test(key)) {
      violations.push({ code: 'CONFLICT', path, message: `property ${key}: set the source's username instead` });
    } else if (
      key.includes(';') ||
      key.includes('=') ||
      value.includes(';') ||
      !wholeMatch(propertiesRule, `${key}=${value}`)
    ) {
      const message = `property ${key} holds characters that the template's pattern for connectionProperties refuses (spaces, ?, brackets, quotes, semicolons): write its value without them`;
      violations.push({ code: 'CONNECTION', path, message });
    } else {
      pairs.push(`${key}=${value}`);
    }
  }
  return pairs.length === 0 ? undefined : pairs.join(';');
}

function kmsViolations(source: Source, at: string): Violation[] {
  const plain = source.jdbcUrl === undefined || source.jdbcUrl.startsWith('jdbc:');
  if (!plain && source.username !== undefined && source.password !== undefined) return [];
  const message =
    'with kmsKeyName the template decrypts jdbcUrl, username and password: all three must be set, and hold (or be secret paths to) base64 KMS ciphertext';
  return [{ code: 'CONNECTION', path: `${at}/kmsKeyName`, message }];
}
