// Decides what `${VAR}`, `${VAR:default}` and `$${` mean inside one text value of a configuration.

/** Values variables may take. The edge (functions/wire.ts, local/) gives them; nothing here reads the environment. */
export type Variables = Readonly<Record<string, string | undefined>>;

export type Expansion = {
  readonly text: string;
  /** True when at least one variable was replaced: such a value must not be quoted in messages, it may be a secret. */
  readonly expanded: boolean;
  readonly problems: readonly string[];
};

const reference = /\$\$\{|\$\{([^}]*)\}|\$\{/g;
const body = /^([A-Za-z_][A-Za-z0-9_]*)(?::([\s\S]*))?$/;

/**
 * Expands every reference in `text`. `${VAR}` without a value is a problem that names the variable; `${VAR:default}` takes the default
 * only when the variable is not set (an empty value counts as set); `$${` stands for a literal `${`. Values are inserted after the YAML
 * was parsed, so quotes, colons and newlines in them cannot change the document.
 */
export function expandVariables(text: string, variables: Variables): Expansion {
  if (!text.includes('${')) return { text, expanded: false, problems: [] };
  const problems: string[] = [];
  let expanded = false;
  const result = text.replace(reference, (match: string, inner: string | undefined) => {
    if (match === '$${') return '${';
    const parts = inner === undefined ? null : body.exec(inner);
    if (parts === null) {
      problems.push(
        `${match} is not a variable reference: write \${NAME}, \${NAME:default}, or $\${ for a literal dollar brace`,
      );
      return match;
    }
    const [, name = '', fallback] = parts;
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined && fallback === undefined) {
      problems.push(`variable ${name} is not set and has no default: set it, or write \${${name}:default}`);
      return match;
    }
    expanded = true;
    return value ?? fallback ?? '';
  });
  return { text: result, expanded, problems };
}
