// Answers which keys a zod schema knows at a path, so that an unknown key can be answered with the one that was meant.

import type * as z from 'zod';

type Definition = {
  readonly type: string;
  readonly innerType?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
};

/** The keys an object schema accepts at `path`, or none when there is no object schema there. */
export function keysOfSchema(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  let current: z.core.$ZodType | undefined = schema;
  for (const step of path) {
    const definition: Definition | undefined = definitionOf(current);
    if (definition?.type === 'object') current = definition.shape?.[String(step)];
    else if (definition?.type === 'record') current = definition.valueType;
    else if (definition?.type === 'array') current = definition.element;
    else return [];
  }
  return Object.keys(definitionOf(current)?.shape ?? {});
}

/** The definition behind optional, default, prefault and pipe wrappers. */
function definitionOf(schema: z.core.$ZodType | undefined): Definition | undefined {
  let definition = schema?._zod.def as Definition | undefined;
  while (definition?.innerType !== undefined || definition?.in !== undefined) {
    definition = (definition.innerType ?? definition.in)?._zod.def as Definition | undefined;
  }
  return definition;
}
