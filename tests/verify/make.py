#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Documents made without Carnet: DER by hand, CBOR by cbor2, signatures by python3-cryptography or the openssl command."""
import copy
import hashlib
import hmac
import os
import subprocess
import tempfile

import cbor2
from cbor2 import CBORTag as Tag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, x448, x25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

AT = '2026-12-01T00:00:00Z'
MDL, NS = 'org.iso.18013.5.1.mDL', 'org.iso.18013.5.1'


# --- DER ---

def tlv(tag, content):
    n = len(content)
    if n < 128:
        head = bytes([n])
    else:
        size = (n.bit_length() + 7) // 8
        head = bytes([0x80 | size]) + n.to_bytes(size, 'big')
    return bytes([tag]) + head + content


def seq(*parts):
    return tlv(0x30, b''.join(parts))


def integer(n):
    return tlv(0x02, n.to_bytes(n.bit_length() // 8 + 1, 'big', signed=n < 0))


def oid(text):
    a, b, *rest = [int(x) for x in text.split('.')]
    out = b''
    for n in [40 * a + b] + rest:
        chunk = [n & 0x7f]
        while n > 0x7f:
            n >>= 7
            chunk.insert(0, 0x80 | n & 0x7f)
        out += bytes(chunk)
    return tlv(0x06, out)


def bits(content, unused=0):
    return tlv(0x03, bytes([unused]) + content)


def octets(content):
    return tlv(0x04, content)


def utc(text):  # 2026-12-01T00:00:00Z
    digits = ''.join(c for c in text if c.isdigit())
    if int(digits[:4]) >= 2050:
        return tlv(0x18, digits.encode() + b'Z')
    return tlv(0x17, digits[2:].encode() + b'Z')


ATTRIBUTES = {'C': '2.5.4.6', 'CN': '2.5.4.3', 'ST': '2.5.4.8', 'O': '2.5.4.10', 'SN': '2.5.4.5', 'L': '2.5.4.7'}


def name(*pairs, utf8=True):
    out = b''
    for key, value in pairs:
        tag = 0x13 if key in ('C', 'SN') or not utf8 else 0x0c
        out += tlv(0x31, seq(oid(ATTRIBUTES[key]), tlv(tag, value.encode())))
    return tlv(0x30, out)


def ext(o, value, critical=False):
    return seq(oid(o), *([b'\x01\x01\xff'] if critical else []), octets(value))


# --- keys ---

CURVES = {  # COSE number, coordinate, identifier, cryptography's class, COSE algorithm, hash, name for openssl
    'P-256': (1, 32, '1.2.840.10045.3.1.7', ec.SECP256R1, -7, 'sha256', 'prime256v1'),
    'P-384': (2, 48, '1.3.132.0.34', ec.SECP384R1, -35, 'sha384', 'secp384r1'),
    'P-521': (3, 66, '1.3.132.0.35', ec.SECP521R1, -36, 'sha512', 'secp521r1'),
    'BP256': (256, 32, '1.3.36.3.3.2.8.1.1.7', ec.BrainpoolP256R1, -7, 'sha256', 'brainpoolP256r1'),
    'BP320': (257, 40, '1.3.36.3.3.2.8.1.1.9', None, -35, 'sha384', 'brainpoolP320r1'),
    'BP384': (258, 48, '1.3.36.3.3.2.8.1.1.11', ec.BrainpoolP384R1, -35, 'sha384', 'brainpoolP384r1'),
    'BP512': (259, 64, '1.3.36.3.3.2.8.1.1.13', ec.BrainpoolP512R1, -36, 'sha512', 'brainpoolP512r1'),
    'X25519': (4, 32, '1.3.101.110', x25519.X25519PrivateKey, 0, None, None),
    'X448': (5, 56, '1.3.101.111', x448.X448PrivateKey, 0, None, None),
    'Ed25519': (6, 32, '1.3.101.112', ed25519.Ed25519PrivateKey, -8, None, None),
    'Ed448': (7, 57, '1.3.101.113', ed448.Ed448PrivateKey, -8, None, None),
    'K256': (8, 32, '1.3.132.0.10', ec.SECP256K1, -47, 'sha256', 'secp256k1'),
}
ECDSA = {'sha256': '1.2.840.10045.4.3.2', 'sha384': '1.2.840.10045.4.3.3', 'sha512': '1.2.840.10045.4.3.4',
         'sha1': '1.2.840.10045.4.1'}


def openssl(*args, data=b''):
    return subprocess.run(['openssl', *args], input=data, capture_output=True, check=True).stdout


class Key:
    def __init__(self, curve='P-256'):
        self.curve = curve
        self.number, self.size, self.oid, maker, self.alg, self.hash, native = CURVES[curve]
        self.okp = self.hash is None
        self.pem = None
        if self.okp:
            self.key = maker.generate()
            self.x = self.key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            self.y = b''
            self.point = self.x
        elif maker is None:
            self.pem = openssl('ecparam', '-name', native, '-genkey', '-noout')
            self.point = openssl('ec', '-pubout', '-outform', 'DER', data=self.pem)[-1 - 2 * self.size:]
        else:
            self.key = ec.generate_private_key(maker())
            self.point = self.key.public_key().public_bytes(serialization.Encoding.X962,
                                                            serialization.PublicFormat.UncompressedPoint)
        if not self.okp:
            self.x, self.y = self.point[1:1 + self.size], self.point[1 + self.size:]

    def spki(self):
        if self.okp:
            return seq(seq(oid(self.oid)), bits(self.point))
        return seq(seq(oid('1.2.840.10045.2.1'), oid(self.oid)), bits(self.point))

    def cose(self):
        if self.okp:
            return {1: 1, -1: self.number, -2: self.x}
        return {1: 2, -1: self.number, -2: self.x, -3: self.y}

    def private_pem(self):
        if self.pem:
            return openssl('pkcs8', '-topk8', '-nocrypt', data=self.pem)
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                      serialization.NoEncryption())

    def sign_der(self, data, digest=None):
        digest = digest or self.hash
        if self.okp:
            return self.key.sign(data)
        if self.pem:
            with tempfile.NamedTemporaryFile() as f:
                f.write(self.pem)
                f.flush()
                return openssl('dgst', '-' + digest, '-sign', f.name, data=data)
        h = {'sha256': hashes.SHA256, 'sha384': hashes.SHA384, 'sha512': hashes.SHA512, 'sha1': hashes.SHA1}[digest]
        return self.key.sign(data, ec.ECDSA(h()))

    def sign(self, data, digest=None):
        der = self.sign_der(data, digest)
        if self.okp:
            return der
        r, s = decode_dss_signature(der)
        return r.to_bytes(self.size, 'big') + s.to_bytes(self.size, 'big')

    def agree(self, peer):
        if self.pem or peer.pem:
            with tempfile.TemporaryDirectory() as d:
                open(d + '/k', 'wb').write(self.pem)
                open(d + '/p', 'wb').write(openssl('ec', '-pubout', data=peer.pem))
                return openssl('pkeyutl', '-derive', '-inkey', d + '/k', '-peerkey', d + '/p')
        if self.okp:
            return self.key.exchange(peer.key.public_key())
        return self.key.exchange(ec.ECDH(), peer.key.public_key())

    def algorithm(self, digest=None):
        return seq(oid(self.oid)) if self.okp else seq(oid(ECDSA[digest or self.hash]))


def key_id(key):
    return hashlib.sha1(key.point).digest()


# --- certificates ---

EKU_MDL, EKU_MDOC, EKU_EUDI = '1.0.18013.5.1.2', '1.0.23220.4.1.2', '1.3.130.2.0.0.1.2'


def extensions(kind, key, issuer_key, eku=(EKU_MDL,), path_length=0):
    """Ordered dictionary of those of the profile, to be changed by a case."""
    out = {}
    if kind in ('ds', 'link', 'sub'):
        out['aki'] = ext('2.5.29.35', seq(tlv(0x80, key_id(issuer_key))))
    out['ski'] = ext('2.5.29.14', octets(key_id(key)))
    if kind == 'ds':
        out['ku'] = ext('2.5.29.15', bits(b'\x80', 7), True)
        out['eku'] = ext('2.5.29.37', seq(*[oid(e) for e in eku]), True)
    else:
        out['ku'] = ext('2.5.29.15', bits(b'\x06', 1), True)
        constraints = b'\x01\x01\xff' + (integer(path_length) if path_length is not None else b'')
        out['bc'] = ext('2.5.29.19', tlv(0x30, constraints), True)
    out['ian'] = ext('2.5.29.18', seq(tlv(0x86, b'https://utopia.example')))
    if kind != 'iaca':
        out['crldp'] = ext('2.5.29.31', seq(seq(tlv(0xa0, tlv(0xa0, tlv(0x86, b'https://utopia.example/crl'))))))
    return out


def certificate(kind, key, subject, issuer_key, issuer, begins, ends, exts, serial=None, digest=None, algorithm=None):
    algorithm = algorithm or issuer_key.algorithm(digest)
    serial = serial if serial is not None else int.from_bytes(b'\x41' + os.urandom(15), 'big')
    tbs = seq(tlv(0xa0, integer(2)), integer(serial), algorithm, issuer,
              seq(begins if isinstance(begins, bytes) else utc(begins), ends if isinstance(ends, bytes) else utc(ends)),
              subject, key.spki(), tlv(0xa3, seq(*exts)))
    return seq(tbs, algorithm, bits(issuer_key.sign_der(tbs, digest)))


def crl(issuer_key, issuer, begins='2026-11-15T00:00:00Z', ends='2026-12-15T00:00:00Z', revoked=(), exts=None, number=7,
        entry_exts=b'', signer=None):
    signer = signer or issuer_key
    algorithm = signer.algorithm()
    if exts is None:
        exts = [ext('2.5.29.35', seq(tlv(0x80, key_id(issuer_key)))), ext('2.5.29.20', integer(number))]
    entries = [seq(integer(s), utc('2026-11-10T00:00:00Z'), entry_exts) for s in revoked]
    tbs = seq(integer(1), algorithm, issuer, utc(begins), *([utc(ends)] if ends else []),
              *([seq(*entries)] if entries else []), *([tlv(0xa0, seq(*exts))] if exts else []))
    return seq(tbs, algorithm, bits(signer.sign_der(tbs)))


def pem(der, label='CERTIFICATE'):
    import base64
    text = base64.b64encode(der).decode()
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    return '-----BEGIN %s-----\n%s\n-----END %s-----\n' % (label, '\n'.join(lines), label)


# --- CBOR of unusual forms ---

class Raw:
    def __init__(self, encoded):
        self.encoded = encoded


def dumps(value, indefinite=False, wide=False):
    """cbor2, save for what it cannot write: raw parts, indefinite lengths, heads longer than needed."""
    def head(major, n):
        if wide:
            return bytes([major << 5 | 26]) + n.to_bytes(4, 'big') if n < 2**32 else bytes([major << 5 | 27]) + n.to_bytes(8, 'big')
        for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
            if n < 24:
                return bytes([major << 5 | n])
            if n < 1 << 8 * size:
                return bytes([major << 5 | info]) + n.to_bytes(size, 'big')
        raise ValueError

    def enc(v):
        if isinstance(v, Raw):
            return v.encoded
        if isinstance(v, bool) or v is None or isinstance(v, float):
            return cbor2.dumps(v)
        if isinstance(v, int):
            return head(0, v) if v >= 0 else head(1, -1 - v)
        if isinstance(v, bytes):
            return head(2, len(v)) + v
        if isinstance(v, str):
            return head(3, len(v.encode())) + v.encode()
        if isinstance(v, Tag):
            return head(6, v.tag) + enc(v.value)
        if isinstance(v, (list, tuple)):
            body = b''.join(enc(e) for e in v)
            return b'\x9f' + body + b'\xff' if indefinite else head(4, len(v)) + body
        if isinstance(v, Pairs):
            return head(5, len(v.pairs)) + b''.join(enc(k) + enc(e) for k, e in v.pairs)
        if isinstance(v, dict):
            body = b''.join(enc(k) + enc(e) for k, e in v.items())
            return b'\xbf' + body + b'\xff' if indefinite else head(5, len(v)) + body
        return cbor2.dumps(v)
    return enc(value)


class Pairs:
    """A map that may have a key twice."""
    def __init__(self, *pairs):
        self.pairs = pairs


def embed(value, **how):
    return Tag(24, value if isinstance(value, bytes) else dumps(value, **how))


# --- a world, and a case of it ---

AUTHORITIES = {}  # made once for the same key, name, dates and extensions


class World:
    """Every step is a method a case may replace; what it makes is in self.files."""
    iaca_curve = ds_curve = device_curve = reader_curve = 'P-256'
    doc_type = MDL
    eku = (EKU_MDL,)
    digest = 'SHA-256'
    iaca_name = name(('C', 'UT'), ('CN', 'Utopia IACA'))
    ds_name = name(('C', 'UT'), ('CN', 'Utopia signer'))
    iaca_dates = ('2025-01-01T00:00:00Z', '2034-01-01T00:00:00Z')
    ds_dates = ('2026-06-01T00:00:00Z', '2027-06-01T00:00:00Z')
    signed, valid_from, valid_until = '2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z', '2027-05-01T00:00:00Z'
    mac = False
    cert_digest = None
    path_length = 0
    ds_serial = None
    external = None  # other claims

    def __init__(self, **changes):
        for key, value in changes.items():
            if not hasattr(type(self), key):
                raise AttributeError(key)
            setattr(self, key, value.__get__(self) if callable(value) and not isinstance(value, type) else value)

    def keys(self):
        self.iaca_key, self.ds_key = Key(self.iaca_curve), Key(self.ds_curve)
        self.device_key, self.reader_key = Key(self.device_curve), Key(self.reader_curve)

    def iaca_extensions(self, e):
        return e

    def ds_extensions(self, e):
        return e

    def certificates(self):
        e = self.iaca_extensions(extensions('iaca', self.iaca_key, None, path_length=self.path_length))
        whole = (self.iaca_key, self.iaca_name, self.iaca_dates, tuple(e.values()))
        if whole not in AUTHORITIES:
            AUTHORITIES[whole] = certificate('iaca', self.iaca_key, self.iaca_name, self.iaca_key, self.iaca_name,
                                             *self.iaca_dates, e.values())
        self.iaca = AUTHORITIES[whole]
        e = self.ds_extensions(extensions('ds', self.ds_key, self.iaca_key, self.eku))
        self.ds = certificate('ds', self.ds_key, self.ds_name, self.iaca_key, self.iaca_name, *self.ds_dates,
                              e.values(), serial=self.ds_serial, digest=self.cert_digest)
        self.trust, self.chain = [self.iaca], [self.ds]

    def claims(self):
        return {NS: {'family_name': 'Muster', 'issuing_country': 'UT', 'age_over_18': True}}

    def random(self, ns, element):
        return os.urandom(32)

    def item(self, item):
        return dumps(item)

    def items(self):
        self.name_spaces, self.digests, n = {}, {}, 0
        h = {'SHA-256': hashlib.sha256, 'SHA-384': hashlib.sha384, 'SHA-512': hashlib.sha512}.get(self.digest, hashlib.sha256)
        for ns, elements in self.claims().items():
            self.name_spaces[ns], self.digests[ns] = [], {}
            for element, value in elements.items():
                encoded = self.item({'digestID': n, 'random': self.random(ns, element), 'elementIdentifier': element,
                                     'elementValue': value})
                tagged = dumps(Tag(24, encoded)) if not isinstance(encoded, Raw) else encoded.encoded
                self.name_spaces[ns].append(Raw(tagged))
                self.digests[ns][n] = h(tagged).digest()
                n += 1

    def mso(self, mso):
        return mso

    def payload(self, mso):
        return dumps(embed(mso))

    def device_cose_key(self):
        return self.device_key.cose()

    def protected(self):
        return {1: self.ds_key.alg}

    def unprotected(self):
        return {33: self.chain[0] if len(self.chain) == 1 else self.chain}

    def sign1(self, key, protected, payload):
        return key.sign(dumps(['Signature1', protected, b'', payload]))

    def issuer_auth(self, auth):
        return auth

    def issue(self):
        self.items()
        date = lambda t: Tag(0, t) if isinstance(t, str) else t
        mso = self.mso({'version': '1.0', 'digestAlgorithm': self.digest, 'valueDigests': self.digests,
                        'deviceKeyInfo': {'deviceKey': self.device_cose_key()}, 'docType': self.doc_type,
                        'validityInfo': {'signed': date(self.signed), 'validFrom': date(self.valid_from),
                                         'validUntil': date(self.valid_until)}})
        payload = self.payload(mso)
        protected = self.protected()
        protected = protected if isinstance(protected, bytes) else dumps(protected) if protected else b''
        signature = self.sign1(self.ds_key, protected, payload)
        self.auth = self.issuer_auth([protected, self.unprotected(), payload, signature])
        self.disclose()

    def disclose(self):
        self.issuer_signed = {'nameSpaces': self.name_spaces, 'issuerAuth': self.auth}

    def make_transcript(self):
        engagement = {0: '1.0', 1: [1, embed(self.reader_key.cose())]}
        self.transcript = [embed(engagement), embed(self.reader_key.cose()), None]

    def device_name_spaces(self):
        return {}

    def device_doc_type(self):
        return self.doc_type

    def device_bytes(self):
        return dumps(embed(self.device_name_spaces()))

    def device_protected(self):
        return {1: 5 if self.mac else self.device_key.alg}

    def device_auth(self, auth):
        return {'deviceMac' if self.mac else 'deviceSignature': auth}

    def present(self):
        names = self.device_bytes()
        transcript = dumps(self.transcript)
        signs = dumps(embed(['DeviceAuthentication', Raw(transcript), self.device_doc_type(), Raw(names)]))
        protected = dumps(self.device_protected())
        if self.mac:
            salt = hashlib.sha256(dumps(Tag(24, transcript))).digest()
            key = HKDF(hashes.SHA256(), 32, salt, b'EMacKey').derive(self.device_key.agree(self.reader_key))
            done = hmac.new(key, dumps(['MAC0', protected, b'', signs]), 'sha256').digest()
        else:
            done = self.sign1(self.device_key, protected, signs)
        self.device_signed = {'nameSpaces': Raw(names), 'deviceAuth': self.device_auth([protected, {}, None, done])}

    def document(self, document):
        return document

    def response(self, response):
        return response

    def encode(self, response):
        return dumps(response)

    def others(self):
        return []

    def make(self):
        self.keys()
        self.certificates()
        self.issue()
        self.make_transcript()
        self.present()
        self.answer = self.document({'docType': self.doc_type, 'issuerSigned': self.issuer_signed,
                                     'deviceSigned': self.device_signed})
        self.crls = []
        self.others()
        whole = self.response({'version': '1.0', 'documents': [self.answer], 'status': 0})
        self.bytes = self.encode(whole)
        return self
