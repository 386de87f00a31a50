#!/bin/sh
# The story in a real Chromium, on a phone and on a desktop, with and without scripts.
set -u
dir=tests/browser
if [ ! -e $dir/node_modules/playwright-core/package.json ] || [ ! -e $dir/node_modules/axe-core/package.json ]; then
    mkdir -p "${B:-build}/check"
    npm ci --prefix $dir --ignore-scripts > "${B:-build}/check/npm.log" 2>&1 || {
        sed 's/^/# /' "${B:-build}/check/npm.log"
        echo "Bail out! npm ci in $dir did not work: it needs the npm registry once, or $dir/node_modules"
        exit 1
    }
fi
browser=${PLAYWRIGHT_CHROMIUM:-/usr/bin/chromium}
[ -x "$browser" ] || { echo "Bail out! no Chromium at $browser: tools/need check"; exit 1; }
exec node $dir/all.mjs
