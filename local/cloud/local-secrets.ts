// The Secret Manager of the local cloud: a secret is an environment variable, or the password of the local source.

import { EngineError } from '../../shared/base/errors.ts';

/** `secret://local/NAME` as configurations write it, and the version path it becomes in a launch request. */
const forms = [/^secret:\/\/local\/([A-Za-z0-9_]+)$/, /^projects\/local\/secrets\/([A-Za-z0-9_]+)\/versions\/latest$/];

export type LocalSecrets = {
  /** Undefined: there is no such secret here. */
  lookUp(path: string): string | undefined;
  /** Throws EngineError NOT_FOUND naming the path, never a value. */
  resolve(path: string): Promise<string>;
};

/** Secrets by name. */
export function localSecrets(values: Readonly<Record<string, string | undefined>>): LocalSecrets {
  const lookUp = (path: string): string | undefined => {
    const name = forms.map((form) => form.exec(path)?.[1]).find((found) => found !== undefined);
    return name !== undefined && Object.hasOwn(values, name) ? values[name] : undefined;
  };
  return {
    lookUp,
    async resolve(path) {
      const value = lookUp(path);
      if (value !== undefined) return value;
      const help = 'on the local cloud write secret://local/NAME and set the environment variable NAME';
      throw new EngineError('NOT_FOUND', `there is no secret ${path}: ${help}`);
    },
  };
}
