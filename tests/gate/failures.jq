# SPDX-License-Identifier: Apache-2.0
# From Meson's testlog.json, of each program that failed: the cases that did, with what is said of them, and the end of
# what it wrote besides.
def broken: .result as $r | ["OK", "SKIP", "EXPECTEDFAIL"] | index($r) | not;
def lines: (. // "") | split("\n") | map(select(. != ""));
# The lines that begin with "not ok", each with the remarks after it, of many the last.
def failing: reduce .[] as $line ({ keep: false, said: [] };
    if $line | test("^(not ok|Bail out)") then .keep = true | .said += [[$line]]
    elif .keep and ($line | startswith("#")) then .said[-1] += [$line]
    else .keep = false end)
  | .said | map(.[:1] + .[1:][-12:]) | add // [];

select(broken)
| "\(.name): \(.result), status \(.returncode)",
  (.stdout | lines | failing | .[:60][] | "  " + .[:400]),
  (.stderr | lines | .[-30:][] | "  | " + .[:400])
