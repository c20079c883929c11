// Cuts the facts of test/fixtures/terraform out of what `terraform providers schema -json` prints.

import * as z from 'zod';

const attributeSchema = z.object({
  type: z.unknown(),
  description: z.string().optional(),
  required: z.boolean().optional(),
  optional: z.boolean().optional(),
});
type Attribute = z.output<typeof attributeSchema>;
type Block = {
  attributes?: Record<string, Attribute> | undefined;
  block_types?:
    | Record<
        string,
        { block: Block; nesting_mode: string; min_items?: number | undefined; max_items?: number | undefined }
      >
    | undefined;
};
const blockSchema: z.ZodType<Block> = z.object({
  attributes: z.record(z.string(), attributeSchema).optional(),
  block_types: z
    .record(
      z.string(),
      z.object({
        block: z.lazy(() => blockSchema),
        nesting_mode: z.string(),
        min_items: z.number().optional(),
        max_items: z.number().optional(),
      }),
    )
    .optional(),
});
const providerSchema = z.object({
  resource_schemas: z.record(z.string(), z.object({ block: blockSchema })),
  data_source_schemas: z.record(z.string(), z.object({ block: blockSchema })),
});
export const schemasSchema = z.object({ provider_schemas: z.record(z.string(), providerSchema) });

/** The `schemas` of the facts file for `types` (data sources as `data.TYPE`). Throws for a type the provider does not have. */
export function factsOfSchema(printed: unknown, provider: string, types: readonly string[]): Record<string, object> {
  const own = schemasSchema.parse(printed).provider_schemas[provider];
  return Object.fromEntries(
    types.map((type) => {
      const name = type.replace(/^data\./, '');
      const found = (name === type ? own?.resource_schemas : own?.data_source_schemas)?.[name];
      if (found === undefined) throw new Error(`${provider} has no ${type}`);
      return [type, factOf(found.block)];
    }),
  );
}

function factOf({ attributes = {}, block_types: blocks = {} }: Block): object {
  return {
    attributes: mapped(attributes, attributeText),
    ...(Object.keys(blocks).length === 0
      ? {}
      : {
          blocks: mapped(blocks, ({ block, nesting_mode: nesting, min_items: least = 0, max_items: most = 0 }) => ({
            use: `${least > 0 ? 'required' : 'optional'} ${most === 1 || nesting === 'single' ? 'one' : 'many'}`,
            ...factOf(block),
          })),
        }),
  };
}

/** "use type", or "use type: values" where the description names the only ones. */
function attributeText({ type, description = '', required, optional }: Attribute): string {
  const use = required === true ? 'required' : optional === true ? 'optional' : 'computed';
  const kind = Array.isArray(type) ? (type[0] === 'map' ? 'map' : 'list') : String(type);
  const values = /Possible values: \[([^\]]*)\]/.exec(description)?.[1]?.matchAll(/"([^"]*)"/g);
  return `${use} ${kind}${values === undefined ? '' : `: ${[...values].map(([, value]) => value).join(' ')}`}`;
}

function mapped<T, R>(record: Readonly<Record<string, T>>, by: (value: T) => R): Record<string, R> {
  const entries = Object.entries(record).map(([name, value]) => [name, by(value)] as const);
  return Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)));
}
