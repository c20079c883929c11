// What is known of Google's provider: arguments, blocks and attributes of the resources this project uses.

import { readFileSync } from 'node:fs';
import * as z from 'zod';

export type AttributeFact = {
  readonly use: 'required' | 'optional' | 'computed';
  readonly type: 'string' | 'number' | 'bool' | 'list' | 'map';
  /** The only values its documentation allows. */
  readonly values?: readonly string[];
};

export type BlockFact = {
  readonly attributes: Readonly<Record<string, AttributeFact>>;
  readonly blocks: Readonly<Record<string, BlockFact & { readonly required: boolean; readonly many: boolean }>>;
};

type Written = { attributes: Record<string, string>; blocks?: Record<string, Written & { use: string }> | undefined };

const writtenSchema: z.ZodType<Written> = z.object({
  attributes: z.record(z.string(), z.string()),
  blocks: z
    .record(
      z.string(),
      z.lazy(() => writtenSchema.and(z.object({ use: z.string() }))),
    )
    .optional(),
});
const fileSchema = z.object({
  source: z.string().min(1),
  takenOn: z.iso.date(),
  provider: z.string(),
  version: z.string(),
  schemas: z.record(z.string(), writtenSchema),
});

/** Facts by type, data sources as `data.TYPE`; with the provider's address and version. Source and date stand in the file. */
export const providerFacts = (() => {
  const path = new URL('../fixtures/terraform/google-provider.json', import.meta.url);
  const file = fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const schemas = Object.fromEntries(Object.entries(file.schemas).map(([type, block]) => [type, blockOf(block)]));
  return { address: file.provider, version: file.version, schemas };
})();

function blockOf(written: Written): BlockFact {
  return {
    attributes: Object.fromEntries(Object.entries(written.attributes).map(([name, text]) => [name, attributeOf(text)])),
    blocks: Object.fromEntries(
      Object.entries(written.blocks ?? {}).map(([name, block]) => [
        name,
        { ...blockOf(block), required: block.use.startsWith('required'), many: block.use.endsWith('many') },
      ]),
    ),
  };
}

function attributeOf(text: string): AttributeFact {
  const [, use, type, values] =
    /^(required|optional|computed) (string|number|bool|list|map)(?:: (.+))?$/.exec(text) ?? [];
  if (use === undefined || type === undefined) throw new Error(`"${text}" is not "use type" or "use type: values"`);
  return {
    use: use as AttributeFact['use'],
    type: type as AttributeFact['type'],
    ...(values === undefined ? {} : { values: values.split(' ') }),
  };
}
