#!/bin/sh
# Builds humanize/service/static from humanize/service/page_src; needs Node.js 20 or later.
set -eu
cd "$(dirname "$0")/../humanize/service/page_src"
npm ci --no-audit --no-fund
npm test
npm run build
