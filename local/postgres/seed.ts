// The seeded `orders` table: the same rows for the same count on every machine, made by PostgreSQL itself.

import pg from 'pg';

/** Raise it when the rows change: a table seeded by older code is made anew. */
const seedVersion = 1;

const columns = `
  id            bigint         NOT NULL,
  customer_id   integer        NOT NULL,
  status        text           NOT NULL,
  amount        numeric(12, 2) NOT NULL,
  discount      numeric(6, 4),
  paid          boolean        NOT NULL,
  ordered_on    date           NOT NULL,
  created_at    timestamptz    NOT NULL,
  shipped_at    timestamp,
  weight_kg     double precision,
  note          text,
  details       jsonb`;

/**
 * Row i as a function of i alone. `mixed` scatters neighbours (a multiplier prime to the modulus), so that no column but the key
 * is sorted; NULLs in five columns; a note in twenty with text that breaks careless quoting.
 */
const rowsSql = `
  SELECT
    i,
    1 + mixed % 20000,
    (ARRAY['new', 'paid', 'packed', 'shipped', 'delivered', 'returned'])[1 + mixed % 6],
    ((mixed % 10000000)::numeric / 100)::numeric(12, 2),
    CASE WHEN mixed % 4 = 0 THEN ((mixed % 5000)::numeric / 10000)::numeric(6, 4) END,
    mixed % 6 > 0,
    date '2020-01-01' + (i % 2000)::int,
    timestamptz '2020-01-01 00:00:00Z' + i * interval '61.234567 seconds',
    CASE WHEN mixed % 3 > 0 THEN timestamp '2020-01-02 08:00:00' + i * interval '61.5 seconds' END,
    CASE WHEN mixed % 7 > 0 THEN (mixed % 100000)::double precision / 321 END,
    CASE WHEN mixed % 20 = 0 THEN E'Grüße, "quoted"; back\\\\slash\\nand a new line ' || i
         WHEN mixed % 2 = 0 THEN 'order ' || i || ' of customer ' || 1 + mixed % 20000 END,
    CASE WHEN mixed % 5 = 0 THEN jsonb_build_object('gift', mixed % 10 = 0, 'items', mixed % 9 + 1) END
  FROM (SELECT i, i * 7368787 % 2147483647 AS mixed FROM generate_series(1, $1::bigint) AS i) AS numbers`;

/**
 * Makes `public.orders` with exactly `rows` rows (about 120 bytes each, primary key `id`), or keeps it when an earlier start made the same.
 * Throws when a table `orders` is there that this code did not make.
 */
export async function seedOrders(url: string, rows: number): Promise<'seeded' | 'kept'> {
  const mark = `streamnova seed ${seedVersion}, ${rows} rows`;
  const client = new pg.Client(url);
  await client.connect();
  try {
    const found = await client.query<{ mark: string | null }>(
      `SELECT obj_description(oid, 'pg_class') AS mark FROM pg_class WHERE oid = to_regclass('public.orders')`,
    );
    const present = found.rows[0];
    if (present?.mark === mark) return 'kept';
    if (present !== undefined && !present.mark?.startsWith('streamnova seed')) {
      throw new Error('the database has a table public.orders that was not seeded here; it is left as it is');
    }
    // In the transaction that makes the table, rows need no write-ahead log (wal_level minimal): half the time.
    await client.query('BEGIN');
    await client.query('DROP TABLE IF EXISTS public.orders');
    await client.query(`CREATE TABLE public.orders (${columns})`);
    await client.query(`INSERT INTO public.orders ${rowsSql}`, [rows]);
    await client.query('ALTER TABLE public.orders ADD PRIMARY KEY (id)');
    await client.query(`COMMENT ON TABLE public.orders IS ${pg.escapeLiteral(mark)}`);
    await client.query('COMMIT');
    await client.query('VACUUM ANALYZE public.orders');
    return 'seeded';
  } finally {
    await client.end();
  }
}
