// Asks the Cloud Billing Catalog API for all SKUs of Dataflow, page by page.

import * as z from 'zod';
import { dataflowServiceName, type Sku, skuSchema } from '../../shared/recommend/billing-catalog.ts';

/** Sends an authorised GET and answers the parsed JSON body. */
export type GetJson = (url: string) => Promise<unknown>;

const servicesPage = z.looseObject({
  services: z.array(z.looseObject({ name: z.string(), displayName: z.string() })).default([]),
  nextPageToken: z.string().optional(),
});
const skusPage = z.looseObject({ skus: z.array(skuSchema).default([]), nextPageToken: z.string().optional() });

const endpoint = 'https://cloudbilling.googleapis.com/v1';

/** Every SKU of service `Cloud Dataflow`. Throws an Error when the catalogue has no such service or answers in another shape. */
export async function fetchDataflowSkus(getJson: GetJson): Promise<Sku[]> {
  const service = await findService(getJson);
  const skus: Sku[] = [];
  let pageToken: string | undefined;
  do {
    const page = skusPage.parse(await getJson(pageUrl(`${endpoint}/${service}/skus`, pageToken)));
    skus.push(...page.skus);
    pageToken = page.nextPageToken;
  } while (pageToken);
  return skus;
}

async function findService(getJson: GetJson): Promise<string> {
  let pageToken: string | undefined;
  do {
    const page = servicesPage.parse(await getJson(pageUrl(`${endpoint}/services`, pageToken)));
    const found = page.services.find((service) => service.displayName === dataflowServiceName);
    if (found !== undefined) return found.name;
    pageToken = page.nextPageToken;
  } while (pageToken);
  throw new Error(`the Cloud Billing Catalog lists no service "${dataflowServiceName}"`);
}

function pageUrl(url: string, pageToken: string | undefined): string {
  const query = new URLSearchParams({ pageSize: '5000', ...(pageToken ? { pageToken } : {}) });
  return `${url}?${query}`;
}
