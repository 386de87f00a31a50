-- record.sql: fixed statements of the record room. Those on a type's own table are made in record_query.c.

-- name: record_catalogue_all
SELECT number, kind, path, shape, removed FROM catalogue ORDER BY number;

-- name: record_catalogue_set   writes: catalogue
INSERT INTO catalogue(number, kind, path, shape, removed) VALUES (:number, :kind, :path, :shape, :removed)
  ON CONFLICT(number) DO UPDATE SET kind = excluded.kind, path = excluded.path, shape = excluded.shape,
  removed = excluded.removed;

-- name: record_meta_get
SELECT value FROM meta WHERE key = :key;

-- name: record_meta_set   writes: meta
INSERT INTO meta(key, value) VALUES (:key, :value) ON CONFLICT(key) DO UPDATE SET value = excluded.value;

-- name: record_meta_drop   writes: meta
DELETE FROM meta WHERE key = :key;

-- name: record_register_get
SELECT type, unit, county FROM record WHERE id = :id;

-- name: record_units_above
WITH RECURSIVE up(id, parent) AS (
  SELECT id, parent FROM unit WHERE id = :unit
  UNION ALL SELECT u.id, u.parent FROM up JOIN unit u ON u.id = up.parent)
SELECT id FROM up;

-- name: record_register_add   writes: record
INSERT INTO record(id, type, unit, county) VALUES (:id, :type, :unit, :county) ON CONFLICT DO NOTHING;

-- name: record_basis
SELECT a.access_no, t.value, m.value FROM account a, meta t, meta m
WHERE a.id = :account AND t.key = 'tree' AND m.key = 'model';

-- name: record_person_is
SELECT 1 FROM person WHERE id = :id;

-- name: record_chain_get
SELECT seq, hash FROM chain WHERE id = :chain;

