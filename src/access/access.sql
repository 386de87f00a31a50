-- access.sql: all fixed SQL of the access room. It alone writes unit, unit_above, seat, person,
-- account, posting, session, token, invite and the key 'tree' of meta.

-- part: lasts
-- The posting p today, by its days.
p.starts <= :today AND (p.ends IS NULL OR p.ends >= :today)

-- part: lives
-- ... and it has a living holder: his account is in use.
@lasts AND EXISTS
  (SELECT 1 FROM account a WHERE a.person = p.person AND a.disabled = 0 AND a.admin = 0)

-- part: is_empty
-- Nobody holds the seat c.
NOT EXISTS (SELECT 1 FROM posting p WHERE p.seat = c.id AND @lives)

-- name: access_get_tree_number
SELECT value FROM meta WHERE key = 'tree';

-- name: access_set_tree_number
INSERT INTO meta(key, value) VALUES ('tree', :value)
ON CONFLICT(key) DO UPDATE SET value = excluded.value;

-- name: access_list_units
SELECT id, parent, kind, code, name, opened, closed, county, successor FROM unit ORDER BY ord, id;

-- name: access_add_units
INSERT INTO unit(id, parent, kind, code, name, opened, closed, successor, county, ord)
SELECT e.value->>0, e.value->>1, e.value->>2, e.value->>3, e.value->>4, e.value->>5, NULL, NULL,
  e.value->>6, e.value->>7
FROM json_each(:rows) AS e;
-- engine: pg
INSERT INTO unit(id, parent, kind, code, name, opened, closed, successor, county, ord)
SELECT CAST(e.value->>0 AS BIGINT), CAST(e.value->>1 AS BIGINT), e.value->>2, e.value->>3, e.value->>4,
  CAST(e.value->>5 AS BIGINT), NULL, NULL, CAST(e.value->>6 AS BIGINT), CAST(e.value->>7 AS BIGINT)
FROM jsonb_array_elements(CAST(CAST(:rows AS text) AS jsonb)) AS e(value);

-- name: access_set_unit
UPDATE unit SET parent = :parent, kind = :kind, name = :name, county = :county, ord = :ord WHERE id = :id;

-- name: access_drop_unit_above
DELETE FROM unit_above;

-- name: access_add_unit_above
INSERT INTO unit_above(above, unit)
WITH RECURSIVE up(above, unit) AS (
  SELECT id, id FROM unit WHERE id >= :first
  UNION ALL
  SELECT u.parent, up.unit FROM up JOIN unit u ON u.id = up.above WHERE u.parent IS NOT NULL)
SELECT above, unit FROM up;

-- name: access_list_unit_above
SELECT above, unit FROM unit_above;

-- name: access_find_session
SELECT a.id, a.name, a.person, p.name, a.admin, a.disabled, a.access_no, a.lang, a.password, a.fails, a.locked_ms,
  x.csrf, x.made_ms, x.seen_ms, x.view_seat, x.view_until, s.unit, s.role
FROM session x JOIN account a ON a.id = x.account JOIN person p ON p.id = a.person
LEFT JOIN seat s ON s.id = x.view_seat WHERE x.id = :id;

-- name: access_set_view
UPDATE session SET view_seat = :seat, view_until = :until WHERE id = :id AND account = :account;

-- name: access_add_session
INSERT INTO session(id, account, csrf, made_ms, seen_ms) VALUES (:id, :account, :csrf, :made_ms, :seen_ms);

-- name: access_touch_session
UPDATE session SET seen_ms = :seen_ms WHERE id = :id AND seen_ms < :seen_ms;

-- name: access_drop_session
DELETE FROM session WHERE id = :id;

-- name: access_drop_sessions
DELETE FROM session WHERE account = :account;

-- name: access_drop_old_sessions
DELETE FROM session WHERE account = :account AND (made_ms <= :made_ms OR seen_ms <= :seen_ms);

-- name: access_find_token
SELECT a.id, a.name, a.person, p.name, a.admin, a.disabled, a.access_no, a.lang, a.password, a.fails, a.locked_ms, t.ends_ms
FROM token t JOIN account a ON a.id = t.account JOIN person p ON p.id = a.person WHERE t.id = :id;

-- name: access_add_token
INSERT INTO token(id, account, ends_ms) VALUES (:id, :account, :ends_ms);

-- name: access_drop_tokens
DELETE FROM token WHERE account = :account;

-- name: access_find_feed
SELECT account FROM feed WHERE id = :id;

