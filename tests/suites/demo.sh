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

# figure NAME VALUE: that number on the deployment's root, and as long a list
figure() {
    grep -q "\"figure\":\"$1\".*\"value\":$2,\"records\":$2}" "$tmp/figures" ||
        { cp "$tmp/figures" "$tmp/said"; return 1; }
}
# listed TYPE WORD...: how many records the export lists that have these words as cells
listed() {
    "$STAVE" export "$tmp/a" "$1" > "$tmp/list" 2> "$tmp/said" && shift &&
        python3 - "$tmp/list" "$@" << 'X'
import csv, sys
with open(sys.argv[1], encoding='utf-8-sig', newline='') as f:
    print(sum(all(w in row for w in sys.argv[2:]) for row in csv.reader(f)))
X
}
"$STAVE" figures "$tmp/a" --json > "$tmp/figures" 2> "$tmp/said"; ok "tells its figures"
figure policy_trainings_held 9 && [ "$(listed session held policy)" = 9 ]
ok "9 policy trainings, as many as their list"
figure business_trainings_held 35 && [ "$(listed session held business)" = 35 ]
ok "35 business trainings, as many as their list"
trips=$(listed study_trip reported)
[ "$trips" -ge 20 ] && figure study_trips_held "$trips"
ok "20 and more study trips, as many as their list"
"$STAVE" figures "$tmp/a" --json --as co.chengchuan > "$tmp/figures" 2> "$tmp/said" &&
    figure policy_trainings_held 9 && figure business_trainings_held 35 &&
    figure study_trips_held "$trips"
ok "and the same to the city's office"

# ---- the larger sizes: town is the smallest of them ----
big() { "$STAVE" export "$1" household > "$2" 2> "$tmp/said" &&
    for t in visit diary issue session study_trip plan_point course; do
        "$STAVE" export "$1" $t >> "$2" 2>> "$tmp/said" || return 1
    done; }
demo "$tmp/t" --size town; ok "a town is made"
grep -q '8400 / 8400' "$tmp/said"; ok "and tells how far it is"
"$STAVE" verify "$tmp/t" > "$tmp/said" 2>&1 && grep -q '8400' "$tmp/said"; ok "it verifies: 8400 records"
big "$tmp/t" "$tmp/t.csv"; ok "it is exported"
demo "$tmp/t2" --size town && big "$tmp/t2" "$tmp/t2.csv" && cmp "$tmp/t.csv" "$tmp/t2.csv" > "$tmp/said" 2>&1
ok "the same seed makes the same town"
demo "$tmp/t3" --size town --seed 9 && big "$tmp/t3" "$tmp/t3.csv" && ! cmp -s "$tmp/t.csv" "$tmp/t3.csv"
ok "another seed another"
url=$(tests/pg.sh new demo_town) && demo "$tmp/tp" --size town --db "$url" &&
    "$STAVE" verify "$tmp/tp" > "$tmp/said" 2>&1 &&
    big "$tmp/tp" "$tmp/tp.csv" && cmp "$tmp/t.csv" "$tmp/tp.csv" > "$tmp/said" 2>&1
ok "PostgreSQL holds the same town"
tests/pg.sh drop demo_town > /dev/null 2>&1

demo "$tmp/a"; [ $? = 1 ] && "$STAVE" verify "$tmp/a" > /dev/null 2>&1
ok "a folder with something in it is left alone"
demo "$tmp/d" --size moon; [ $? = 2 ] && [ ! -e "$tmp/d" ]; ok "an unknown size is wrong usage"
demo "$tmp/d" --seed x; [ $? = 2 ] && [ ! -e "$tmp/d" ]; ok "a seed is a number"
echo "1..$n"
