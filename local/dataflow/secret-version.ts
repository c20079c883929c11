// Recognises Secret Manager version paths in template parameters, and fetches what they stand for.

/** The templates' own test: the whole value matches (SecretManagerUtils of the templates). */
export function isSecretVersion(value: string): boolean {
  return /^projects\/.*\/secrets\/.*\/versions\/.*$/.test(value);
}

export type ResolveSecret = (versionPath: string) => string | undefined | Promise<string | undefined>;

/**
 * The payload of a secret version, or the value itself if it is no version path. The payload is used as it is: a trailing newline
 * stays. Throws if the secret does not exist; the message names the path, never a payload.
 */
export async function resolveParameter(value: string, resolveSecret: ResolveSecret | undefined): Promise<string> {
  if (!isSecretVersion(value)) return value;
  const payload = await resolveSecret?.(value);
  if (payload === undefined) throw new Error(`Secret [${value}] not found or has no versions.`);
  return payload;
}
