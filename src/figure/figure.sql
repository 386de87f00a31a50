-- figure.sql: cells, spans and what was seen. Written by figure alone.

-- name: figure_cell_add   writes: cell
INSERT INTO cell(figure, unit, grain, dim, at, slot, n, records)
VALUES (:figure, :unit, :grain, :dim, :at, :slot, :n, :records)
  ON CONFLICT(figure, unit, grain, dim, at, slot)
  DO UPDATE SET n = cell.n + excluded.n, records = cell.records + excluded.records;

-- name: figure_cell_sum
SELECT coalesce(sum(n), 0), coalesce(sum(records), 0) FROM cell
WHERE figure = :figure AND unit = :unit AND grain = :grain AND dim = :dim AND at >= :from AND at <= :to;
-- engine: pg
SELECT coalesce(sum(n), 0)::bigint, coalesce(sum(records), 0)::bigint FROM cell
WHERE figure = :figure AND unit = :unit AND grain = :grain AND dim = :dim AND at >= :from AND at <= :to;

-- name: figure_cell_by
SELECT dim, sum(n), sum(records) FROM cell
WHERE figure = :figure AND unit = :unit AND grain = :grain AND at >= :from AND at <= :to
GROUP BY dim ORDER BY dim;
-- engine: pg
SELECT dim, sum(n)::bigint, sum(records)::bigint FROM cell
WHERE figure = :figure AND unit = :unit AND grain = :grain AND at >= :from AND at <= :to
GROUP BY dim ORDER BY dim;

-- name: figure_cell_below
SELECT c.unit, c.dim, sum(c.n), sum(c.records) FROM unit u
CROSS JOIN cell c WHERE c.figure = :figure AND c.unit = u.id AND c.grain = :grain AND c.at >= :from AND c.at <= :to
  AND u.parent = :unit GROUP BY c.unit, c.dim ORDER BY c.unit, c.dim;
-- engine: pg
SELECT c.unit, c.dim, sum(c.n)::bigint, sum(c.records)::bigint FROM unit u
JOIN cell c ON c.figure = :figure AND c.unit = u.id AND c.grain = :grain AND c.at >= :from AND c.at <= :to
WHERE u.parent = :unit GROUP BY c.unit, c.dim ORDER BY c.unit, c.dim;

-- name: figure_cell_months
SELECT at, sum(n) FROM cell
WHERE figure = :figure AND unit = :unit AND grain = 1 AND at >= :from AND at <= :to
GROUP BY at ORDER BY at;
-- engine: pg
SELECT at, sum(n)::bigint FROM cell
WHERE figure = :figure AND unit = :unit AND grain = 1 AND at >= :from AND at <= :to
GROUP BY at ORDER BY at;

-- name: figure_cell_all
SELECT unit, grain, dim, at, sum(n), sum(records) FROM cell WHERE figure = :figure
GROUP BY unit, grain, dim, at ORDER BY unit, grain, dim, at;
-- engine: pg
SELECT unit, grain, dim, at, sum(n)::bigint, sum(records)::bigint FROM cell WHERE figure = :figure
GROUP BY unit, grain, dim, at ORDER BY unit, grain, dim, at;

-- name: figure_cell_of
SELECT grain, dim, at, sum(n), sum(records) FROM cell WHERE figure = :figure AND unit = :unit
GROUP BY grain, dim, at ORDER BY grain, dim, at;
-- engine: pg
SELECT grain, dim, at, sum(n)::bigint, sum(records)::bigint FROM cell WHERE figure = :figure AND unit = :unit
GROUP BY grain, dim, at ORDER BY grain, dim, at;

-- name: figure_cell_clear   writes: cell
DELETE FROM cell WHERE figure = :figure;

-- name: figure_span_open   writes: span
INSERT INTO span(figure, record, line, key, starts, ends, unit, dim, amount)
VALUES (:figure, :record, :line, :key, :starts, NULL, :unit, :dim, :amount)
  ON CONFLICT(figure, record, line, key, starts)
  DO UPDATE SET ends = NULL, unit = excluded.unit, dim = excluded.dim, amount = excluded.amount;

-- name: figure_span_put   writes: span
INSERT INTO span(figure, record, line, key, starts, ends, unit, dim, amount)
VALUES (:figure, :record, :line, :key, :starts, :ends, :unit, :dim, :amount);

-- name: figure_span_drop   writes: span
DELETE FROM span WHERE figure = :figure AND record = :record AND line = :line AND key = :key AND starts = :day AND ends IS NULL;

-- name: figure_span_close   writes: span
UPDATE span SET ends = :day
WHERE figure = :figure AND record = :record AND line = :line AND key = :key AND ends IS NULL;

-- name: figure_span_list
SELECT s.record, s.line, s.key, s.dim, s.amount, s.starts FROM unit_above u
JOIN span s ON s.figure = :figure AND s.unit = u.unit
WHERE u.above = :unit AND s.starts <= :day AND (s.ends IS NULL OR s.ends > :day)
  AND (s.starts, s.record, s.line, s.key) > (:starts, :record, :line, :key)
ORDER BY s.starts, s.record, s.line, s.key LIMIT :max;

-- name: figure_span_all
SELECT unit, record, line, key, dim, amount, starts, ends FROM span WHERE figure = :figure
ORDER BY figure, record, line, key, starts;

-- name: figure_span_clear   writes: span
DELETE FROM span WHERE figure = :figure;

-- name: figure_seen_add   writes: seen
INSERT INTO seen(figure, unit, period, key, n) VALUES (:figure, :unit, :period, :key, :n)
  ON CONFLICT(figure, unit, period, key) DO UPDATE SET n = seen.n + excluded.n
RETURNING n;

-- name: figure_seen_all
SELECT unit, period, key, n FROM seen WHERE figure = :figure AND n <> 0 ORDER BY unit, period, key;

-- name: figure_seen_of
SELECT period, key, n FROM seen WHERE figure = :figure AND unit = :unit AND n <> 0 ORDER BY period, key;

-- name: figure_seen_clear   writes: seen
DELETE FROM seen WHERE figure = :figure;

-- name: figure_cell_days
SELECT min(at), max(at) FROM cell WHERE figure = :figure AND unit = :unit AND grain = 0;

-- name: figure_cell_day
SELECT at FROM cell
WHERE figure = :figure AND unit = :unit AND grain = 0 AND dim = :dim AND at >= :from AND at <= :to AND records <> 0
ORDER BY at DESC LIMIT 1;
