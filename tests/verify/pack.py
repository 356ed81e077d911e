#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Make the documents of the cases: pack.py DIRECTORY [NAME...]; all of them without names.

DIRECTORY/table.tsv has a line for each: name, exit status, exit status with --strict, checks that fail (or -), options
(@ for DIRECTORY), what is unusual.  Keys are made once, so that cases have as many files in common as they can."""
import sys
from pathlib import Path

from more_cases import *

KEYS = {}


def shared_keys(self):
    for role in ('iaca', 'ds', 'device', 'reader'):
        curve = getattr(self, role + '_curve')
        if (role, curve) not in KEYS:
            KEYS[role, curve] = Key(curve)
        setattr(self, role + '_key', KEYS[role, curve])


def once(out, held, stem, content):
    """The file of this content, written if there is none yet."""
    if content not in held:
        held[content] = stem
        (out / stem).write_bytes(content)
    return '@/' + held[content]


def arguments(w, options):
    """What is given beside the document, as (option, file name's end, content)."""
    transcript = dumps(w.transcript)
    if '-transcript-tag24' in options:
        transcript = dumps(Tag(24, transcript))
    elif '-transcript-other' in options:
        transcript = dumps([None, None, ['x', 1]])
    yield 'trust', '.pem', (''.join(pem(c) for c in w.trust) + ''.join(pem(c, 'X509 CRL') for c in w.crls)).encode()
    if '-no-transcript' not in options:
        yield 'transcript', '.transcript.hex', transcript.hex().encode() + b'\n'
    if w.mac and '-no-reader-key' not in options:
        yield 'reader-key', '.key', getattr(w, 'reader_file', w.reader_key).private_pem()


def main(directory, *wanted):
    out, held, table = Path(directory), {}, []
    out.mkdir(parents=True, exist_ok=True)
    World.keys = shared_keys
    for case_name, what, default, strict, fails, options, changes in CASES:
        if wanted and case_name not in wanted:
            continue
        w = World()
        for key, value in changes.items():
            if not hasattr(World, key):
                raise AttributeError(key)
            setattr(w, key, value.__get__(w) if callable(value) else value)
        w.make()
        (out / (case_name + '.hex')).write_text('\n'.join(lines_of(w.bytes.hex())) + '\n')
        given = ['--%s %s' % (option, once(out, held, case_name + end, content))
                 for option, end, content in arguments(w, options.split())]
        given += [o for o in options.split() if not o.startswith(('-no-', '-transcript-'))]
        table.append([case_name, str(default), str(strict), ','.join(sorted(fails)) or '-', ' '.join(given), what])
    (out / 'table.tsv').write_text(''.join('\t'.join(row) + '\n' for row in table))


def lines_of(text):
    return [text[i:i + 120] for i in range(0, len(text), 120)]


if __name__ == '__main__':
    main(*sys.argv[1:])
