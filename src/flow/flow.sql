-- flow.sql: all fixed SQL of the flow room. It alone writes calendar_day, duty and the keys 'calendar',
-- 'office' and 'begun' of meta.

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
SELECT d.id, d.seat, d.posting, d.due_ms, s.falls_to, d.record, d.type FROM duty d JOIN seat s ON s.id = d.seat
WHERE d.done_ms IS NULL AND d.stopped_ms IS NULL AND d.late_ms IS NULL AND d.due_ms < :now
ORDER BY d.due_ms LIMIT :max;

-- name: flow_tick_soon
SELECT d.id, d.seat, d.posting, d.due_ms, s.falls_to, d.record, d.type FROM duty d JOIN seat s ON s.id = d.seat
WHERE d.done_ms IS NULL AND d.stopped_ms IS NULL AND d.late_ms IS NULL AND d.reminded_ms IS NULL
  AND d.due_ms >= :now AND d.due_ms <= :soon
ORDER BY d.due_ms LIMIT :max;

-- name: flow_tick_set_late   writes: duty
UPDATE duty SET late_ms = :now WHERE id = :id AND late_ms IS NULL AND done_ms IS NULL;

-- name: flow_tick_set_reminded   writes: duty
UPDATE duty SET reminded_ms = :now WHERE id = :id AND reminded_ms IS NULL AND done_ms IS NULL;

-- name: flow_notice_add   writes: notice
INSERT INTO notice(id, at_ms, seat, posting, what, about, nth, record, type, act, state, actor, actor_seat, deputy_for)
VALUES (:id, :at_ms, :seat, :posting, :what, :about, :nth, :record, :type, :act, :state, :actor, :actor_seat, :deputy_for)
ON CONFLICT(about, what, nth) DO NOTHING;

-- Whose duty a change ends that he did not act on himself.
-- name: flow_notice_ended   writes: notice
INSERT INTO notice(id, at_ms, seat, posting, what, about, nth, record, type, act, state, actor, actor_seat, deputy_for)
SELECT :id, :at_ms, d.seat, NULL, 'ended', d.id, 0, d.record, d.type, :act, :state, :actor, :actor_seat, :deputy_for
FROM duty d WHERE d.record = :record AND d.name = :name AND d.done_ms IS NULL AND d.posting IS NULL AND d.seat <> :own
ON CONFLICT(about, what, nth) DO NOTHING;
-- engine: pg
INSERT INTO notice(id, at_ms, seat, posting, what, about, nth, record, type, act, state, actor, actor_seat, deputy_for)
SELECT CAST(:id AS uuid), CAST(:at_ms AS bigint), d.seat, NULL, 'ended', d.id, 0, d.record, d.type, CAST(:act AS bigint),
  CAST(:state AS bigint), CAST(:actor AS uuid), CAST(:actor_seat AS bigint), CAST(:deputy_for AS uuid)
FROM duty d WHERE d.record = :record AND d.name = :name AND d.done_ms IS NULL AND d.posting IS NULL AND d.seat <> :own
ON CONFLICT(about, what, nth) DO NOTHING;

-- name: flow_notice_of_seat
SELECT n.id, n.at_ms, n.what, n.about, n.nth, n.record, n.type, n.act, n.state, n.actor, n.actor_seat, n.deputy_for, n.posting,
  EXISTS (SELECT 1 FROM notice_read r WHERE r.account = :account AND r.notice = n.id), s.unit, s.role
FROM notice n LEFT JOIN seat s ON s.id = n.actor_seat WHERE n.posting IS NULL AND n.seat = :seat AND n.at_ms >= :since
  AND (n.at_ms, n.id) < (:before_ms, :before_id) AND (n.actor IS NULL OR n.actor <> :me)
ORDER BY n.at_ms DESC, n.id DESC LIMIT :max;

-- name: flow_notice_tally_seat
SELECT what, type, act, count(*) FROM notice n WHERE n.posting IS NULL AND n.seat = :seat AND n.at_ms >= :from AND n.at_ms < :to
  AND (n.actor IS NULL OR n.actor <> :me) GROUP BY what, type, act ORDER BY what, type, act;