-- name: access_get_feed
SELECT made_ms FROM feed WHERE account = :account;

-- name: access_add_feed
INSERT INTO feed(account, id, made_ms) VALUES (:account, :id, :made_ms);

-- name: access_drop_feed
DELETE FROM feed WHERE account = :account;

-- name: access_find_invite
SELECT account, ends_ms FROM invite WHERE code = :code;

-- name: access_add_invite
INSERT INTO invite(code, account, by_account, ends_ms) VALUES (:code, :account, :by_account, :ends_ms);

-- name: access_drop_invites
DELETE FROM invite WHERE account = :account;

-- name: access_get_account
SELECT a.id, a.name, a.person, p.name, a.admin, a.disabled, a.access_no, a.lang, a.password, a.fails, a.locked_ms
FROM account a JOIN person p ON p.id = a.person WHERE a.id = :id;

-- name: access_find_account
SELECT a.id, a.name, a.person, p.name, a.admin, a.disabled, a.access_no, a.lang, a.password, a.fails, a.locked_ms
FROM account a JOIN person p ON p.id = a.person WHERE a.name = :name;

-- name: access_next_account
SELECT coalesce(max(id), 0) + 1 FROM account;

-- name: access_add_account
INSERT INTO account(id, person, name, password, admin, disabled, access_no, fails, locked_ms, lang, made_ms)
VALUES (:id, :person, :name, NULL, :admin, 0, 1, 0, 0, 'zh', :made_ms);

-- name: access_set_fails
UPDATE account SET fails = :fails, locked_ms = :locked_ms WHERE id = :id;

-- name: access_set_password
UPDATE account SET password = :password WHERE id = :id;

-- name: access_set_disabled
UPDATE account SET disabled = :disabled WHERE id = :id;

-- name: access_set_lang
UPDATE account SET lang = :lang WHERE id = :id;

-- name: access_raise_account
UPDATE account SET access_no = access_no + 1 WHERE id = :id;

-- name: access_raise_person
UPDATE account SET access_no = access_no + 1 WHERE person = :person;

-- name: access_raise_deputies
UPDATE account SET access_no = access_no + 1 WHERE person IN (
  WITH RECURSIVE away(person) AS (
    SELECT id FROM person WHERE id = :person
    UNION
    SELECT d.person FROM away w JOIN posting p ON p.person = w.person JOIN deputy d ON d.posting = p.id
    WHERE d.starts <= :today AND d.ends >= :today)
  SELECT person FROM away);

-- name: access_raise_seat
UPDATE account SET access_no = access_no + 1 WHERE person IN (
  WITH RECURSIVE away(person) AS (
    SELECT p.person FROM posting p WHERE p.seat = :seat AND @lives
    UNION
    SELECT d.person FROM away w JOIN posting p ON p.person = w.person JOIN deputy d ON d.posting = p.id
    WHERE d.starts <= :today AND d.ends >= :today)
  SELECT person FROM away);

-- name: access_raise_all
UPDATE account SET access_no = access_no + 1;

-- name: access_get_account_name
SELECT name FROM account WHERE id = :id;

-- name: access_get_person
SELECT name FROM person WHERE id = :id;

-- name: access_add_person
INSERT INTO person(id, name, made_ms) VALUES (:id, :name, :made_ms);

-- name: access_find_seat
SELECT id FROM seat WHERE unit = :unit AND role = :role;

-- name: access_next_seat
SELECT coalesce(max(id), 0) + 1 FROM seat;

-- name: access_add_seat
INSERT INTO seat(id, unit, role, falls_to) VALUES (:id, :unit, :role, :falls_to);

-- name: access_set_seat
UPDATE seat SET falls_to = :falls_to WHERE id = :id;

-- name: access_list_all_seats
SELECT id, unit, role, falls_to FROM seat ORDER BY id;

-- name: access_list_posts
SELECT p.id, p.seat, s.role, s.unit, p.starts, p.ends
FROM posting p JOIN seat s ON s.id = p.seat
WHERE p.person = :person AND (p.ends IS NULL OR p.ends >= :today) ORDER BY p.id;

-- name: access_list_deputyships
-- out: posting i64, seat i64, role text, unit i64, starts day, ends day, person uuid, name text
WITH RECURSIVE acts(posting, starts, ends, depth) AS (
  SELECT d.posting, d.starts, d.ends, 1 FROM deputy d
  WHERE d.person = :person AND d.starts <= :today AND d.ends >= :today
  UNION
  SELECT d.posting, CASE WHEN d.starts > x.starts THEN d.starts ELSE x.starts END,
    CASE WHEN d.ends < x.ends THEN d.ends ELSE x.ends END, x.depth + 1
  FROM acts x JOIN posting p ON p.id = x.posting JOIN deputy d ON d.person = p.person
  WHERE d.starts <= :today AND d.ends >= :today AND x.depth < 4 AND @lives)
