#!/bin/sh
# What the release server holds in memory, at rest and under load.
exec node tests/http/memory.mjs
