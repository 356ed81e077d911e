#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""qr_png.py TEXT FILE: the text as a QR code in a PNG, by libqrencode.  Exit status 77: that is not there."""
import ctypes
import struct
import sys
import zlib

QUIET, SCALE = 4, 6


class Code(ctypes.Structure):
    _fields_ = [('version', ctypes.c_int), ('width', ctypes.c_int), ('data', ctypes.POINTER(ctypes.c_ubyte))]


try:
    library = ctypes.CDLL('libqrencode.so.4')
except OSError:
    sys.exit(77)
library.QRcode_encodeString8bit.restype = ctypes.POINTER(Code)
code = library.QRcode_encodeString8bit(sys.argv[1].encode(), 0, 1).contents
side = (code.width + 2 * QUIET) * SCALE


def dark(x, y):
    x, y = x // SCALE - QUIET, y // SCALE - QUIET
    return 0 <= x < code.width and 0 <= y < code.width and code.data[y * code.width + x] & 1


def chunk(kind, data):
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


rows = b''.join(b'\0' + bytes(0 if dark(x, y) else 255 for x in range(side)) for y in range(side))
with open(sys.argv[2], 'wb') as f:
    f.write(b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', side, side, 8, 0, 0, 0, 0)) +
            chunk(b'IDAT', zlib.compress(rows, 1)) + chunk(b'IEND', b''))