SELECT x.posting, p.seat, s.role, s.unit, x.starts, x.ends, p.person, pe.name
FROM acts x JOIN posting p ON p.id = x.posting JOIN seat s ON s.id = p.seat
JOIN person pe ON pe.id = p.person
WHERE p.person <> :person AND @lives
ORDER BY x.depth, x.posting, x.ends DESC;

-- part: stands
-- Postings `mine` answers for today: those of seats that fall to it, and left to it as their heir.
open_seat(mine, seat) AS (
  SELECT posting, seat FROM mine
  UNION
  SELECT o.mine, c.id FROM open_seat o JOIN seat c ON c.falls_to = o.seat
  WHERE c.id <> o.seat AND @is_empty),
dead(mine, posting, person) AS (
  SELECT o.mine, p.id, p.person FROM open_seat o JOIN posting p ON p.seat = o.seat
  WHERE p.heir IS NULL AND NOT (@lives)
  UNION
  SELECT m.posting, p.id, p.person FROM mine m JOIN posting p ON p.heir = m.posting
  WHERE NOT (@lives)
  UNION
  SELECT d.mine, p.id, p.person FROM dead d JOIN posting p ON p.heir = d.posting
  WHERE NOT (@lives))
SELECT mine, posting, person FROM dead
UNION SELECT m.posting, m.posting, d.person FROM mine m JOIN deputy d ON d.posting = m.posting
UNION SELECT x.mine, x.posting, d.person FROM dead x JOIN deputy d ON d.posting = x.posting
ORDER BY 2 DESC, 3, 1 LIMIT :most

-- name: access_list_stands
-- out: mine i64, posting i64, person uuid
WITH RECURSIVE mine(posting, seat) AS (
  SELECT e.value->>0, e.value->>1 FROM json_each(:posts) AS e),
@stands;
-- engine: pg
WITH RECURSIVE mine(posting, seat) AS (
  SELECT CAST(e.value->>0 AS BIGINT), CAST(e.value->>1 AS BIGINT)
  FROM jsonb_array_elements(CAST(CAST(:posts AS text) AS jsonb)) AS e(value)),
@stands;

-- name: access_list_answered
-- out: seat i64
WITH RECURSIVE open_seat(seat) AS (
  SELECT e.value->>1 FROM json_each(:posts) AS e
  UNION
  SELECT c.id FROM open_seat o JOIN seat c ON c.falls_to = o.seat
  WHERE c.id <> o.seat AND @is_empty)
SELECT seat FROM open_seat ORDER BY seat LIMIT :most;
-- engine: pg
WITH RECURSIVE open_seat(seat) AS (
  SELECT CAST(e.value->>1 AS BIGINT)
  FROM jsonb_array_elements(CAST(CAST(:posts AS text) AS jsonb)) AS e(value)
  UNION
  SELECT c.id FROM open_seat o JOIN seat c ON c.falls_to = o.seat
  WHERE c.id <> o.seat AND @is_empty)
SELECT seat FROM open_seat ORDER BY seat LIMIT :most;

-- name: access_list_lents
-- out: unit i64, role text, target i64
SELECT r.unit, r.role, r.target FROM json_each(:posts) AS e JOIN reach r ON r.unit = e.value->>2
WHERE r.starts <= :today AND (r.ends IS NULL OR r.ends >= :today) ORDER BY r.id;
-- engine: pg
SELECT r.unit, r.role, r.target
FROM jsonb_array_elements(CAST(CAST(:posts AS text) AS jsonb)) AS e(value)
JOIN reach r ON r.unit = CAST(e.value->>2 AS BIGINT)
WHERE r.starts <= :today AND (r.ends IS NULL OR r.ends >= :today) ORDER BY r.id;

-- name: access_get_answer
-- out: person uuid, name text, seat i64, unit i64, role text, heir i64, live i64
SELECT p.person, pe.name, p.seat, s.unit, s.role, p.heir, CASE WHEN @lives THEN 1 ELSE 0 END
FROM posting p JOIN seat s ON s.id = p.seat JOIN person pe ON pe.id = p.person WHERE p.id = :id;

-- name: access_get_seat
SELECT unit, role, falls_to FROM seat WHERE id = :id;

