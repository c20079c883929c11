// `npm run prices -- --region europe-west1`: takes a region's list prices from the Cloud Billing Catalog into the price book.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from '@commander-js/extra-typings';
import { GoogleAuth } from 'google-auth-library';
import { regionPrices } from '../shared/recommend/billing-catalog.ts';
import { extendPriceBook, type PriceBook, parsePriceBook } from '../shared/recommend/price-book.ts';
import { runCommand } from './command.ts';
import { fetchDataflowSkus, type GetJson } from './prices/fetch-skus.ts';
import { UsageError } from './usage-error.ts';

const bookFile = fileURLToPath(new URL('../shared/recommend/price-data.json', import.meta.url));

const program = new Command('prices')
  .description("Adds or refreshes a region's Dataflow list prices from the Cloud Billing Catalog API")
  .requiredOption('--region <region...>', 'regions to fetch, e.g. europe-west1')
  .option('--book <file>', 'price book to write; the default is the one that is built in', bookFile);

await runCommand(async () => {
  program.exitOverride().parse();
  const { region: regions, book: file } = program.opts();
  let book = readBook(file);
  const skus = await fetchDataflowSkus(await authorised());
  const today = new Date().toISOString().slice(0, 10);
  for (const region of regions) {
    const found = regionPrices(skus, region, today);
    if (!found.ok) throw new UsageError(`${region}: nothing written\n  ${found.problems.join('\n  ')}`);
    book = extendPriceBook(book, found.book);
    for (const note of found.notes) process.stderr.write(`${note}\n`);
  }
  writeFileSync(file, `${JSON.stringify(book, null, 2)}\n`);
  process.stdout.write(`${regions.join(', ')} written to ${file}; build and deploy to use them\n`);
  return 0;
});

function readBook(file: string): PriceBook {
  if (!existsSync(file)) return { schemaVersion: 1, currency: 'USD', regions: {} };
  const parsed = parsePriceBook(readFileSync(file, 'utf8'));
  if (!parsed.ok) throw new UsageError(`${file}: ${parsed.problem}`);
  return parsed.book;
}

async function authorised(): Promise<GetJson> {
  const auth = new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-billing.readonly' });
  try {
    await auth.getClient();
  } catch (cause) {
    throw new UsageError(
      'there are no Google credentials on this machine, and the Cloud Billing Catalog needs them. Run `gcloud auth application-default login` ' +
        '(any project with the Cloud Billing API enabled will do; the prices are public), or set GOOGLE_APPLICATION_CREDENTIALS. ' +
        `Without credentials, write the region by hand into ${bookFile}, as us-central1 is written there`,
      { cause },
    );
  }
  return async (url) => (await auth.request<unknown>({ url })).data;
}
