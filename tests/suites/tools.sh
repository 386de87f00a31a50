#!/bin/sh
# The build's own tools, the test runner and the adding up of suites: what they must refuse, they refuse.
set -u
B=${B:-build}
tools=$(cd "$B/tools" && pwd) || exit 1
root=$PWD
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
n=0

# ok NAME: by the exit status before it
ok() {
    rc=$?
    n=$((n + 1))
    [ $rc = 0 ] || { sed 's/^/# /' "$tmp/said" 2> /dev/null; printf 'not '; }
    echo "ok $n - $1"
}
# says TEXT COMMAND...: the command fails and its output holds TEXT
says() {
    text=$1
    shift
    if "$@" > "$tmp/said" 2>&1; then return 1; fi
    grep -qF -- "$text" "$tmp/said"
}

# ---- mksql -----------------------------------------------------------------------------------------
mkdir -p "$tmp/src/access" "$tmp/src/record" "$tmp/out" && cd "$tmp" || exit 1
cat > src/access/access.sql <<'X'
-- What access asks.
-- name: access_find   writes: nothing
SELECT u.id, count(*) AS n, coalesce(u.name, 'a:b, ?; -- c') -- a remark; with :x
FROM unit u WHERE code = :code AND (:kind = kind OR kind = :code);
-- engine: pg
SELECT u.id, count(*)::bigint AS n, u.name FROM unit u WHERE code = :code AND kind = :kind

-- name: access_star
SELECT * FROM unit
X
cat > src/record/record_file.sql <<'X'
-- name: file_add
INSERT INTO file(id) VALUES (:id) RETURNING id, made_ms;
X
"$tools/mksql" out src/record/record_file.sql src/access/access.sql > said 2>&1
ok 'mksql takes good files'
grep -qF ".text = \"SELECT u.id, count(*) AS n, coalesce(u.name, 'a:b, ?; -- c') FROM unit u WHERE code = ?1 AND (?2 = kind OR kind = ?1)\"" out/sql.c
ok 'mksql numbers parameters in the order of their first appearance, and leaves texts alone'
grep -qF '.pg = "SELECT u.id, count(*)::bigint AS n, u.name FROM unit u WHERE code = ?1 AND kind = ?2"' out/sql.c
ok 'mksql gives PostgreSQL its own text with the same numbers'
grep -qF 'SQL_IN_access_find_kind = 2' out/sql.h && grep -qF 'SQL_OUT_access_find_n = 1' out/sql.h &&
    grep -qF 'SQL_OUT_file_add_made_ms = 1' out/sql.h && grep -qF 'SQL_FILES_N = 1' out/sql.h
ok 'mksql names parameters and columns, and counts the statements of the files'
grep -q 'SQL_OUT_access_star' out/sql.h
[ $? = 1 ]
ok 'mksql knows no columns of *'
printf -- '-- name: access_find\nSELECT 1;\n' > src/access/b.sql
says 'src/access/b.sql:1: error: access_find stands at src/access/access.sql:2 already' \
    "$tools/mksql" out src/access/access.sql src/access/b.sql
ok 'mksql refuses a name given twice, with both places'
printf -- '-- name: access_x\nSELECT :a;\n-- engine: pg\nSELECT :b;\n' > src/access/b.sql
says ':b is not a parameter of the other text' "$tools/mksql" out src/access/b.sql
ok 'mksql refuses other parameters for PostgreSQL'
printf -- '-- name: record_x\nSELECT 1;\n' > src/access/b.sql
says 'does not begin with its room' "$tools/mksql" out src/access/b.sql
ok 'mksql refuses a name of another room'
printf -- '-- name: access_x\nSELECT 1; SELECT 2;\n-- name: access_y\n' > src/access/b.sql
says 'one statement a block' "$tools/mksql" out src/access/b.sql && grep -q 'access_y is empty' said
ok 'mksql refuses two statements in a block and an empty one'
printf -- '-- name: access_x\nSELECT ?1;\n' > src/access/b.sql
says 'write parameters as :name' "$tools/mksql" out src/access/b.sql
ok 'mksql refuses numbered parameters'
cat > src/access/b.sql <<'X'
-- part: lasts
-- by its days
p.starts <= :today

-- part: lives
@lasts AND p.is_used = 1

-- name: access_x
SELECT p.id FROM posting p WHERE p.seat = :seat AND NOT (@lives) AND p.tags @@ 'a' LIMIT 1;
X
"$tools/mksql" out src/access/b.sql > said 2>&1 && tr -s ' ' < out/sql.c |
    grep -qF "WHERE p.seat = ?1 AND NOT ( p.starts <= ?2 AND p.is_used = 1 ) AND p.tags @@ 'a' LIMIT 1"
ok 'mksql puts in what a part says, and parts into parts'
printf -- '-- name: access_x\nSELECT 1 WHERE @lives;\n-- part: lives\n1;\n-- part: lives\n1;\n' > src/access/b.sql
says 'src/access/b.sql:2: error: no part lives stands above' "$tools/mksql" out src/access/b.sql &&
    grep -qF 'b.sql:5: error: the part lives stands above already' said
ok 'mksql refuses a part that is not there, and one given twice'

