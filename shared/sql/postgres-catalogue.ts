// The catalogue queries of PostgreSQL. None reads the table itself; every value is a parameter.

/** One row for the table asked for: `$1` schema (null: the first of the search path), `$2` table. Partitions and TOAST are counted in. */
export const tableQuery = `
  SELECT c.oid::int8 AS oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind,
         CASE WHEN c.relkind = 'p' THEN parts.rows ELSE c.reltuples END AS rows,
         CASE WHEN c.relkind = 'p' THEN parts.bytes ELSE pg_table_size(c.oid) END::int8 AS bytes,
         CASE WHEN c.relkind = 'p' THEN parts.toast_bytes ELSE coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0) END::int8 AS toast_bytes
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN LATERAL (
    SELECT CASE WHEN bool_or(leaf.reltuples < 0) THEN -1 ELSE sum(leaf.reltuples) END AS rows, sum(pg_table_size(leaf.oid)) AS bytes,
           sum(coalesce(pg_relation_size(nullif(leaf.reltoastrelid, 0)), 0)) AS toast_bytes
    FROM pg_partition_tree(c.oid) tree JOIN pg_class leaf ON leaf.oid = tree.relid
    WHERE tree.isleaf
  ) parts ON c.relkind = 'p'
  WHERE n.nspname = coalesce($1, current_schema()) AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`;

/** Columns with their statistics: `$1` oid, `$2` schema, `$3` table, `$4` whether statistics of the whole partition tree are meant. */
export const columnsQuery = `
  SELECT a.attname AS name, lower(format_type(a.atttypid, a.atttypmod)) AS type, NOT a.attnotnull AS nullable,
         s.null_frac AS null_fraction, s.n_distinct AS distinct_count, s.avg_width AS width,
         s.histogram_bounds::text::text[] AS histogram,
         s.most_common_vals::text::text[] AS frequent, s.most_common_freqs AS frequencies
  FROM pg_attribute a
  LEFT JOIN pg_stats s ON s.schemaname = $2 AND s.tablename = $3 AND s.attname = a.attname AND s.inherited = $4
  WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
  ORDER BY a.attnum`;

/** Index columns in order: usable for ranges are valid indexes without a predicate whose leading key is a plain column. */
export const indexesQuery = `
  SELECT i.indisprimary AS is_primary, array_agg(a.attname::text ORDER BY k.position) AS columns
  FROM pg_index i
  JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, position) ON k.position <= i.indnkeyatts
  JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
  WHERE i.indrelid = $1 AND i.indisvalid AND i.indpred IS NULL AND i.indkey[0] <> 0
  GROUP BY i.indexrelid, i.indisprimary
  ORDER BY i.indisprimary DESC, i.indexrelid`;

/** Connections that are still free for ordinary users. */
export const connectionsQuery = `
  SELECT greatest(0, current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
         - (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'))::int AS free`;

/** Names to suggest when the table is not there, those that begin like `$1` first. */
export const namesQuery = `
  SELECT n.nspname || '.' || c.relname AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'
  ORDER BY lower(left(c.relname, 2)) = lower(left($1, 2)) DESC, 1 LIMIT 1000`;