-- name: access_find_usable_holder
SELECT p.person, pe.name, p.id FROM posting p JOIN person pe ON pe.id = p.person
WHERE p.seat = :seat AND @lives ORDER BY p.id LIMIT 1;

-- name: access_list_holders
SELECT pe.id, pe.name, p.starts, p.ends, p.id
FROM seat s JOIN posting p ON p.seat = s.id JOIN person pe ON pe.id = p.person
WHERE s.unit = :unit AND s.role = :role AND @lasts
ORDER BY p.id;

-- name: access_list_posting_deputies
-- out: person uuid, name text, starts day, ends day
WITH RECURSIVE acts(person, starts, ends, depth) AS (
  SELECT d.person, d.starts, d.ends, 1 FROM posting p JOIN deputy d ON d.posting = p.id
  WHERE p.id = :posting AND d.starts <= :today AND d.ends >= :today AND @lives
  UNION
  SELECT d.person, CASE WHEN d.starts > x.starts THEN d.starts ELSE x.starts END,
    CASE WHEN d.ends < x.ends THEN d.ends ELSE x.ends END, x.depth + 1
  FROM acts x JOIN posting p ON p.person = x.person JOIN deputy d ON d.posting = p.id
  WHERE d.starts <= :today AND d.ends >= :today AND x.depth < 4 AND @lives)
SELECT x.person, pe.name, max(x.starts), max(x.ends) FROM acts x JOIN person pe ON pe.id = x.person
WHERE x.person <> (SELECT person FROM posting WHERE id = :posting)
GROUP BY x.person, pe.name ORDER BY min(x.depth), pe.name, x.person;

-- name: access_find_posted_person
SELECT pe.name FROM person pe WHERE pe.id = :person AND (EXISTS (SELECT 1 FROM posting p
  WHERE p.person = pe.id AND @lasts)
  OR EXISTS (SELECT 1 FROM deputy d JOIN posting p ON p.id = d.posting
  WHERE d.person = pe.id AND d.starts <= :today AND d.ends >= :today AND @lives));

-- name: access_list_reaching
SELECT unit FROM reach WHERE target = :target AND role = :role AND starts <= :today
AND (ends IS NULL OR ends >= :today) ORDER BY id;

-- name: access_any_posting
SELECT id FROM posting LIMIT 1;

-- name: access_find_overlap
SELECT id FROM posting
WHERE person = :person AND seat = :seat AND starts <= :ends AND (ends IS NULL OR ends >= :starts) LIMIT 1;

-- name: access_next_posting
SELECT coalesce(max(id), 0) + 1 FROM posting;

-- name: access_add_posting
INSERT INTO posting(id, person, seat, starts, ends, heir) VALUES (:id, :person, :seat, :starts, :ends, NULL);

-- name: access_get_posting
SELECT p.person, p.seat, s.unit, s.role, p.starts, p.ends, a.id, p.heir
FROM posting p JOIN seat s ON s.id = p.seat LEFT JOIN account a ON a.person = p.person
WHERE p.id = :id ORDER BY a.id;

-- name: access_find_other_open
SELECT id FROM posting
WHERE seat = :seat AND id <> :posting AND starts <= :today AND ends IS NULL AND EXISTS
  (SELECT 1 FROM account a WHERE a.person = posting.person AND a.disabled = 0) LIMIT 1;

-- name: access_set_posting
UPDATE posting SET ends = :ends WHERE id = :id;

-- name: access_list_seat_lines
SELECT s.id, s.role, p.id, pe.name, a.name, p.starts, p.ends, a.password, a.disabled,
  (SELECT max(i.ends_ms) FROM invite i WHERE i.account = a.id)
FROM seat s
LEFT JOIN posting p ON p.seat = s.id AND (p.ends IS NULL OR p.ends >= :today)
LEFT JOIN person pe ON pe.id = p.person
LEFT JOIN account a ON a.person = p.person
WHERE s.unit = :unit ORDER BY s.id, p.starts, p.id;

-- name: access_list_users
SELECT a.name, pe.name, a.admin, s.role, s.unit
FROM account a JOIN person pe ON pe.id = a.person
LEFT JOIN posting p ON p.person = a.person AND @lasts
LEFT JOIN seat s ON s.id = p.seat
ORDER BY a.id, p.id;

-- name: access_list_all_postings
SELECT p.id, p.seat, p.starts, p.ends, a.id, a.admin, p.heir
FROM posting p LEFT JOIN account a ON a.person = p.person ORDER BY p.id;

