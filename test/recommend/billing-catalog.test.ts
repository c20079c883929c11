// Prices out of the Cloud Billing Catalog's SKUs, in the shape the API answers them.

import { describe, expect, it } from 'vitest';
import { fetchDataflowSkus } from '../../local/prices/fetch-skus.ts';
import { regionPrices, type Sku, skuSchema } from '../../shared/recommend/billing-catalog.ts';
import { extendPriceBook, priceBookSchema, pricesFor, shippedPriceBook } from '../../shared/recommend/price-book.ts';

/** A SKU as `services.skus.list` answers it (cloudbilling v1; amounts are strings and nanos). */
const answered = (description: string, nanos: number, usageUnit: string, fields: Record<string, unknown> = {}) => ({
  name: `services/57D6-F1F3-2F2F/skus/${description.length}`,
  skuId: String(description.length),
  description,
  category: {
    serviceDisplayName: 'Cloud Dataflow',
    resourceFamily: 'Compute',
    resourceGroup: 'CPU',
    usageType: 'OnDemand',
  },
  serviceRegions: ['europe-west1'],
  pricingInfo: [
    {
      summary: '',
      pricingExpression: {
        usageUnit,
        displayQuantity: 1,
        tieredRates: [{ startUsageAmount: 0, unitPrice: { currencyCode: 'USD', units: '0', nanos } }],
        usageUnitDescription: '',
        baseUnit: 's',
        baseUnitConversionFactor: 3600,
      },
      currencyConversionRate: 1,
      effectiveTime: '2026-11-20T10:00:00Z',
    },
  ],
  serviceProviderName: 'Google',
  ...fields,
});

const belgium = () => [
  answered('vCPU Time Batch Belgium', 61_600_000, 'h'),
  answered('vCPU Time Streaming Belgium', 75_900_000, 'h'),
  answered('RAM Time Belgium', 3_912_700, 'GiBy.h'),
  answered('RAM Time FlexRS Belgium', 2_347_620, 'GiBy.h'),
  answered('vCPU Time FlexRS Belgium', 36_960_000, 'h'),
  answered('Local Disk Time PD Standard Belgium', 54_000, 'GiBy.h'),
  answered('Local Disk Time PD SSD Belgium', 298_000, 'GiBy.h'),
  answered('Shuffle chargeable data processed for Belgium', 11_000_000, 'GiBy'),
  answered('vCPU Time Batch Tokyo', 72_000_000, 'h', { serviceRegions: ['asia-northeast1'] }),
];
const parsed = (skus: readonly unknown[]): Sku[] => skus.map((sku) => skuSchema.parse(sku));
const prices = (skus: readonly unknown[], region = 'europe-west1') => regionPrices(parsed(skus), region, '2026-11-23');
const problems = (skus: readonly unknown[], region?: string): string => {
  const answer = prices(skus, region);
  return answer.ok ? '' : answer.problems.join('\n');
};
const without = (text: string) => belgium().filter(({ description }) => !description.includes(text));