# ---- mki18n ----------------------------------------------------------------------------------------
mkdir -p i18n/zh i18n/en
sentences() { # ZH EN
    printf '%b' "$1" > i18n/zh/a.txt
    printf '%b' "$2" > i18n/en/a.txt
    "$tools/mki18n" out/i18n.c i18n/zh/a.txt i18n/en/a.txt
}
sentences '# 注\n\nb.two = 二 {0}“=”\na.one = 一\n' 'a.one = "one"\nb.two = two {0}\n' > said 2>&1
ok 'mki18n takes good files'
sentences 'a.one = 一\nb.two = 二\n' 'a.one = one\n' > said 2>&1
[ $? = 1 ] && grep -qF 'i18n/zh/a.txt:2: error: b.two is missing in en' said
ok 'mki18n refuses a key without English'
sentences 'a.one = 一 {0}\n' 'a.one = one {1}\n' > said 2>&1
[ $? = 1 ] && grep -qF 'i18n/en/a.txt:1: error: a.one has other {n} than at i18n/zh/a.txt:1' said
ok 'mki18n refuses places that differ'
sentences 'a.one = 一\na.one = 二\nA b = c\nnone\n' 'a.one = one\n' > said 2>&1
[ $? = 1 ] && grep -qF 'a.txt:2: error: a.one stands at' said && grep -qF 'is not a key' said &&
    grep -qF 'a.txt:4: error: expected' said
ok 'mki18n tells all mistakes of a file at once'

# ---- need ------------------------------------------------------------------------------------------
mkdir -p bin need/tools
cp "$root/tools/need" need/tools/
echo 'run gcc nosuchpackage' > need/tools/packages
printf '#!/bin/sh\necho "gcc installed"\n' > bin/dpkg-query
printf '#!/bin/sh\necho 1000\n' > bin/id
printf '#!/bin/sh\nexit 1\n' > bin/sudo
printf '#!/bin/sh\necho "apt-get $*" >> "%s/apt"\n' "$tmp" > bin/apt-get
chmod +x bin/*
says 'apt-get update && apt-get install -y --no-install-recommends nosuchpackage' \
    env PATH="$tmp/bin:$PATH" need/tools/need run
[ $? = 0 ] && [ ! -e apt ]
ok 'need prints the line to paste where it may not install'
printf '#!/bin/sh\necho 0\n' > bin/id
env PATH="$tmp/bin:$PATH" need/tools/need run > said 2>&1 &&
    grep -qxF 'apt-get install -y --no-install-recommends nosuchpackage' apt
ok 'need installs what is missing, and only that'
rm -f apt
echo 'run gcc' > need/tools/packages
env PATH="$tmp/bin:$PATH" need/tools/need run > said 2>&1 && [ ! -e apt ] && [ ! -s said ]
ok 'need is silent and leaves apt alone when nothing is missing'

# ---- the runner ------------------------------------------------------------------------------------
cd "$root" || exit 1
cat > "$tmp/t.c" <<'X'
#include <unistd.h>
#include "test.h"
TEST(good) { EXPECT(test_seed() == 7); EXPECT_EQ_I64(2 + 2, 4); EXPECT_STR(S("a"), "a"); }
TEST(wrong) { EXPECT_EQ_I64(2 + 2, 5); }
TEST(absent_is_not_empty) { EXPECT_STR(STR_NONE, ""); }
TEST(crash) { *(volatile int *)(uintptr_t)(test_seed() + 1) = 1; }
TEST(ends_early) { _exit(3); }
TEST(leak) { char *volatile p = malloc(77); EXPECT(p); p = NULL; }
TEST(overflow) { volatile int x = INT32_MAX; x = x + 1; }
TEST(after_all_that) { EXPECT(true); }
X
make -s variant=dev "$B/dev/unit-obj/libtest.a" "$B/dev/libstave.a" > "$tmp/said" 2>&1 &&
    gcc -std=gnu17 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -Isrc -I"$B/gen" -Itests/unit \
        -o "$tmp/t" "$tmp/t.c" "$B/dev/unit-obj/libtest.a" "$B/dev/libstave.a" -Wl,--as-needed \
        $(pkg-config --libs libcrypto libutf8proc libpq) -pthread >> "$tmp/said" 2>&1
ok 'a test program builds'
STAVE_SEED=7 "$tmp/t" > "$tmp/said" 2> /dev/null
[ $? = 1 ] && [ "$(grep -c '^not ok' "$tmp/said")" = 6 ] && grep -qx 'ok 1 - good' "$tmp/said" &&
    grep -qx 'ok 8 - after_all_that' "$tmp/said" && grep -qx '1..8' "$tmp/said"
ok 'the runner tells failure, crash, early end, leak and overflow apart from success'

# ---- adding up -------------------------------------------------------------------------------------
mkdir -p "$tmp/b/check"
sum() { # WANT PROGRAM-TEXT
    printf '#!/bin/sh\n%s\n' "$2" > "$tmp/suite"
    chmod +x "$tmp/suite"
    rm -f "$tmp/b/check/"*
    B="$tmp/b" T= tests/check.sh one x 2 "$tmp/suite" > "$tmp/said" 2>&1
    [ "$(cat "$tmp/b/check/x.count")" = "$1" ]
}
sum '2 0' 'echo 1..2; echo ok 1; echo ok 2 - b'
ok 'two passed'
sum '1 1' 'echo 1..2; echo ok 1; echo not ok 2 - b; exit 1'
ok 'one passed, one failed'
sum '1 1' 'echo ok 1; echo ok 2 - b "#" skip; echo 1..2'
ok 'a skipped one is a failure'
sum '1 1' 'echo 1..2; echo ok 1'
ok 'a suite that ends before its plan is a failure'
sum '1 1' 'echo 1..1; echo ok 1; exit 3'
ok 'a suite that ends with an error is a failure'
sum '0 1' 'true'
ok 'a suite without a word is a failure'
sum '1 1' 'echo 1..2; echo ok 1; sleep 9'
ok 'a suite that hangs is a failure'
echo "1..$n"
