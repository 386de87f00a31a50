#!/bin/sh
# Killed at any moment nothing is lost or doubled; a changed byte is found.
exec node tests/http/kill.mjs