-- name: flow_notice_of_posting
SELECT n.id, n.at_ms, n.what, n.about, n.nth, n.record, n.type, n.act, n.state, n.actor, n.actor_seat, n.deputy_for, n.posting,
  EXISTS (SELECT 1 FROM notice_read r WHERE r.account = :account AND r.notice = n.id), s.unit, s.role
FROM notice n LEFT JOIN seat s ON s.id = n.actor_seat WHERE n.posting IS NOT NULL AND n.posting = :posting AND n.at_ms >= :since
  AND (n.at_ms, n.id) < (:before_ms, :before_id) AND (n.actor IS NULL OR n.actor <> :me)
ORDER BY n.at_ms DESC, n.id DESC LIMIT :max;

-- name: flow_notice_tally_posting
SELECT what, type, act, count(*) FROM notice n WHERE n.posting IS NOT NULL AND n.posting = :posting AND n.at_ms >= :from AND n.at_ms < :to
  AND (n.actor IS NULL OR n.actor <> :me) GROUP BY what, type, act ORDER BY what, type, act;

-- name: flow_notice_get
SELECT n.id, n.at_ms, n.what, n.about, n.nth, n.record, n.type, n.act, n.state, n.actor, n.actor_seat, n.deputy_for, n.posting,
  EXISTS (SELECT 1 FROM notice_read r WHERE r.account = :account AND r.notice = n.id), s.unit, s.role
FROM notice n LEFT JOIN seat s ON s.id = n.actor_seat WHERE n.id = :id;

-- name: flow_notice_whose
SELECT seat, posting FROM notice WHERE id = :id;

-- name: flow_notice_after
SELECT n.about, n.what, n.nth, n.at_ms, n.record, n.type, n.act, n.actor, u.code, s.role, n.posting
FROM notice n JOIN seat s ON s.id = n.seat JOIN unit u ON u.id = s.unit
WHERE (n.about, n.what, n.nth) > (:about, :what, :nth) ORDER BY n.about, n.what, n.nth LIMIT :max;

-- Of all his seats and postings at once: it is asked for every page.
-- name: flow_notice_unread
-- out: n i64
SELECT count(*) FROM (
  SELECT 1 FROM json_each(:seats) AS e CROSS JOIN notice n WHERE n.posting IS NULL AND n.seat = e.value AND n.at_ms > :upto AND (n.actor IS NULL OR n.actor <> :me)
    AND NOT EXISTS (SELECT 1 FROM notice_read r WHERE r.account = :account AND r.notice = n.id)
  UNION ALL
  SELECT 1 FROM json_each(:postings) AS e CROSS JOIN notice n WHERE n.posting IS NOT NULL AND n.posting = e.value AND n.at_ms > :upto AND (n.actor IS NULL OR n.actor <> :me)
    AND NOT EXISTS (SELECT 1 FROM notice_read r WHERE r.account = :account AND r.notice = n.id)
  LIMIT :stop) AS x;
-- engine: pg
SELECT count(*) FROM (
  SELECT 1 FROM jsonb_array_elements_text(CAST(CAST(:seats AS text) AS jsonb)) AS e(value)
  JOIN notice n ON n.seat = CAST(e.value AS bigint) WHERE n.posting IS NULL AND n.at_ms > :upto AND (n.actor IS NULL OR n.actor <> :me)
    AND NOT EXISTS (SELECT 1 FROM notice_read r WHERE r.account = :account AND r.notice = n.id)
  UNION ALL
  SELECT 1 FROM jsonb_array_elements_text(CAST(CAST(:postings AS text) AS jsonb)) AS e(value)
  JOIN notice n ON n.posting = CAST(e.value AS bigint) WHERE n.posting IS NOT NULL AND n.at_ms > :upto AND (n.actor IS NULL OR n.actor <> :me)
    AND NOT EXISTS (SELECT 1 FROM notice_read r WHERE r.account = :account AND r.notice = n.id)
  LIMIT :stop) AS x;

-- name: flow_mark_get
SELECT upto_ms FROM notice_mark WHERE account = :account;

