# SPDX-License-Identifier: Apache-2.0
# From Meson's testlog.json, a line a program: passed, failed, skipped cases and
# the program's name, tab-separated.  A TAP program counts by its cases, any
# other as one; a program that crashed, ran too long or said less than its plan
# has at least one failed case whatever its lines say.
def cases: [(.stdout // "") | split("\n")[] | select(test("^(not )?ok\\b"))];
def is_skip: test("# *skip"; "i");
def broken: .result as $r | ["OK", "SKIP", "EXPECTEDFAIL"] | index($r) | not;

. as $program
| cases as $all
| ([$all[] | select(is_skip)] | length) as $skipped
| ([$all[] | select((is_skip | not) and startswith("not"))] | length) as $failed
| (($all | length) - $skipped - $failed) as $passed
| if $all | length == 0 then
    if $program | broken then [0, 1, 0] elif $program.result == "SKIP" then [0, 0, 1] else [1, 0, 0] end
  elif ($program | broken) and $failed == 0 then [$passed, 1, $skipped]
  else [$passed, $failed, $skipped]
  end
| . + [$program.name]
| @tsv