describe('the prices of a region', () => {
  it('are taken from its SKUs, batch and FlexRS apart, dated and with their source', () => {
    const found = prices(belgium());
    if (!found.ok) throw new Error(found.problems.join());
    expect(priceBookSchema.safeParse(found.book).success).toBe(true);
    const book = extendPriceBook(shippedPriceBook, found.book);
    expect(pricesFor('europe-west1', 'batch', book)).toMatchObject({
      ok: true,
      prices: {
        priceBook: 'europe-west1/batch/2026-11-23',
        vcpuHourNanoUsd: 61_600_000,
        memoryGbHourNanoUsd: 3_912_700,
        pdGbHourNanoUsd: 54_000,
        ssdGbHourNanoUsd: 298_000,
        shuffleGbNanoUsd: 11_000_000,
      },
    });
    expect(pricesFor('europe-west1', 'flexrs', book)).toMatchObject({
      ok: true,
      prices: { vcpuHourNanoUsd: 36_960_000, memoryGbHourNanoUsd: 2_347_620, pdGbHourNanoUsd: 54_000 },
    });
  });

  it('leave FlexRS out, and say so, where the catalogue lists none', () => {
    const found = prices(without('FlexRS'));
    expect(found).toMatchObject({ ok: true, notes: [expect.stringContaining('FlexRS')] });
    expect(found.ok ? found.book.regions['europe-west1']?.flexrs : 'refused').toBeUndefined();
  });

  it('are the newest ones, above the free tier', () => {
    const [sku] = belgium();
    const [info] = sku?.pricingInfo ?? [];
    const older = { ...info, effectiveTime: '2020-01-01T00:00:00Z' };
    const tiers = [
      { startUsageAmount: 0, unitPrice: { currencyCode: 'USD', units: '0', nanos: 0 } },
      { startUsageAmount: 10, unitPrice: { currencyCode: 'USD', units: '1', nanos: 500_000_000 } },
    ];
    const newest = {
      ...info,
      effectiveTime: '2026-11-22T00:00:00Z',
      pricingExpression: { usageUnit: 'h', tieredRates: tiers },
    };
    const found = prices([{ ...sku, pricingInfo: [newest, older] }, ...belgium().slice(1)]);
    expect(found.ok ? found.book.regions['europe-west1']?.batch.vcpuHour.nanoUsd : 0).toBe(1_500_000_000);
  });
});

describe('prices are refused', () => {
  it('where one is missing, each by name', () => {
    const text = problems(without('PD'));
    expect(text).toMatch(/pdGbHour: no SKU/);
    expect(text).toMatch(/ssdGbHour: no SKU/);
  });

  it('for a region that the catalogue does not list, naming those it does', () => {
    expect(problems(belgium(), 'mars-north1')).toMatch(
      /no Cloud Dataflow prices in mars-north1; it has asia-northeast1, europe-west1/,
    );
  });

  it('in a unit or a currency that is not understood', () => {
    expect(
      problems([...without('Standard'), answered('Local Disk Time PD Standard Belgium', 40_000_000, 'GiBy.mo')]),
    ).toMatch(/priced per "GiBy.mo"/);
    const euros = answered('vCPU Time Batch Belgium', 1, 'h');
    const unitPrice = euros.pricingInfo[0]?.pricingExpression.tieredRates[0]?.unitPrice;
    if (unitPrice !== undefined) unitPrice.currencyCode = 'EUR';
    expect(problems([...without('Batch'), euros])).toMatch(/priced in EUR/);
  });

  it('where two SKUs claim to be the same price', () => {
    expect(problems([...belgium(), answered('vCPU Time Batch Belgium premium', 99, 'h')])).toMatch(
      /several prices match/,
    );
  });
});

describe('the catalogue', () => {
  it('is read page by page, the service found by its name', async () => {
    const asked: string[] = [];
    const [first, ...rest] = belgium();
    const answers: Record<string, unknown> = {
      '/v1/services': { services: [{ name: 'services/1', displayName: 'BigQuery' }], nextPageToken: 'more' },
      '/v1/services more': { services: [{ name: 'services/2', displayName: 'Cloud Dataflow' }] },
      '/v1/services/2/skus': { skus: [first], nextPageToken: 'rest' },
      '/v1/services/2/skus rest': { skus: rest, nextPageToken: '' },
    };
    const skus = await fetchDataflowSkus(async (text) => {
      const url = new URL(text);
      asked.push(url.host);
      return answers[[url.pathname, url.searchParams.get('pageToken')].filter(Boolean).join(' ')];
    });
    expect(skus).toHaveLength(belgium().length);
    expect(new Set(asked)).toEqual(new Set(['cloudbilling.googleapis.com']));
  });

  it('without the service is an error that says so', async () => {
    await expect(fetchDataflowSkus(async () => ({}))).rejects.toThrow(/no service "Cloud Dataflow"/);
  });
});