-- name: flow_mark_set   writes: notice_mark
INSERT INTO notice_mark(account, upto_ms) VALUES (:account, :upto_ms)
ON CONFLICT(account) DO UPDATE SET upto_ms = CASE WHEN excluded.upto_ms > notice_mark.upto_ms THEN excluded.upto_ms ELSE notice_mark.upto_ms END;

-- name: flow_mark_clear   writes: notice_read
DELETE FROM notice_read WHERE account = :account
  AND EXISTS (SELECT 1 FROM notice n WHERE n.id = notice_read.notice AND n.at_ms <= :upto_ms);

-- name: flow_read_add   writes: notice_read
INSERT INTO notice_read(account, notice) VALUES (:account, :notice) ON CONFLICT(account, notice) DO NOTHING;

-- name: flow_duty_open_of
SELECT record, type, name, posting, id FROM duty WHERE done_ms IS NULL AND (record, name, id) > (:record, :name, :id)
ORDER BY record, name, id LIMIT :max;

-- name: flow_duty_all
SELECT id, record, type, name, unit, seat, posting, opened_ms, due_ms, counted, stopped_ms, late_ms, done_ms, taken_by, taken_ms
FROM duty WHERE record = :record ORDER BY id;

-- name: flow_duty_counted
SELECT d.id, d.record, d.type, d.name, d.unit, d.seat, d.posting, d.opened_ms, d.due_ms, d.counted, d.stopped_ms, d.late_ms, d.done_ms, d.taken_by, d.taken_ms
FROM unit_above u JOIN duty d ON d.unit = u.unit
WHERE u.above = :unit AND d.type = :type AND d.name = :name
  AND d.due_ms IS NOT NULL AND (d.done_ms IS NOT NULL OR d.late_ms IS NOT NULL) AND (:all = 1 OR d.done_ms <= d.due_ms)
  AND (CASE WHEN d.done_ms <= d.due_ms THEN d.done_ms ELSE d.due_ms END) >= :from
  AND (CASE WHEN d.done_ms <= d.due_ms THEN d.done_ms ELSE d.due_ms END) < :end
  AND ((CASE WHEN d.done_ms <= d.due_ms THEN d.done_ms ELSE d.due_ms END), d.id) < (:at, :id)
ORDER BY (CASE WHEN d.done_ms <= d.due_ms THEN d.done_ms ELSE d.due_ms END) DESC, d.id DESC LIMIT :max;

-- part: lapses
UPDATE duty SET done_ms = :now, stopped_ms = NULL, left_min = NULL,
  due_ms = CASE WHEN late_ms IS NULL AND due_ms >= :now THEN NULL ELSE due_ms END

-- name: flow_duty_open_names
SELECT type, name, count(*) AS n FROM duty WHERE done_ms IS NULL GROUP BY type, name ORDER BY type, name;

-- name: flow_duty_lapse_all   writes: duty
@lapses
WHERE type = :type AND name = :name AND done_ms IS NULL;

-- name: flow_duty_lapse   writes: duty
@lapses
WHERE record = :record AND name = :name AND done_ms IS NULL;

-- name: flow_duty_lapse_one   writes: duty
@lapses
WHERE id = :id AND done_ms IS NULL;

-- name: flow_duty_had
SELECT 1 FROM duty WHERE record = :record AND name = :name AND posting = :posting LIMIT 1;

-- name: flow_posting_begins
SELECT p.id, p.seat, s.unit, s.role, p.starts FROM posting p JOIN seat s ON s.id = p.seat
WHERE p.starts > :after AND p.starts <= :today AND (p.ends IS NULL OR p.ends >= :today) AND p.id > :id
ORDER BY p.id LIMIT :max;

-- name: flow_posting_over
SELECT d.id, d.record, d.type, d.name, d.unit, d.seat, d.posting, d.opened_ms, d.due_ms, d.counted, d.stopped_ms, d.late_ms, d.done_ms, d.taken_by, d.taken_ms
FROM duty d JOIN posting p ON p.id = d.posting
WHERE d.done_ms IS NULL AND d.posting IS NOT NULL AND p.ends < :today AND d.type = :type AND d.name = :name
ORDER BY d.id LIMIT :max;
