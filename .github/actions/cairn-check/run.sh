#!/usr/bin/env bash
# Runs `cairn check` in CI. Everything it needs comes in the environment, so that no value is ever part of the script.
set -euo pipefail

root="$(cd "$GITHUB_ACTION_PATH/../../.." && pwd)"
if [ -n "${INPUT_COMMAND:-}" ]; then
  read -r -a cairn <<<"$INPUT_COMMAND"
else
  python -m venv "$RUNNER_TEMP/cairn"
  "$RUNNER_TEMP/cairn/bin/pip" install -q --disable-pip-version-check --require-hashes -r "$root/requirements.lock"
  export PYTHONPATH="$root/src"
  cairn=("$RUNNER_TEMP/cairn/bin/python" -m cairn.entrypoints.cli)
fi

base="${INPUT_BASE:-}"
if [ -z "$base" ]; then
  if [ -z "${PULL_REQUEST_BASE:-}" ]; then
    echo "::error::This is no pull request. Say where the change starts from with the input \`base\`."
    exit 2
  fi
  base="origin/$PULL_REQUEST_BASE"
  git rev-parse -q --verify "$base^{commit}" >/dev/null || git fetch -q origin "+refs/heads/$PULL_REQUEST_BASE:refs/remotes/$base"
fi
if ! git merge-base "$base" HEAD >/dev/null; then
  echo "::error::The history does not reach back to $base. Check out with \`fetch-depth: 0\`."
  exit 2
fi

from=()
if [ -n "${INPUT_RECORDS:-}" ]; then from=(--from "$INPUT_RECORDS"); fi

found="$(mktemp)"
"${cairn[@]}" check --diff "$base" "${from[@]}" --format json >"$found"
count="$(python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))["decisions"]))' "$found")"
echo "decisions=$count" >>"$GITHUB_OUTPUT"
{
  echo "### Decisions that govern this change"
  echo '```text'
  "${cairn[@]}" check --diff "$base" "${from[@]}"
  echo '```'
} >>"$GITHUB_STEP_SUMMARY"
if [ -n "${INPUT_SARIF_FILE:-}" ]; then
  # Written whether the check fails or not: the findings are wanted most when it does.
  "${cairn[@]}" check --diff "$base" "${from[@]}" --format sarif --output "$INPUT_SARIF_FILE" --fail-on "${INPUT_FAIL_ON:-none}" >/dev/null 2>&1 || true
fi
"${cairn[@]}" check --diff "$base" "${from[@]}" --fail-on "${INPUT_FAIL_ON:-none}"
