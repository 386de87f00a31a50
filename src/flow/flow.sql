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

-- name: flow_duty_add   writes: duty
INSERT INTO duty(id, record, type, name, unit, seat, posting, opened_ms, due_ms, counted)
VALUES (:id, :record, :type, :name, :unit, :seat, :posting, :opened_ms, :due_ms, :counted);

-- name: flow_duty_done   writes: duty
UPDATE duty SET done_ms = :now, stopped_ms = NULL, left_min = NULL
WHERE record = :record AND name = :name AND done_ms IS NULL;

-- name: flow_duty_shift   writes: duty
UPDATE duty SET due_ms = :due_ms, counted = :counted, reminded_ms = NULL, late_ms = NULL
WHERE record = :record AND name = :name AND done_ms IS NULL AND stopped_ms IS NULL;

-- name: flow_duty_of_seat
SELECT id, record, type, name, unit, seat, posting, opened_ms, due_ms, counted, stopped_ms, late_ms, done_ms, taken_by, taken_ms
FROM duty WHERE done_ms IS NULL AND posting IS NULL AND seat = :seat
  AND (due_ms IS NOT NULL) = (:has_due = 1) AND (:has_due = 0 OR due_ms >= :due_ms)
ORDER BY due_ms, id LIMIT :max;

-- name: flow_duty_of_posting
SELECT id, record, type, name, unit, seat, posting, opened_ms, due_ms, counted, stopped_ms, late_ms, done_ms, taken_by, taken_ms
FROM duty WHERE done_ms IS NULL AND posting IS NOT NULL AND posting = :posting
  AND (due_ms IS NOT NULL) = (:has_due = 1) AND (:has_due = 0 OR due_ms >= :due_ms)
ORDER BY due_ms, id LIMIT :max;

-- name: flow_duty_count_seat
SELECT count(*) FROM (SELECT 1 FROM duty WHERE done_ms IS NULL AND posting IS NULL AND seat = :seat LIMIT :stop) AS x;

-- name: flow_duty_count_posting
SELECT count(*) FROM (SELECT 1 FROM duty WHERE done_ms IS NULL AND posting IS NOT NULL AND posting = :posting LIMIT :stop) AS x;

-- name: flow_duty_of_record
SELECT id, record, type, name, unit, seat, posting, opened_ms, due_ms, counted, stopped_ms, late_ms, done_ms, taken_by, taken_ms
FROM duty WHERE record = :record ORDER BY done_ms IS NOT NULL, opened_ms DESC, id LIMIT :max;

-- name: flow_duty_get
SELECT id, record, type, name, unit, seat, posting, opened_ms, due_ms, counted, stopped_ms, late_ms, done_ms, taken_by, taken_ms
FROM duty WHERE id = :id;

-- name: flow_duty_after
SELECT id, record, type, name, unit, seat, posting, opened_ms, due_ms, counted, stopped_ms, late_ms, done_ms, taken_by, taken_ms
FROM duty WHERE done_ms IS NULL AND stopped_ms IS NULL AND due_ms IS NOT NULL AND id > :id ORDER BY id LIMIT :max;

-- name: flow_duty_take   writes: duty
UPDATE duty SET taken_by = :person, taken_ms = :now
WHERE id = :id AND done_ms IS NULL AND (taken_by IS NULL OR taken_by = :person OR :over = 1);

-- name: flow_duty_let_go   writes: duty
UPDATE duty SET taken_by = NULL, taken_ms = NULL WHERE id = :id AND taken_by = :person AND done_ms IS NULL;

-- name: flow_duty_stop   writes: duty
UPDATE duty SET stopped_ms = :now, left_min = :left WHERE id = :id AND done_ms IS NULL AND stopped_ms IS NULL;

-- name: flow_duty_go   writes: duty
UPDATE duty SET stopped_ms = NULL, left_min = NULL, due_ms = :due_ms, counted = :counted, reminded_ms = NULL, late_ms = NULL
WHERE id = :id AND done_ms IS NULL AND stopped_ms IS NOT NULL;

-- name: flow_duty_left
SELECT left_min FROM duty WHERE id = :id;

-- name: flow_tick_late
SELECT d.id, d.seat, d.posting, d.due_ms, s.falls_to FROM duty d JOIN seat s ON s.id = d.seat
WHERE d.done_ms IS NULL AND d.stopped_ms IS NULL AND d.late_ms IS NULL AND d.due_ms < :now
ORDER BY d.due_ms LIMIT :max;

-- name: flow_tick_soon
SELECT d.id, d.seat, d.posting, d.due_ms, s.falls_to FROM duty d JOIN seat s ON s.id = d.seat
WHERE d.done_ms IS NULL AND d.stopped_ms IS NULL AND d.late_ms IS NULL AND d.reminded_ms IS NULL
  AND d.due_ms >= :now AND d.due_ms <= :soon
ORDER BY d.due_ms LIMIT :max;

-- name: flow_tick_set_late   writes: duty
UPDATE duty SET late_ms = :now WHERE id = :id AND late_ms IS NULL AND done_ms IS NULL;

-- name: flow_tick_set_reminded   writes: duty
UPDATE duty SET reminded_ms = :now WHERE id = :id AND reminded_ms IS NULL AND done_ms IS NULL;

-- name: flow_notice_add   writes: notice
INSERT INTO notice(id, at_ms, seat, posting, what, duty, due_ms)
VALUES (:id, :at_ms, :seat, :posting, :what, :duty, :due_ms) ON CONFLICT(duty, what, due_ms) DO NOTHING;

-- name: flow_notice_of_seat
SELECT id, duty, what, at_ms, due_ms FROM notice WHERE posting IS NULL AND seat = :seat AND at_ms >= :since
ORDER BY at_ms DESC LIMIT :max;

-- name: flow_notice_of_posting
SELECT id, duty, what, at_ms, due_ms FROM notice WHERE posting IS NOT NULL AND posting = :posting AND at_ms >= :since
ORDER BY at_ms DESC LIMIT :max;

-- name: flow_duty_open_of
SELECT record, type, name FROM duty WHERE done_ms IS NULL AND (record, name) > (:record, :name) ORDER BY record, name LIMIT :max;
