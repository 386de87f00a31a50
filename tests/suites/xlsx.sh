#!/bin/sh
# A workbook that is written here, read by a reader of its own (node).
set -u
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
n=0

# ok NAME: by the exit status before it
ok() {
    rc=$?
    n=$((n + 1))
    [ $rc = 0 ] || { sed 's/^/# /' "$tmp/said" | tail -n 20; printf 'not '; }
    echo "ok $n - $1"
}
make -s B="$B" "$B/release/bench/xlsx" > "$tmp/said" 2>&1; ok "the writing program builds"
for rows in 0 1 3000; do
    "$B/release/bench/xlsx" $rows "$tmp/a.xlsx" > "$tmp/said" 2>&1 &&
        node tests/xlsx_read.mjs "$tmp/a.xlsx" $rows > "$tmp/said" 2>&1
    ok "$rows rows: package, sums, XML, places, kinds, and no formula"
done
head -c 3000 "$tmp/a.xlsx" > "$tmp/cut"
! node tests/xlsx_read.mjs "$tmp/cut" 3000 > "$tmp/said" 2>&1; ok "the reader sees a cut file"
echo "1..$n"
