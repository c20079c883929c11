// Decides what may travel as a credential: Secret Manager version paths, never a plain secret.

import type { Violation } from '../base/errors.ts';

export type Place = 'LOCAL' | 'DATAFLOW';

const versionPath = /^projects\/[^/\s]+\/secrets\/[^/\s]+\/versions\/[^/\s]+$/;
const localPath = /^secret:\/\/local\/([A-Za-z0-9_]+)$/;

/** True for `projects/P/secrets/S/versions/V` and for `secret://local/NAME`. */
export const isSecretPath = (value: string): boolean => versionPath.test(value) || localPath.test(value);

/**
 * The form of a credential as it travels in a launch request. Version paths pass as they are; `secret://local/NAME` becomes
 * `projects/local/secrets/NAME/versions/latest`, which only the local Dataflow resolves (from its environment), and is refused elsewhere.
 * `plain`: whether a plain value is allowed (user names are, passwords are not).
 */
export function credential(
  value: string,
  options: { readonly place: Place; readonly path: string; readonly name: string; readonly plain: boolean },
): { readonly ok: true; readonly value: string } | { readonly ok: false; readonly violation: Violation } {
  const local = localPath.exec(value);
  if (local !== null) {
    if (options.place === 'LOCAL') return { ok: true, value: `projects/local/secrets/${local[1]}/versions/latest` };
    const message = `${options.name}: secret://local resolves on the local cloud only; on Dataflow name a Secret Manager version path (projects/P/secrets/S/versions/V)`;
    return { ok: false, violation: { code: 'LOCAL_SECRET', path: options.path, message } };
  }
  if (options.plain || versionPath.test(value)) return { ok: true, value };
  return { ok: false, violation: plainSecret(options.path, options.name) };
}

/** The refusal of a plain secret. It never quotes the value. */
export function plainSecret(path: string, name: string): Violation {
  return {
    code: 'PLAIN_SECRET',
    path,
    message: `${name} holds a plain secret, which would travel in job parameters and logs; store it in Secret Manager and write its version path (projects/P/secrets/S/versions/V), or secret://local/NAME on the local cloud`,
  };
}

/** True when an option of that name holds a secret: password, sslpassword, trustStorePassword, apiKey, token, … */
export function isSecretName(name: string): boolean {
  return /pass(?:word|wd|phrase|code)?$|passw|pwd|secret|token|credential|api[_-]?key|private[_-]?key|access[_-]?key/i.test(
    name,
  );
}

/** True when a named option holds a plain secret, by its name or inside its value. */
export const optionHoldsSecret = (name: string, value: string): boolean =>
  isSecretName(name) ? value !== '' && !isSecretPath(value) : textHoldsSecret(value);

/** `password: x`, `"dbPassword": "x"`, `pwd=x` in YAML, JSON or options; a Jinja variable in its place is none. */
const assignment = /(?:password|passwd|passphrase|pwd)["']?\s*[:=]\s*["']?([^\s"',;&}]+)/gi;

/** True when free text (a parameter, an option) holds a password: a URL with one, or an assignment to one that is no secret path. */
function textHoldsSecret(text: string): boolean {
  if (text.includes('://') && urlHoldsSecret(text)) return true;
  return [...text.matchAll(assignment)].some(([, value = '']) => !isSecretPath(value) && !value.startsWith('{{'));
}

/** True when a JDBC URL carries a password: a `password=` option, `user:password@host`, or Oracle's `thin:user/password@`. */
export function urlHoldsSecret(url: string): boolean {
  return holdsSecret(url) || (url.includes('%') && holdsSecret(unescaped(url)));
}

function unescaped(url: string): string {
  return url.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function holdsSecret(url: string): boolean {
  const options = [...url.matchAll(/[?&;(,]\s*([A-Za-z_][\w.-]*)\s*=/g)];
  if (options.some((option) => isSecretName(option[1] ?? ''))) return true;
  return /\/\/[^/@?;]*:[^/@?;]*@/.test(url) || /:thin:[^@/]+\/[^@]+@/.test(url);
}