-- name: access_list_audience
SELECT p.person, n.name, s.unit
FROM unit_above v JOIN seat s ON s.unit = v.unit JOIN posting p ON p.seat = s.id
  JOIN person n ON n.id = p.person
WHERE v.above = :above AND s.role = :role AND @lasts;

-- name: access_list_people
SELECT p.person, n.name, COALESCE(a.name, ''), s.unit, s.role
FROM unit_above v JOIN seat s ON s.unit = v.unit JOIN posting p ON p.seat = s.id
  JOIN person n ON n.id = p.person LEFT JOIN account a ON a.person = p.person
WHERE v.above = :above AND @lasts
ORDER BY s.unit, p.id;

-- name: access_any_record
SELECT type FROM record LIMIT 1;

-- name: access_root_seat
SELECT s.id FROM seat s JOIN unit u ON u.id = s.unit
WHERE u.parent IS NULL AND s.falls_to = s.id ORDER BY s.id LIMIT 1;

-- name: access_is_last_root
-- out: id i64
SELECT s.id FROM posting o JOIN seat s ON s.id = o.seat
WHERE o.person = :person AND s.falls_to = s.id AND o.starts <= :today
AND (o.ends IS NULL OR o.ends >= :today)
AND NOT EXISTS (SELECT 1 FROM posting p WHERE p.seat = s.id AND p.person <> :person AND @lives) LIMIT 1;

-- name: access_next_log
SELECT coalesce(max(id), 0) + 1 FROM access_log;

-- name: access_add_log
INSERT INTO access_log(id, at_ms, account, what, about, detail)
VALUES (:id, :at_ms, :account, :what, :about, :detail);

-- name: access_list_log
SELECT l.at_ms, a.name, l.what, l.about, l.detail
FROM access_log l LEFT JOIN account a ON a.id = l.account
WHERE l.at_ms < :before ORDER BY l.at_ms DESC, l.id DESC LIMIT :most;

-- name: access_list_locked
SELECT a.name, pe.name, a.fails, a.locked_ms, a.disabled
FROM account a JOIN person pe ON pe.id = a.person
WHERE a.locked_ms > :now OR a.disabled = 1 ORDER BY a.id;

-- name: access_list_saved
SELECT id, name, query FROM saved_list WHERE account = :account AND type = :type ORDER BY name;

-- name: access_count_saved
SELECT count(*) FROM saved_list WHERE account = :account AND NOT (type = :type AND name = :name);

-- name: access_next_saved
SELECT coalesce(max(id), 0) + 1 FROM saved_list;

-- name: access_add_saved
INSERT INTO saved_list(id, account, type, name, query) VALUES (:id, :account, :type, :name, :query)
ON CONFLICT(account, type, name) DO UPDATE SET query = excluded.query;

-- name: access_drop_saved
DELETE FROM saved_list WHERE id = :id AND account = :account;

-- name: access_next_deputy
SELECT coalesce(max(id), 0) + 1 FROM deputy;

-- name: access_add_deputy
INSERT INTO deputy(id, posting, person, starts, ends, by_account)
VALUES (:id, :posting, :person, :starts, :ends, :by_account);

-- name: access_find_deputy_overlap
SELECT id FROM deputy
WHERE posting = :posting AND person = :person AND starts <= :ends AND ends >= :starts LIMIT 1;

-- name: access_find_deputy_circle
-- out: person uuid
WITH RECURSIVE away(person, starts, ends) AS (
  SELECT id, CAST(:starts AS BIGINT), CAST(:ends AS BIGINT) FROM person WHERE id = :person
  UNION
  SELECT d.person, CASE WHEN d.starts > w.starts THEN d.starts ELSE w.starts END,
    CASE WHEN d.ends < w.ends THEN d.ends ELSE w.ends END
  FROM away w JOIN posting p ON p.person = w.person JOIN deputy d ON d.posting = p.id
  WHERE d.starts <= w.ends AND d.ends >= w.starts)
SELECT person FROM away WHERE person = :holder LIMIT 1;

-- name: access_get_deputy
SELECT d.posting, d.person, d.starts, d.ends, pe.name
FROM deputy d JOIN person pe ON pe.id = d.person WHERE d.id = :id;

-- name: access_end_deputy
UPDATE deputy SET ends = :ends WHERE id = :id;

-- name: access_drop_deputy
DELETE FROM deputy WHERE id = :id;

