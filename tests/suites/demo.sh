#!/bin/sh
# `stave demo`: whole, repeatable, the same on both engines, and careful with what is there.
set -u
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
unset LANG LC_ALL # Chinese
n=0

# ok NAME: by the exit status before it
ok() {
    rc=$?
    n=$((n + 1))
    [ $rc = 0 ] || { sed 's/^/# /' "$tmp/said" 2> /dev/null | tail -n 20; printf 'not '; }
    echo "ok $n - $1"
}
demo() { "$STAVE" demo "$@" > "$tmp/said" 2>&1; }
diaries() { "$STAVE" export "$1" diary > "$2" 2>> "$tmp/said"; }
# users DIR PATTERN: an account list that holds it
users() { "$STAVE" user list "$1" --json > "$tmp/said" 2>&1 && grep -q "$2" "$tmp/said"; }

demo "$tmp/a" --size page; ok "is made"
grep -q 'stave serve' "$tmp/said" && grep -q 'fs.shangli · stave-demo-2026' "$tmp/said" &&
    grep -q 'to.yanhe · stave-demo-2026' "$tmp/said" &&
    grep -q 'co.qingyuan · stave-demo-2026' "$tmp/said" &&
    grep -q 'tm.shangli · stave-demo-2026' "$tmp/said" &&
    grep -q 'admin · stave-demo-2026' "$tmp/said"
ok "tells how to start and one sign-in for each role"
"$STAVE" verify "$tmp/a" > "$tmp/said" 2>&1; ok "verifies"
"$STAVE_DEV" demo "$tmp/dev" > "$tmp/said" 2>&1
ok "is made without a leak or a fault (ASan, UBSan)"

all=0
for role in county_office town_office first_secretary team_member; do
    users "$tmp/a" "\"role\":\"$role\"" || all=1
done
[ $all = 0 ]; ok "has people in every role"
users "$tmp/a" '"account":"admin"'; ok "has an administrator"
users "$tmp/a" '𠮷' && users "$tmp/a" '·'; ok "has names with rare signs and with a middle dot"
! users "$tmp/a" '苗惊蛰' && users "$tmp/a" '欧阳折柳'; ok "one first secretary left and was followed"
"$STAVE" export "$tmp/a" unit > "$tmp/units" 2> "$tmp/said" &&
    [ "$(grep -c ',village,' "$tmp/units")" = 30 ] &&
    [ "$(grep -c ',town,' "$tmp/units")" = 7 ] && [ "$(grep -c ',county,' "$tmp/units")" = 2 ] &&
    ! grep -vE '^(.*code|99[0-9]{10}),' "$tmp/units" > "$tmp/said"
ok "2 counties, 7 towns, 30 villages, codes of no province"

diaries "$tmp/a" "$tmp/a.csv"
all=0
for state in draft submitted returned accepted; do
    label=$(sed -n "s/^  $state: *{label: {zh: \([^,]*\),.*/\1/p" model/village/diary.yaml)
    grep -qE "(^|,)($state|$label)(,|\r|$)" "$tmp/a.csv" ||
        { echo "none is $state" > "$tmp/said"; all=1; }
done
[ $all = 0 ]; ok "diaries in all states"
demo "$tmp/b" && diaries "$tmp/b" "$tmp/b.csv" && cmp "$tmp/a.csv" "$tmp/b.csv" > "$tmp/said" 2>&1
ok "the same seed makes the same diaries"
demo "$tmp/c" --seed 2 && diaries "$tmp/c" "$tmp/c.csv" && ! cmp -s "$tmp/a.csv" "$tmp/c.csv"
ok "another seed makes others"
url=$(tests/pg.sh new demo_suite) && demo "$tmp/pg" --db "$url" &&
    "$STAVE" verify "$tmp/pg" > "$tmp/said" 2>&1 &&
    diaries "$tmp/pg" "$tmp/pg.csv" && cmp "$tmp/a.csv" "$tmp/pg.csv" > "$tmp/said" 2>&1
ok "PostgreSQL holds the same"
tests/pg.sh drop demo_suite > /dev/null 2>&1

demo "$tmp/a"; [ $? = 1 ] && "$STAVE" verify "$tmp/a" > /dev/null 2>&1
ok "a folder with something in it is left alone"
demo "$tmp/d" --size city; [ $? = 1 ] && [ ! -e "$tmp/d" ] && grep -q city "$tmp/said"
ok "a size that comes later is refused"
demo "$tmp/d" --size moon; [ $? = 2 ] && [ ! -e "$tmp/d" ]; ok "an unknown size is wrong usage"
demo "$tmp/d" --seed x; [ $? = 2 ] && [ ! -e "$tmp/d" ]; ok "a seed is a number"
echo "1..$n"
