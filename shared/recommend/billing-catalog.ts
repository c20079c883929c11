// Reads Dataflow's list prices of a region out of the Cloud Billing Catalog's SKUs. Pure.

import * as z from 'zod';
import type { PriceBook, Rates } from './price-book.ts';

/** A SKU as `services.skus.list` answers it (cloudbilling v1), in the fields that matter here. */
export const skuSchema = z.looseObject({
  description: z.string(),
  serviceRegions: z.array(z.string()).default([]),
  pricingInfo: z
    .array(
      z.looseObject({
        effectiveTime: z.string().optional(),
        pricingExpression: z.looseObject({
          usageUnit: z.string(),
          tieredRates: z.array(
            z.looseObject({
              startUsageAmount: z.number().default(0),
              unitPrice: z.looseObject({
                currencyCode: z.string().optional(),
                units: z.coerce.number().default(0),
                nanos: z.number().default(0),
              }),
            }),
          ),
        }),
      }),
    )
    .default([]),
});
export type Sku = z.output<typeof skuSchema>;

/** The catalogue's name of the service whose SKUs these are. */
export const dataflowServiceName = 'Cloud Dataflow';
const sourceName = 'cloud-billing-catalog';

type RateName = Exclude<keyof Rates, 'asOf'>;
type Wanted = { readonly name: RateName; readonly description: RegExp; readonly unit: RegExp };

/** Descriptions end in the place (`vCPU Time Batch Belgium`); the prefixes are those public clients of the catalogue filter by. */
const batch: readonly Wanted[] = [
  { name: 'vcpuHour', description: /^vCPU Time Batch\b/i, unit: /^h$/ },
  { name: 'memoryGbHour', description: /^RAM Time\b(?!.*\b(FlexRS|Streaming)\b)/i, unit: /^Gi?By\.h$/ },
  { name: 'pdGbHour', description: /^Local Disk Time PD Standard\b/i, unit: /^Gi?By\.h$/ },
  { name: 'ssdGbHour', description: /^Local Disk Time PD SSD\b/i, unit: /^Gi?By\.h$/ },
  { name: 'shuffleGb', description: /^Shuffle chargeable data processed\b/i, unit: /^Gi?By$/ },
];
/** Recalled, not verified: how the catalogue calls FlexRS. Missing ones leave FlexRS out of the region. */
const flexRs: readonly Wanted[] = [
  { name: 'vcpuHour', description: /^vCPU Time FlexRS\b/i, unit: /^h$/ },
  { name: 'memoryGbHour', description: /^RAM Time FlexRS\b/i, unit: /^Gi?By\.h$/ },
];

export type RegionPricesResult =
  | { readonly ok: true; readonly book: PriceBook; readonly notes: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * A price book with one region, or every price that is missing, ambiguous or in a unit or currency that is not understood; never a
 * guess. `today` (ISO date) becomes the date of the prices. FlexRS is left out, with a note, when the catalogue does not list it.
 */
export function regionPrices(skus: readonly Sku[], region: string, today: string): RegionPricesResult {
  const regional = skus.filter((sku) => sku.serviceRegions.includes(region));
  if (regional.length === 0) {
    const known = [...new Set(skus.flatMap((sku) => sku.serviceRegions))].sort().join(', ') || 'none';
    return {
      ok: false,
      problems: [`the catalogue lists no ${dataflowServiceName} prices in ${region}; it has ${known}`],
    };
  }
  const problems: string[] = [];
  const rates = ratesOf(batch, regional, problems);
  if (rates === undefined || problems.length > 0) return { ok: false, problems };
  const cheaper = ratesOf(flexRs, regional, []);
  const dated = { ...(rates as Omit<Rates, 'asOf'>), asOf: today };
  return {
    ok: true,
    notes: cheaper === undefined ? [`no FlexRS prices in ${region}: FlexRS is not offered there by this book`] : [],
    book: {
      schemaVersion: 1,
      currency: 'USD',
      sources: { [sourceName]: 'Cloud Billing Catalog API, list prices of service Cloud Dataflow' },
      regions: { [region]: { batch: dated, ...(cheaper === undefined ? {} : { flexrs: { ...dated, ...cheaper } }) } },
    },
  };
}

function ratesOf(
  wanted: readonly Wanted[],
  skus: readonly Sku[],
  problems: string[],
): Partial<Omit<Rates, 'asOf'>> | undefined {
  const found: Partial<Record<RateName, Rates[RateName]>> = {};
  for (const rate of wanted) {
    const answer = priceOf(rate, skus);
    if (typeof answer === 'string') problems.push(answer);
    else found[rate.name] = { nanoUsd: answer, sources: [sourceName] };
  }
  return Object.keys(found).length === wanted.length ? found : undefined;
}

function priceOf({ name, description, unit }: Wanted, skus: readonly Sku[]): number | string {
  const matching = skus.filter((sku) => description.test(sku.description));
  const listed = matching.map((sku) => sku.description).join(', ');
  if (matching.length === 0) return `${name}: no SKU matches ${description}`;
  const prices = matching.map((sku) => nanoUsd(sku, unit));
  const problem = prices.find((price) => typeof price === 'string');
  if (problem !== undefined) return `${name}: ${problem}`;
  const distinct = [...new Set(prices)];
  if (distinct.length > 1) return `${name}: several prices match (${listed})`;
  return distinct[0] ?? `${name}: no price`;
}

/** The newest price of a SKU, of its first tier that is not free. */
function nanoUsd(sku: Sku, unit: RegExp): number | string {
  const info = [...sku.pricingInfo]
    .sort((a, b) => (a.effectiveTime ?? '').localeCompare(b.effectiveTime ?? ''))
    .at(-1)?.pricingExpression;
  if (info === undefined) return `${sku.description} has no price`;
  if (!unit.test(info.usageUnit))
    return `${sku.description} is priced per "${info.usageUnit}", which is not understood`;
  for (const { unitPrice } of info.tieredRates) {
    if (unitPrice.currencyCode !== undefined && unitPrice.currencyCode !== 'USD') {
      return `${sku.description} is priced in ${unitPrice.currencyCode}`;
    }
    const nanos = unitPrice.units * 1e9 + unitPrice.nanos;
    if (nanos > 0) return nanos;
  }
  return `${sku.description} has no price above zero`;
}
