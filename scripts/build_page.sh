#!/bin/sh
# Builds the web page of the service and the page of the listening test; needs Node.js 20 or later.
set -eu
cd "$(dirname "$0")/../humanize"
for source in service/page_src listening/page_src; do
  (
    cd "$source"
    npm ci --no-audit --no-fund
    npm test
    npm run build
  )
done
