#!/bin/sh
# The edges of the command line, watched by ASan and UBSan.
export STAVE_RELEASE="$STAVE" STAVE="$STAVE_DEV"
exec node tests/http/cli_edges.mjs
