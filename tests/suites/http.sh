#!/bin/sh
# The server over HTTP: the API, bad input, the wire, imports, watched by ASan and UBSan. The scripts run two by
# two; what they print becomes one TAP.
set -u
export STAVE_RELEASE="$STAVE" STAVE="$STAVE_DEV"
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
scripts='api bad_input raw_http import'

run() {
    node "tests/http/$1.mjs" > "$out/$1.tap" 2> "$out/$1.err"
    echo $? > "$out/$1.rc"
}
(run api; run raw_http) &
(run bad_input; run import) &
wait

for s in $scripts; do
    cat "$out/$s.err" >&2
    awk -v name="$s" -v rc="$(cat "$out/$s.rc")" '
        /^1\.\.[0-9]+$/ { plan = substr($0, 4) + 0; next }
        /^(not )?ok / { seen++; if ($0 ~ /^not/) bad++; sub(/ok [0-9]+ - /, "ok - " name ": ") }
        { print }
        END {
            whole = seen == plan && plan > 0 && (rc == 0 || bad > 0)
            print (whole ? "ok - " : "not ok - ") name " ran to its end" (whole ? "" : ", exit " rc)
        }' "$out/$s.tap"
done > "$out/all"
awk '/^(not )?ok - / { sub(/ok - /, "ok " ++n " - ") } { print } END { print "1.." n + 0 }' "$out/all"
! grep -q '^not ok' "$out/all"
