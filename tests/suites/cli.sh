#!/bin/sh
# Every command, its exit codes and what it prints, watched by ASan and UBSan.
export STAVE_RELEASE="$STAVE" STAVE="$STAVE_DEV"
exec node tests/http/cli.mjs
