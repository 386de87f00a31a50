#!/bin/sh
# A second county's own model (tests/overlay, text only) over data that is there already, watched by ASan
# and UBSan: planned, applied beside a running server, then form, list, API, export, search follow.
export STAVE_RELEASE="$STAVE" STAVE="$STAVE_DEV"
exec node tests/http/overlay.mjs
