#!/bin/sh
# The measuring itself, tried small: every figure is there, in its form, under its word. No time is
# judged.
set -u
B=${B:-build}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
n=0
export BENCH_S=1 BENCH_BIG=2000 BENCH_FLOOR=no

# ok NAME: by the exit status before it
ok() {
    rc=$?
    n=$((n + 1))
    [ $rc = 0 ] || { cat "$tmp/err" "$tmp/out" | tail -n 40 | sed 's/^/# /'; printf 'not '; }
    echo "ok $n - $1"
}
# figures WORD NAME...: bench/run WORD ends with 0, prints well-formed lines of that word alone, and
# each NAME
figures() {
    word=$1
    shift
    bench/run "$word" > "$tmp/out" 2> "$tmp/err" || return 1
    [ -s "$tmp/out" ] || return 1
    if grep -vE "^${word}_[a-z0-9_]* [0-9]+(\\.[0-9]+)? [A-Za-z/]+\$" "$tmp/out" > "$tmp/odd"; then
        echo "odd line: $(cat "$tmp/odd")" >> "$tmp/err"
        return 1
    fi
    for name; do
        value=$(awk -v name="$name" '$1 == name { print $2 }' "$tmp/out")
        awk -v v="$value" 'BEGIN { exit !(v + 0 > 0) }' ||
            { echo "no $name above 0" >> "$tmp/err"; return 1; }
    done
}

make B="$B" bench-bins > "$tmp/out" 2> "$tmp/err"; ok "the measuring programs build"
figures create create_http_per_s create_bare_per_s create_counted_http_per_s create_counted_bare_per_s
ok "create, beside the bare loop"
figures list list_p50_ms_10k list_p99_ms_10k list_p50_ms_1m list_p99_ms_1m list_village_p99_ms_1m \
    list_town_p99_ms_1m list_county_p99_ms_1m; ok "list, for three readers and two sizes"
figures record record_p99_ms_10k record_p99_ms_1m record_county_p50_ms_1m; ok "record"
figures ready ready_ms; ok "ready"
figures rest rest_mb; ok "rest"
figures load load_mb; ok "load"
figures page page_list_bytes page_show_bytes page_form_bytes page_assets_first_load_bytes
ok "page weights"
figures rows rows_p50_ms rows_p99_ms rows_floor_p50_ms rows_floor_p99_ms rows_pg_p99_ms \
    rows_pg_floor_p99_ms
ok "rows, beside bare SQL, on both databases"
figures search search_p99_ms search_village_p99_ms search_town_p99_ms search_county_p99_ms \
    search_floor_p99_ms search_index_texts_per_s search_index_steps_per_s search_index_bare_per_s \
    search_lag_s search_lag_floor_s search_written_changes
ok "search, beside the bare index"
figures xlsx xlsx_s_100k xlsx_mb_100k xlsx_mb_1k; ok "workbooks"
figures import import_s import_rows_per_s import_floor_rows_per_s import_mb
ok "an import, beside the same rows in bulk"
BENCH_DUTIES=300 figures duties duties_late_s duties_told_per_s duties_floor_told_per_s
ok "duties late at one minute, beside bare SQL"
BENCH_DEMO=town figures demo demo_town_s demo_records_per_s demo_floor_records_per_s
ok "a demo, beside the same inserts"
BENCH_DEMO=town figures verify verify_records_per_s verify_floor_records_per_s; ok "verify"
BENCH_DEMO=town figures figures figures_p50_ms_town figures_p99_ms_town; ok "pages of figures"
figures posts posts_p50_ms posts_p99_ms posts_bare_p99_ms; ok "a list of five posts"
figures model model_load_ms model_load_floor_ms model_field_wait_ms model_index_wait_ms \
    model_floor_wait_ms
ok "the model, beside libyaml and idle readers"
! bench/run nonsense > "$tmp/out" 2> "$tmp/err" && [ ! -s "$tmp/out" ] &&
    grep -q nonsense "$tmp/err"
ok "an unknown word is refused by name"
"$B/release/bench/seed" "$tmp/seeded" 3000 > "$tmp/out" 2> "$tmp/err" &&
    "$STAVE" verify "$tmp/seeded" >> "$tmp/out" 2>> "$tmp/err"
ok "what is seeded in bulk verifies"
rm -rf "$B/bench/big-2000-"* "$B/bench/found-2000-"*
echo "1..$n"
