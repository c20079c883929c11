// The price book: dated Dataflow prices per region and mode; an unknown region is refused with the way to add it, never guessed.

import * as z from 'zod';
import shipped from './price-data.json' with { type: 'json' };

/** Dataflow bills batch jobs and FlexRS jobs (delayed, cheaper) at different vCPU and memory rates. */
export type PriceMode = 'batch' | 'flexrs';

/** Nano-dollars are the unit of the Cloud Billing Catalog (`unitPrice.nanos`), so every list price is an integer. */
const rateSchema = z.strictObject({
  nanoUsd: z.int().min(0).max(1_000_000_000_000),
  sources: z.array(z.string().min(1)).min(1),
});

const ratesSchema = z.strictObject({
  asOf: z.iso.date().meta({ description: 'the day these prices were last known to be true' }),
  vcpuHour: rateSchema,
  memoryGbHour: rateSchema.meta({ description: 'per GB-hour; the service counts MiB-seconds and 1024 MiB to the GB' }),
  pdGbHour: rateSchema,
  ssdGbHour: rateSchema,
  shuffleGb: rateSchema.meta({ description: 'per billable (chargeable) GB' }),
});

const regionSchema = z.string().regex(/^[a-z]+(-[a-z]+)+\d+$/, 'must be a region such as europe-west1');

export const priceBookSchema = z
  .strictObject({
    schemaVersion: z.literal(1),
    currency: z.literal('USD'),
    sources: z.record(z.string(), z.string()).optional().meta({ description: 'what each source of a rate is' }),
    regions: z.record(regionSchema, z.strictObject({ batch: ratesSchema, flexrs: ratesSchema.optional() })),
  })
  .meta({ id: 'PriceBook' });

export type PriceBook = z.output<typeof priceBookSchema>;
export type Rates = z.output<typeof ratesSchema>;

/**
 * The book of this build. us-east1 and us-west1 are recalled to cost the same as us-central1, but a recollection is no source, so they
 * are left out like every other region; `npm run prices -- --region …` adds them from the Cloud Billing Catalog.
 */
export const shippedPriceBook: PriceBook = priceBookSchema.parse(shipped);

/** Prices of one region and mode, in nano-dollars per unit, with the name a cost is filed under. */
export type Prices = {
  readonly region: string;
  readonly mode: PriceMode;
  /** `<region>/<mode>/<asOf>`: what `Execution.cost.priceBook` records. */
  readonly priceBook: string;
  readonly vcpuHourNanoUsd: number;
  readonly memoryGbHourNanoUsd: number;
  readonly pdGbHourNanoUsd: number;
  readonly ssdGbHourNanoUsd: number;
  readonly shuffleGbNanoUsd: number;
};

export type PricesResult =
  | { readonly ok: true; readonly prices: Prices }
  | { readonly ok: false; readonly problem: string };

/** The prices of a region and mode from `book` (default: the shipped one), or a problem that says how to add them. */
export function pricesFor(region: string, mode: PriceMode, book: PriceBook = shippedPriceBook): PricesResult {
  const entry = Object.hasOwn(book.regions, region) ? book.regions[region] : undefined;
  const rates = mode === 'batch' ? entry?.batch : entry?.flexrs;
  if (rates === undefined) {
    const known = Object.keys(book.regions).sort().join(', ') || 'none';
    const what = entry === undefined ? `no prices for region '${region}'` : `no ${mode} prices for region '${region}'`;
    return {
      ok: false,
      problem: `The price book has ${what} (known regions: ${known}). Prices are never guessed from another region; add them with: npm run prices -- --region ${region}`,
    };
  }
  return {
    ok: true,
    prices: {
      region,
      mode,
      priceBook: `${region}/${mode}/${rates.asOf}`,
      vcpuHourNanoUsd: rates.vcpuHour.nanoUsd,
      memoryGbHourNanoUsd: rates.memoryGbHour.nanoUsd,
      pdGbHourNanoUsd: rates.pdGbHour.nanoUsd,
      ssdGbHourNanoUsd: rates.ssdGbHour.nanoUsd,
      shuffleGbNanoUsd: rates.shuffleGb.nanoUsd,
    },
  };
}

/** Reads a price book as `npm run prices` writes it (JSON text). Every bad field is named at once. */
export function parsePriceBook(
  json: string,
): { readonly ok: true; readonly book: PriceBook } | { readonly ok: false; readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return { ok: false, problem: `The price book is not JSON: ${error instanceof Error ? error.message : error}` };
  }
  const parsed = priceBookSchema.safeParse(value);
  if (parsed.success) return { ok: true, book: parsed.data };
  const problems = parsed.error.issues.map((issue) => `/${issue.path.join('/')}: ${issue.message}`);
  return { ok: false, problem: `The price book does not fit its schema: ${problems.join('; ')}` };
}

/** `base` with the regions of `extra` laid over it; a region in both is taken whole from `extra`. */
export function extendPriceBook(base: PriceBook, extra: PriceBook): PriceBook {
  return {
    ...base,
    sources: { ...base.sources, ...extra.sources },
    regions: { ...base.regions, ...extra.regions },
  };
}
