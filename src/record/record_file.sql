-- record_file.sql: statements on the files store (files.db, or the same database on PostgreSQL).

-- name: file_get
SELECT owner, mime, bytes, sm3, source, name FROM file WHERE id = :id;

-- name: file_add   writes: file
INSERT INTO file(id, owner, mime, bytes, sm3, source, made_ms, name)
VALUES (:id, :owner, :mime, :bytes, :sm3, :source, :made_ms, :name) ON CONFLICT DO NOTHING;

-- name: file_chunk_add   writes: file_chunk
INSERT INTO file_chunk(file, ix, data) VALUES (:file, :ix, :data);

-- name: file_chunks
SELECT ix, data FROM file_chunk WHERE file = :file ORDER BY ix;

-- name: file_verify_all
SELECT id, bytes, sm3 FROM file WHERE id > :id ORDER BY id LIMIT 100;
