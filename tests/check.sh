#!/bin/sh
# Runs suites and adds up their TAP. The last line is `N passed, N failed`; exit 1 if any failed, if a
# suite died, hung, printed no plan or did not build. One suite hides no other.
#
#   tests/check.sh test          unit tests under ASan and UBSan (T=NAME: tests/unit/test_NAME*.c)
#   tests/check.sh suite NAME    tests/suites/NAME.sh
#   tests/check.sh fuzz          every fuzzer for some seconds
#   tests/check.sh all           all of it, and ThreadSanitizer, and tools/tidy
#
# A suite is any program that prints TAP: tests/unit/test_*.c, tests/suites/*.sh. It starts in the root of
# the tree with these set: STAVE (the release), STAVE_DEV (ASan), STAVE_TEST_PG (see tests/pg.sh), B (build
# folder). What it printed stays in B/check/NAME.tap and NAME.err. A skipped test counts as failed.
set -u
cd "$(dirname "$0")/.." || exit 1
B=${B:-build}
T=${T-}
out=$B/check
export B T STAVE="$PWD/$B/stave" STAVE_DEV="$PWD/$B/dev/stave"
case $B in /*) STAVE=$B/stave STAVE_DEV=$B/dev/stave ;; esac
export ASAN_OPTIONS="${ASAN_OPTIONS-detect_stack_use_after_return=1:abort_on_error=0:handle_abort=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS-print_stacktrace=1}"
export TSAN_OPTIONS="${TSAN_OPTIONS-halt_on_error=1:second_deadlock_stack=1}"

# tally NAME SECONDS: reads what the suite printed, prints a line and the failures, keeps the counts
tally() {
    awk -v name="$1" -v secs="$2" -v rc="$(cat "$out/$1.rc")" -v count="$out/$1.count" '
        /^1\.\.[0-9]+/ { plan = substr($0, 4) + 0; planned = 1; next }
        /^Bail out!/ { why = why "    " $0 "\n"; bailed = 1; next }
        /^(not )?ok([ \t]|$)/ {
            seen++
            if ($0 ~ /^ok/ && toupper($0) !~ /# *SKIP/) passed++
            else { failed++; why = why notes "    " $0 "\n" }
            notes = ""; next
        }
        /^#/ { notes = notes "    " $0 "\n" }
        END {
            if (!planned || !plan) died = "printed no plan"
            else if (seen != plan) died = "planned " plan ", told of " seen + 0
            else if (bailed) died = "gave up"
            else if (rc + 0 != 0 && !failed) died = "ended with " rc
            if (rc == 124) died = died ", hung"
            if (died != "") { failed++; why = why notes "    died: " died ", exit " rc "\n" }
            printf "%-6s %-34s %4d passed %3d failed %6.1f s\n", failed ? "FAILED" : "ok", name,
                passed, failed, secs
            printf "%s", why
            print passed + 0, failed + 0 > count
        }' "$out/$1.tap"
    if grep -q ' 0$' "$out/$1.count"; then return 0; fi
    [ -s "$out/$1.err" ] && tail -n 60 "$out/$1.err" | sed 's/^/    | /'
    return 1
}

# one NAME LIMIT_S COMMAND...: runs a suite
one() {
    name=$1 limit=$2
    shift 2
    start=$(date +%s%N)
    if [ -n "$T" ]; then
        { timeout -k 10 "$limit" "$@" 2> "$out/$name.err" < /dev/null; echo $? > "$out/$name.rc"; } |
            tee "$out/$name.tap"
    else
        timeout -k 10 "$limit" "$@" > "$out/$name.tap" 2> "$out/$name.err" < /dev/null
        echo $? > "$out/$name.rc"
    fi
    tally "$name" "$(( ($(date +%s%N) - start) / 100000000 ))e-1"
}

# build NAME MAKE-ARGUMENT...: a build that counts as one test
build() {
    name=build-$1
    shift
    start=$(date +%s%N)
    make -k "$@" > "$out/$name.err" 2>&1
    rc=$?
    echo $rc > "$out/$name.rc"
    { echo 1..1; [ $rc = 0 ] && echo "ok 1 - make $*" || echo "not ok 1 - make $*"; } > "$out/$name.tap"
    tally "$name" "$(( ($(date +%s%N) - start) / 100000000 ))e-1"
}

# unit VARIANT: builds and runs the unit suites, two at a time
unit() {
    suites=$(make -s print-suites variant="$1" T="$T") || exit 1
    if [ -z "$suites" ]; then # a name that fits nothing, or the marks for ThreadSanitizer lost
        one "unit-$1" 5 sh -c "echo 'Bail out! no tests/unit/test_$T*.c for the variant $1'; exit 1"
        return
    fi
    is_built=1
    build "unit-$1" unit-bins variant="$1" T="$T" || is_built=0
    for bin in $suites; do
        name=$1-$(basename "$bin")
        if [ $is_built = 0 ] && ! make -s "$bin" variant="$1" > /dev/null 2>&1; then
            echo "Bail out! it does not build" > "$out/$name.tap"
            : > "$out/$name.err"
            echo 2 > "$out/$name.rc"
            tally "$name" 0
        else
            echo "$name 300 $bin"
        fi
    done > "$out/list"
    grep -v ' 300 ' "$out/list"
    grep ' 300 ' "$out/list" | xargs -r -P "$([ -n "$T" ] && echo 1 || echo 2)" -L 1 "$0" one
}

suite() {
    if [ -x "tests/suites/$1.sh" ]; then
        one "$1" 900 "tests/suites/$1.sh"
    else
        one "$1" 5 sh -c "echo 'Bail out! tests/suites/$1.sh is not there or may not be run'; exit 1"
    fi
}

case ${1-} in
one) shift; one "$@"; exit 0 ;; # a part of the run below
test | suite | fuzz | all) ;;
*) echo "usage: tests/check.sh test | suite NAME | fuzz | all" >&2; exit 2 ;;
esac

[ -n "${STAVE_TEST_PG-}" ] || exec tests/pg.sh "$0" "$@"
began=$(date +%s)
rm -rf "$out"
mkdir -p "$out"
case $1 in
test)
    unit dev
    ;;
suite)
    build release build
    build dev build variant=dev
    suite "$2"
    ;;
fuzz)
    one fuzz 900 tests/fuzz/smoke.sh
    ;;
all)
    build release build
    build dev build variant=dev
    unit dev
    unit tsan
    for s in tests/suites/*.sh; do
        [ -e "$s" ] && suite "$(basename "$s" .sh)"
    done
    one fuzz 900 tests/fuzz/smoke.sh
    one tidy 300 tools/tidy
    ;;
esac
[ "$1" = all ] && echo "$(( $(date +%s) - began )) s"
cat "$out"/*.count | awk '{ p += $1; f += $2 } END { print p + 0 " passed, " f + 0 " failed"; exit f > 0 }' \
    > "$out/summary"
rc=$?
cat "$out/summary"
exit $rc