-- name: record_chain_set   writes: chain
INSERT INTO chain(id, seq, hash) VALUES (:chain, :seq, :hash)
  ON CONFLICT(id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash;

-- name: record_history_add   writes: history
INSERT INTO history(chain, seq, at_ms, record, type, version, act, actor, seat, deputy_for, body, body_hash, hash)
VALUES (:chain, :seq, :at_ms, :record, :type, :version, :act, :actor, :seat, :deputy_for, :body, :body_hash, :hash);

-- name: record_history_of
SELECT h.chain, h.seq, h.at_ms, h.version, h.act, h.actor, p.name, h.seat, s.role, s.unit, h.body, d.name
FROM history h LEFT JOIN person p ON p.id = h.actor LEFT JOIN seat s ON s.id = h.seat
  LEFT JOIN person d ON d.id = h.deputy_for
WHERE h.record = :record AND h.act >= 100 ORDER BY h.version;

-- name: record_history_upto
SELECT version, act, actor, body FROM history
WHERE record = :record AND version <= :version AND act >= 100 ORDER BY version;

-- name: record_file_use_add   writes: file_use
INSERT INTO file_use(file, record) VALUES (:file, :record) ON CONFLICT DO NOTHING;

-- name: record_file_used
SELECT record FROM file_use WHERE file = :file AND record > :record ORDER BY record LIMIT 20;

-- name: record_verify_chains
SELECT id, seq, hash FROM chain ORDER BY id;

-- name: record_verify_stray
SELECT COUNT(*) FROM history WHERE chain NOT IN (SELECT id FROM chain);

-- name: record_verify_entries
SELECT seq, at_ms, record, type, version, act, actor, seat, body, body_hash, hash, deputy_for
FROM history WHERE chain = :chain AND seq > :seq ORDER BY seq LIMIT 500;

-- name: record_verify_folds
SELECT version, at_ms, type, actor, seat, body, deputy_for FROM history
WHERE record = :record AND act >= 100 ORDER BY version;

-- name: record_verify_register
SELECT id, type, unit, county FROM record WHERE id > :id ORDER BY id LIMIT 500;

-- name: record_verify_orphans
SELECT h.record FROM history h LEFT JOIN record r ON r.id = h.record WHERE r.id IS NULL LIMIT 20;

-- name: record_verify_lost_actors
SELECT DISTINCT h.actor FROM history h LEFT JOIN person p ON p.id = h.actor WHERE p.id IS NULL LIMIT 20;

-- name: record_verify_lost_deputies
SELECT DISTINCT h.deputy_for FROM history h LEFT JOIN person p ON p.id = h.deputy_for
WHERE h.deputy_for IS NOT NULL AND p.id IS NULL LIMIT 20;

-- name: record_verify_origin
SELECT r.type, r.unit, r.county, p.person, p.seat
FROM record r LEFT JOIN posting p ON p.id = :posting WHERE r.id = :id;

-- name: record_verify_uses
SELECT file FROM file_use WHERE record = :record ORDER BY file;

-- name: record_verify_stray_uses
SELECT u.file FROM file_use u LEFT JOIN record r ON r.id = u.record WHERE r.id IS NULL LIMIT 20;

-- name: record_comments_of
SELECT c.id, c.author, p.name, d.name, c.at_ms, c.body, s.role, s.unit
FROM comment c JOIN person p ON p.id = c.author JOIN seat s ON s.id = c.seat
  LEFT JOIN person d ON d.id = c.deputy_for
WHERE c.record = :record ORDER BY c.at_ms, c.id LIMIT :most;

-- name: record_comment_get
SELECT record, author, body FROM comment WHERE id = :id;

-- name: record_comment_count
SELECT COUNT(*) FROM comment WHERE record = :record;

-- name: record_comment_add   writes: comment
INSERT INTO comment(id, record, author, seat, deputy_for, at_ms, body)
VALUES (:id, :record, :author, :seat, :deputy_for, :at_ms, :body) ON CONFLICT DO NOTHING;

-- name: record_verify_comments
SELECT id, record, author, seat, deputy_for, at_ms, body FROM comment WHERE id > :id ORDER BY id LIMIT :most;

-- name: record_verify_commented
SELECT record, actor, seat, deputy_for, at_ms, body FROM history WHERE record = :record AND act = :act;

-- name: record_verify_comment_entries
SELECT record, actor, seat, deputy_for, at_ms, body, chain, seq FROM history
WHERE act = :act AND (chain, seq) > (:chain, :seq) ORDER BY chain, seq LIMIT :most;

-- name: record_import_map_of
SELECT heading, aim FROM import_map WHERE account = :account AND type = :type AND heads = :heads;

-- name: record_import_map_set   writes: import_map
INSERT INTO import_map(account, type, heads, heading, aim) VALUES (:account, :type, :heads, :heading, :aim)
  ON CONFLICT(account, type, heads, heading) DO UPDATE SET aim = excluded.aim;

-- name: record_batch_add   writes: batch
INSERT INTO batch(id, account, type, name, at_ms, row_n, row_at, made, updated, same, bad, phase, undone_ms)
VALUES (:id, :account, :type, :name, :at_ms, :row_n, 0, 0, 0, 0, 0, 1, NULL) ON CONFLICT DO NOTHING;

-- name: record_batch_file_add   writes: batch_file
INSERT INTO batch_file(batch, type, sm3) VALUES (:batch, :type, :sm3) ON CONFLICT DO NOTHING;

-- name: record_batch_same_file
SELECT b.at_ms, b.made FROM batch_file f JOIN batch b ON b.id = f.batch
WHERE f.type = :type AND f.sm3 = :sm3 AND b.phase < 3 AND b.made > 0 ORDER BY b.at_ms DESC LIMIT 1;

-- name: record_job_add   writes: import_job
INSERT INTO import_job(id, account, type, lang, name, points, keys, at_ms, phase, holder, held_until, tries,
  row_n, done, made, updated, same, bad, notes, told)
VALUES (:id, :account, :type, :lang, :name, :points, :keys, :at_ms, :phase, NULL, 0, 0, :row_n, 0, 0, 0, 0, 0, '', '');

-- name: record_job_get
SELECT id, account, type, lang, name, points, keys, at_ms, phase, held_until, tries, row_n, done, made, updated,
  same, bad, notes, told FROM import_job WHERE id = :id;

-- name: record_job_of
SELECT id, account, type, lang, name, points, keys, at_ms, phase, held_until, tries, row_n, done, made, updated,
  same, bad, notes, told FROM import_job WHERE account = :account AND type = :type ORDER BY at_ms DESC, id DESC LIMIT 5;

-- name: record_job_next
SELECT id FROM import_job WHERE phase IN (1, 3) AND held_until <= :now ORDER BY at_ms, id LIMIT 1;

-- name: record_job_claim   writes: import_job
UPDATE import_job SET holder = :holder, held_until = :until, tries = tries + 1
WHERE id = :id AND phase IN (1, 3) AND held_until <= :now;

-- name: record_job_ahead
SELECT COUNT(*) FROM import_job WHERE phase IN (1, 3) AND (at_ms < :at_ms OR (at_ms = :at_ms AND id < :id));

-- name: record_job_on   writes: import_job
UPDATE import_job SET held_until = :until, tries = 0, done = :done, made = :made, updated = :updated, same = :same,
  bad = :bad WHERE id = :id AND holder = :holder AND phase IN (1, 3);

-- name: record_job_phase   writes: import_job
UPDATE import_job SET phase = :phase, holder = NULL, held_until = 0, tries = 0, points = :points, notes = :notes,
  told = :told WHERE id = :id AND phase = :was;

-- name: record_job_begins   writes: import_job
UPDATE import_job SET done = 0, made = 0, updated = 0, same = 0, bad = 0 WHERE id = :id;

-- name: record_job_gone   writes: import_job
DELETE FROM import_job WHERE id = :id;

-- name: record_job_old
SELECT id FROM import_job WHERE at_ms < :at_ms AND phase NOT IN (1, 3) ORDER BY at_ms LIMIT 20;

-- name: record_job_part_add   writes: import_part
INSERT INTO import_part(job, ix, data) VALUES (:job, :ix, :data);

-- name: record_job_parts
SELECT data FROM import_part WHERE job = :job ORDER BY ix;

-- name: record_job_parts_gone   writes: import_part
DELETE FROM import_part WHERE job = :job;

-- name: record_job_fault_add   writes: import_fault
INSERT INTO import_fault(job, ord, row, heading, value, reason) VALUES (:job, :ord, :row, :heading, :value, :reason)
ON CONFLICT DO NOTHING;

-- name: record_job_faults
SELECT row, heading, value, reason FROM import_fault WHERE job = :job ORDER BY row, ord LIMIT :most;

-- name: record_job_faults_gone   writes: import_fault
DELETE FROM import_fault WHERE job = :job;

-- name: record_batch_get
SELECT id, account, type, name, at_ms, row_n, row_at, made, updated, same, bad, phase, undone_ms
FROM batch WHERE id = :id;

-- name: record_batch_of
SELECT id, account, type, name, at_ms, row_n, row_at, made, updated, same, bad, phase, undone_ms
FROM batch WHERE account = :account AND type = :type ORDER BY at_ms DESC, id DESC LIMIT 20;

-- name: record_batch_step   writes: batch
UPDATE batch SET row_at = :row_at, made = made + :made, updated = updated + :updated, same = same + :same,
  bad = bad + :bad WHERE id = :id AND row_at = :was AND phase = 1;

-- name: record_batch_phase   writes: batch
UPDATE batch SET phase = :phase, undone_ms = COALESCE(:undone_ms, undone_ms) WHERE id = :id;

-- name: record_batch_row_add   writes: batch_row
INSERT INTO batch_row(batch, row, record, version_before, version_after, undone)
VALUES (:batch, :row, :record, :version_before, :version_after, 0);

-- name: record_batch_rows
SELECT row, record, version_before, version_after, undone FROM batch_row
WHERE batch = :batch AND row > :row ORDER BY row LIMIT 200;

-- name: record_batch_row_undone   writes: batch_row
UPDATE batch_row SET undone = :undone WHERE batch = :batch AND row = :row;

-- name: record_notice_act
SELECT 1 FROM history WHERE record = :about AND record = :record AND actor = :actor AND version = :version AND act = :act;

-- name: record_notice_comment
SELECT 1 FROM comment WHERE id = :about AND record = :record AND author = :actor;

-- name: record_notice_duty
SELECT 1 FROM duty WHERE id = :about AND record = :record;
