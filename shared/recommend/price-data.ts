// The shipped price book: Dataflow list prices in USD that could be traced to a source; a region nobody could source is absent.

import type { PriceBook } from './price-book.ts';

/**
 * Sources of the us-central1 list prices.
 * - `it-LoadTestBase`: GoogleCloudPlatform/DataflowTemplates, it/google-cloud-platform LoadTestBase.java, 2026-08-21
 * - `metrics-exporter`: GoogleCloudPlatform/dataflow-metrics-exporter README, 2024-05-15
 * - `beam-cost-consts`: apache/beam dataflow_cost_consts, seen 2026-11
 * - `nops-flexrs`: nOps on FlexRS: vCPU and memory 40 % under batch (undated page); the FlexRS rates are derived from it (x 0.6)
 * - `recalled-flexrs`: disk and shuffle of FlexRS at the batch rate is recalled, no source states it
 * us-east1 and us-west1 are recalled to cost the same as us-central1; a recollection is no source, so they are left out.
 */
const listPrice = ['it-LoadTestBase', 'metrics-exporter', 'beam-cost-consts'];
const derived = [...listPrice, 'nops-flexrs'];
const asBatch = [...listPrice, 'recalled-flexrs'];

export const shippedPriceBook: PriceBook = {
  schemaVersion: 1,
  currency: 'USD',
  regions: {
    'us-central1': {
      batch: {
        asOf: '2026-11-23',
        vcpuHour: { nanoUsd: 56_000_000, sources: listPrice },
        memoryGbHour: { nanoUsd: 3_557_000, sources: listPrice },
        pdGbHour: { nanoUsd: 54_000, sources: listPrice },
        ssdGbHour: { nanoUsd: 298_000, sources: listPrice },
        shuffleGb: { nanoUsd: 11_000_000, sources: listPrice },
      },
      flexrs: {
        asOf: '2026-11-23',
        vcpuHour: { nanoUsd: 33_600_000, sources: derived },
        memoryGbHour: { nanoUsd: 2_134_200, sources: derived },
        pdGbHour: { nanoUsd: 54_000, sources: asBatch },
        ssdGbHour: { nanoUsd: 298_000, sources: asBatch },
        shuffleGb: { nanoUsd: 11_000_000, sources: asBatch },
      },
    },
  },
};
