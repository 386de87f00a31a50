-- flow.sql: all fixed SQL of the flow room. It alone writes calendar_day and the keys 'calendar' and
-- 'office' of meta.

-- name: flow_get_meta
SELECT value FROM meta WHERE key = :key;

-- name: flow_set_meta   writes: meta
INSERT INTO meta(key, value) VALUES (:key, :value) ON CONFLICT(key) DO UPDATE SET value = excluded.value;

-- name: flow_list_days
SELECT day, kind, name, notice FROM calendar_day ORDER BY day;

-- name: flow_set_day
INSERT INTO calendar_day(day, kind, name, notice) VALUES (:day, :kind, :name, :notice)
ON CONFLICT(day) DO UPDATE SET kind = excluded.kind, name = excluded.name, notice = excluded.notice;
