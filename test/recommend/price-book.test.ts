// The price book refuses what it does not know, and can be extended from a file.

import { describe, expect, it } from 'vitest';
import {
  extendPriceBook,
  type PriceBook,
  parsePriceBook,
  priceBookSchema,
  pricesFor,
  shippedPriceBook,
} from '../../shared/recommend/price-book.ts';

const rate = (nanoUsd: number) => ({ nanoUsd, sources: ['cloud-billing-catalog'] });
const belgium: PriceBook = {
  schemaVersion: 1,
  currency: 'USD',
  regions: {
    'europe-west1': {
      batch: {
        asOf: '2026-11-24',
        vcpuHour: rate(61_600_000),
        memoryGbHour: rate(3_913_000),
        pdGbHour: rate(54_000),
        ssdGbHour: rate(298_000),
        shuffleGb: rate(11_000_000),
      },
    },
  },
};

describe('the shipped price book', () => {
  it('fits its own schema and names a source for every rate', () => {
    expect(priceBookSchema.parse(shippedPriceBook)).toEqual(shippedPriceBook);
  });

  it('knows us-central1 in both modes, and files each under its date', () => {
    const batch = pricesFor('us-central1', 'batch');
    const flexrs = pricesFor('us-central1', 'flexrs');
    expect(batch).toMatchObject({ ok: true, prices: { priceBook: 'us-central1/batch/2026-11-23' } });
    expect(flexrs).toMatchObject({ ok: true, prices: { vcpuHourNanoUsd: 33_600_000 } });
  });

  it.each(['europe-west1', 'us-east1', 'nowhere', '__proto__', 'toString', ''])(
    'refuses region "%s" and says how to add it',
    (region) => {
      const answer = pricesFor(region, 'batch');
      expect(answer).toMatchObject({ ok: false });
      expect(answer.ok ? '' : answer.problem).toContain(`npm run prices -- --region ${region}`);
      expect(answer.ok ? '' : answer.problem).toContain('known regions: us-central1');
    },
  );
});

describe('a price book from a file', () => {
  it('adds its regions and leaves the others as they were', () => {
    const parsed = parsePriceBook(JSON.stringify(belgium));
    if (!parsed.ok) throw new Error(parsed.problem);
    const book = extendPriceBook(shippedPriceBook, parsed.book);
    expect(pricesFor('europe-west1', 'batch', book)).toMatchObject({
      ok: true,
      prices: { vcpuHourNanoUsd: 61_600_000 },
    });
    expect(pricesFor('us-central1', 'batch', book)).toEqual(pricesFor('us-central1', 'batch'));
  });

  it('does not make up FlexRS prices that it does not hold', () => {
    const answer = pricesFor('europe-west1', 'flexrs', belgium);
    expect(answer.ok ? '' : answer.problem).toMatch(/no flexrs prices for region 'europe-west1'/);
  });

  it('is refused with every bad field named', () => {
    const broken = structuredClone(belgium) as unknown as {
      regions: Record<string, { batch: Record<string, unknown> }>;
    };
    const batch = broken.regions['europe-west1']?.batch ?? {};
    batch.vcpuHour = { nanoUsd: 0.056, sources: ['page'] };
    batch.asOf = 'yesterday';
    const answer = parsePriceBook(JSON.stringify(broken));
    expect(answer.ok ? '' : answer.problem).toContain('/regions/europe-west1/batch/vcpuHour/nanoUsd');
    expect(answer.ok ? '' : answer.problem).toContain('/regions/europe-west1/batch/asOf');
  });

  it('is refused when it is not JSON', () => {
    expect(parsePriceBook('prices: none')).toMatchObject({ ok: false });
  });
});
