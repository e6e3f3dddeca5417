#!/bin/sh
# Fetches the pinned packages of package-lock.json into the folder $1 and lays what the pages use under $1/dist.
# Nothing is done when that has been done for this lock file already. No install script of any package runs.
set -eu

here=$(cd -- "$(dirname -- "$0")" && pwd)
work=$1
stamp=$work/dist/lock.sum
sum=$(cat "$here/package-lock.json" "$here/dist.sh" | cksum)

if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$sum" ]; then
    exit 0
fi
command -v npm >/dev/null || {
    echo "the build needs Node.js with npm, for the viewers of diagrams; install it, for instance with: apt-get install npm" >&2
    exit 1
}
mkdir -p "$work"
rm -rf "$work/dist"
cp "$here/package.json" "$here/package-lock.json" "$work/"
cd "$work"
npm ci --ignore-scripts --no-audit --no-fund --prefer-offline --loglevel=error >npm.log 2>&1 || {
    cat npm.log >&2
    echo "npm ci failed in $work; its words stand above" >&2
    exit 1
}

modules=node_modules
lib=dist/static/lib
mkdir -p "$lib/bpmn-js" "$lib/dmn-js" "$lib/htmx"
cp $modules/bpmn-js/dist/bpmn-navigated-viewer.production.min.js $modules/bpmn-js/LICENSE \
    $modules/bpmn-js/dist/assets/diagram-js.css $modules/bpmn-js/dist/assets/bpmn-js.css "$lib/bpmn-js/"
cp $modules/dmn-js/dist/dmn-viewer.production.min.js $modules/dmn-js/LICENSE \
    $modules/dmn-js/dist/assets/dmn-js-shared.css $modules/dmn-js/dist/assets/dmn-js-decision-table.css "$lib/dmn-js/"
cp $modules/htmx.org/dist/htmx.min.js $modules/htmx.org/LICENSE "$lib/htmx/"
echo "$sum" >dist/lock.sum
