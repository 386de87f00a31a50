-- record_search.sql: the search index. find_text is the engine's own inverted index, see
-- store/store_schema.c; it differs, so does what is said to it.

-- name: record_find_hits
-- out: doc i64, record uuid, body text
SELECT f.rowid, d.record, d.body FROM find_text f CROSS JOIN find_doc d ON d.doc = f.rowid
WHERE f.find_text MATCH :match AND f.rowid < :below ORDER BY f.rowid DESC LIMIT :n;
-- engine: pg
SELECT f.doc, d.record, d.body
FROM (SELECT doc FROM find_text WHERE tokens @@ CAST(CAST(:match AS text) AS tsquery) AND doc < :below
      ORDER BY doc DESC LIMIT :n) f
JOIN find_doc d ON d.doc = f.doc ORDER BY f.doc DESC;

-- name: record_find_get
SELECT doc, body FROM find_doc WHERE record = :record;

-- name: record_find_taken
SELECT 1 AS one FROM find_doc WHERE doc = :doc;

-- name: record_find_add   writes: find_doc
INSERT INTO find_doc(doc, record, body) VALUES (:doc, :record, :body);

-- name: record_find_remove   writes: find_doc
DELETE FROM find_doc WHERE record = :record;

-- name: record_find_add_tokens   writes: find_text
INSERT INTO find_text(rowid, tokens) VALUES (:doc, :tokens);
-- engine: pg
INSERT INTO find_text(doc, tokens)
VALUES (:doc, array_to_tsvector(string_to_array(CAST(:tokens AS text), ' ')));

-- name: record_find_remove_tokens   writes: find_text
INSERT INTO find_text(find_text, rowid, tokens) VALUES ('delete', :doc, :tokens);
-- engine: pg
DELETE FROM find_text WHERE doc = :doc AND CAST(:tokens AS text) IS NOT NULL;

-- name: record_find_empty_tokens   writes: find_text
INSERT INTO find_text(find_text) VALUES ('delete-all');
-- engine: pg
DELETE FROM find_text;

-- name: record_find_empty   writes: find_doc
DELETE FROM find_doc;

-- name: record_find_at_empty   writes: find_at
DELETE FROM find_at;

-- name: record_find_at_begin   writes: find_at
INSERT INTO find_at(chain, seq) VALUES (:chain, 0) ON CONFLICT DO NOTHING;

-- name: record_find_at_move   writes: find_at
UPDATE find_at SET seq = :to WHERE chain = :chain AND seq = :from;

-- name: record_find_begun
-- out: one i64
SELECT 1 FROM find_at LIMIT 1;

-- name: record_find_behind
-- out: chain i64, at i64, seq i64
SELECT c.id, COALESCE(f.seq, 0), c.seq FROM chain c LEFT JOIN find_at f ON f.chain = c.id
WHERE c.seq > COALESCE(f.seq, 0) ORDER BY c.id;

-- name: record_find_lag
-- out: n i64
SELECT CAST(COALESCE(SUM(c.seq - COALESCE(f.seq, 0)), 0) AS BIGINT)
FROM chain c LEFT JOIN find_at f ON f.chain = c.id;

-- name: record_find_next
SELECT seq, record, type FROM history WHERE chain = :chain AND seq > :seq ORDER BY seq LIMIT :n;

-- name: record_find_newest
SELECT record, type FROM history WHERE chain = :chain AND seq > :seq ORDER BY seq DESC LIMIT :n;

-- name: record_find_verify
SELECT doc, record, body FROM find_doc WHERE doc < :below ORDER BY doc DESC LIMIT 500;

-- name: record_find_has
-- out: one i64
SELECT 1 FROM find_text WHERE find_text MATCH :match AND rowid = :doc;
-- engine: pg
SELECT 1 FROM find_text WHERE tokens @@ CAST(CAST(:match AS text) AS tsquery) AND doc = :doc;

-- name: record_find_is_behind
-- out: one i64
SELECT 1 FROM history h LEFT JOIN find_at f ON f.chain = h.chain
WHERE h.record = :record AND h.seq > COALESCE(f.seq, 0) LIMIT 1;

-- name: record_find_lacking
SELECT r.id, r.type, d.doc FROM record r LEFT JOIN find_doc d ON d.record = r.id
WHERE r.id > :id ORDER BY r.id LIMIT 500;

-- name: record_find_count
-- out: n i64
SELECT COUNT(*) FROM find_text WHERE find_text MATCH :match;
-- engine: pg
SELECT COUNT(*) FROM find_text WHERE tokens @@ CAST(CAST(:match AS text) AS tsquery);