-- name: access_list_ended
SELECT p.id, s.role, pe.name, p.starts, p.ends, he.name
FROM seat s JOIN posting p ON p.seat = s.id JOIN person pe ON pe.id = p.person
LEFT JOIN posting h ON h.id = p.heir LEFT JOIN person he ON he.id = h.person
WHERE s.unit = :unit AND p.ends < :today ORDER BY p.ends DESC, p.id DESC LIMIT :most;

-- name: access_list_loans
SELECT role, target, starts, ends FROM reach
WHERE unit = :unit AND (ends IS NULL OR ends >= :today) ORDER BY role, starts, id LIMIT :most;

-- name: access_list_unit_deputies
SELECT d.id, d.posting, pe.name, d.starts, d.ends
FROM seat s JOIN posting p ON p.seat = s.id JOIN deputy d ON d.posting = p.id
JOIN person pe ON pe.id = d.person
WHERE s.unit = :unit AND d.ends >= :today AND d.ends >= d.starts ORDER BY d.starts, d.id;

-- name: access_list_all_deputies
SELECT d.id, d.person, d.starts, d.ends, p.person, p.starts, p.ends
FROM deputy d JOIN posting p ON p.id = d.posting WHERE d.ends >= d.starts ORDER BY d.id;

-- name: access_set_heir
UPDATE posting SET heir = :heir WHERE id = :id;

-- name: access_find_reach
SELECT id FROM reach WHERE unit = :unit AND target = :target AND role = :role
AND (ends IS NULL OR ends >= :starts) ORDER BY id LIMIT 1;

-- name: access_count_reach
SELECT count(*) FROM reach WHERE unit = :unit AND role = :role AND (ends IS NULL OR ends >= :today);

-- name: access_next_reach
SELECT coalesce(max(id), 0) + 1 FROM reach;

-- name: access_add_reach
INSERT INTO reach(id, unit, target, role, starts, ends)
VALUES (:id, :unit, :target, :role, :starts, :ends);

-- name: access_set_reach
UPDATE reach SET ends = :ends WHERE id = :id;

-- name: access_raise_holders
UPDATE account SET access_no = access_no + 1 WHERE person IN (
  WITH RECURSIVE away(person) AS (
    SELECT p.person FROM seat s JOIN posting p ON p.seat = s.id
    WHERE s.unit = :unit AND s.role = :role AND (p.ends IS NULL OR p.ends >= :today)
    UNION
    SELECT d.person FROM away w JOIN posting p ON p.person = w.person JOIN deputy d ON d.posting = p.id
    WHERE d.starts <= :today AND d.ends >= :today)
  SELECT person FROM away);

-- name: access_count_unit_postings
SELECT count(*) FROM seat s JOIN posting p ON p.seat = s.id
WHERE s.unit = :unit AND (p.ends IS NULL OR p.ends >= :today);

-- name: access_close_unit
UPDATE unit SET closed = :today, successor = :into, parent = :into,
  ord = (SELECT coalesce(max(o.ord), 0) + 1 FROM unit o WHERE o.parent = :into) WHERE id = :from;

-- name: access_move_county
UPDATE unit SET county = :county
WHERE county = :old AND id IN (SELECT unit FROM unit_above WHERE above = :from);

-- name: access_cut_above
DELETE FROM unit_above WHERE unit IN (SELECT unit FROM unit_above WHERE above = :from)
AND above NOT IN (SELECT unit FROM unit_above WHERE above = :from);

-- name: access_hang_above
INSERT INTO unit_above(above, unit) SELECT x.above, y.unit
FROM unit_above x JOIN unit_above y ON y.above = :from WHERE x.unit = :into;

-- name: access_drop_coming_deputies
DELETE FROM deputy WHERE posting IN (SELECT p.id FROM posting p JOIN seat s ON s.id = p.seat
  WHERE s.unit = :unit AND p.starts > :today);

-- name: access_drop_coming_heirs
UPDATE posting SET heir = NULL WHERE heir IN (SELECT p.id FROM posting p JOIN seat s ON s.id = p.seat
  WHERE s.unit = :unit AND p.starts > :today);

-- name: access_drop_coming_postings
DELETE FROM posting WHERE starts > :today AND seat IN (SELECT id FROM seat WHERE unit = :unit);

-- name: access_end_unit_postings
UPDATE posting SET ends = :today
WHERE (ends IS NULL OR ends > :today) AND seat IN (SELECT id FROM seat WHERE unit = :unit);

-- name: access_move_reach
UPDATE reach SET unit = :into WHERE unit = :from AND (ends IS NULL OR ends >= :today);
