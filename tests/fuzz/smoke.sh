#!/bin/sh
# Fuzzes every parser for FUZZ_S seconds on its corpus, two at a time; prints TAP. A finding stays in
# B/fuzz/found-NAME-*: put it into tests/fuzz/corpus/NAME with the mend.
set -u
cd "$(dirname "$0")/../.." || exit 1
B=${B:-build}
secs=${FUZZ_S:-10}
dir=$B/fuzz
unset ROOMS

if [ "${1-}" = one ]; then
    name=$2
    mkdir -p "$dir/corpus-$name"
    set -- "$dir/corpus-$name"
    [ -d "tests/fuzz/corpus/$name" ] && set -- "$@" "tests/fuzz/corpus/$name"
    "$dir/fuzz_$name" -max_total_time="$secs" -timeout=5 -rss_limit_mb=2048 -verbosity=1 \
        -print_final_stats=1 -artifact_prefix="$dir/found-$name-" "$@" > "$dir/$name.log" 2>&1
    echo $? > "$dir/$name.rc"
    exit 0
fi

names=$(for f in tests/fuzz/fuzz_*.c; do [ -e "$f" ] && basename "$f" .c | sed s/^fuzz_//; done)
mkdir -p "$dir"
rm -f "$dir"/*.rc "$dir"/*.log
make -s -k fuzz-bins variant=fuzz > "$dir/build.err" 2>&1
built=$?
ready=
for name in $names; do
    if [ $built = 0 ] || make -s variant=fuzz "$dir/fuzz_$name" > /dev/null 2>&1; then
        ready="$ready $name"
    fi
done
[ -z "$ready" ] || printf '%s\n' $ready | xargs -P 2 -n 1 "$0" one

n=0
failed=0
for name in $names; do
    n=$((n + 1))
    rc=$(cat "$dir/$name.rc" 2> /dev/null || echo none)
    if [ "$rc" = 0 ]; then
        echo "ok $n - fuzz $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$dir/$name.log") runs"
        continue
    fi
    failed=1
    if [ "$rc" = none ]; then
        grep -E 'error|undefined' "$dir/build.err" | head -n 20 | sed 's/^/# /'
    else
        grep -E 'ERROR|SUMMARY|runtime error|^    #[0-9] |Test unit written' "$dir/$name.log" |
            head -n 30 | sed 's/^/# /'
    fi
    echo "not ok $n - fuzz $name"
done
echo "1..$n"
exit $failed
