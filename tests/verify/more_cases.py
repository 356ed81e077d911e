# SPDX-License-Identifier: Apache-2.0
"""More cases: paths, revocation, items, devices, responses."""
from cases import *


# --- paths ---
def rogue(self):
    World.certificates(self)
    other = Key()
    e = extensions('iaca', other, None)
    self.trust = [certificate('iaca', other, self.iaca_name, other, self.iaca_name, *self.iaca_dates, e.values())]


case('rogue', 'the trusted authority of that name has another key', **bad, fails='path.signature path.key-identifier', certificates=rogue)


def rekeyed(self):
    World.certificates(self)
    other = Key()
    e = extensions('iaca', other, None)
    self.trust.insert(0, certificate('iaca', other, self.iaca_name, other, self.iaca_name, *self.iaca_dates, e.values()))


case('rekeyed', 'two trusted authorities of one name', **ok, certificates=rekeyed)


def expired_and_renewed(self):
    World.certificates(self)
    e = extensions('iaca', self.iaca_key, None)
    self.trust.insert(0, certificate('iaca', self.iaca_key, self.iaca_name, self.iaca_key, self.iaca_name, '2020-01-01T00:00:00Z', '2026-01-01T00:00:00Z', e.values()))


case('renewed', 'the authority renewed its certificate with one key; the old one expired', **ok, certificates=expired_and_renewed)


def self_signed(self):
    World.certificates(self)
    e = extensions('ds', self.ds_key, self.ds_key)
    self.ds = certificate('ds', self.ds_key, self.iaca_name, self.ds_key, self.iaca_name, *self.ds_dates, e.values())
    self.chain = [self.ds]


case('self-signed', 'the signer made its own certificate under the authority\'s name', **bad, fails='path.signature path.key-identifier', certificates=self_signed)


def trusted_leaf(self):
    World.certificates(self)
    self.trust = [self.ds]


case('trusted-leaf', 'only the signer itself is trusted', **bad, fails='path.found', certificates=trusted_leaf)


def trusted_leaf_too(self):
    World.certificates(self)
    self.trust = [self.ds, self.iaca]


case('trusted-leaf-too', 'the signer is among the trusted', **ok, certificates=trusted_leaf_too)


def nobody(self):
    World.certificates(self)
    other = Key()
    n = name(('C', 'UT'), ('CN', 'Other'))
    self.trust = [certificate('iaca', other, n, other, n, *self.iaca_dates, extensions('iaca', other, None).values())]


case('nobody', 'another authority is trusted', **bad, fails='path.found', certificates=nobody)


def leaf_by_leaf(self):
    World.certificates(self)
    first, first_key = self.ds, self.ds_key
    self.ds_key = Key(self.ds_curve)
    e = extensions('ds', self.ds_key, first_key, self.eku)
    self.ds = certificate('ds', self.ds_key, name(('C', 'UT'), ('CN', 'second')), first_key, self.ds_name, *self.ds_dates, e.values())
    self.chain = [self.ds, first]


case('leaf-by-leaf', 'a signer that a signer issued', **bad, fails='path.ca path.ca-key-usage path.length', certificates=leaf_by_leaf)


def intermediate(length, ski=None, ku=None, root_length=0):
    def made(self):
        World.path_length = root_length
        World.certificates(self)
        World.path_length = 0
        key, n = Key(), name(('C', 'UT'), ('CN', 'Sub'))
        e = extensions('sub', key, self.iaca_key, path_length=length)
        if ku:
            e['ku'] = ku
        sub = certificate('sub', key, n, self.iaca_key, self.iaca_name, *self.iaca_dates, e.values())
        e = extensions('ds', self.ds_key, key, self.eku)
        self.ds = certificate('ds', self.ds_key, self.ds_name, key, n, *self.ds_dates, e.values())
        self.chain = [self.ds, sub]
    return made


case('sub', 'an authority below the authority', **bad, fails='path.length', certificates=intermediate(0))
case('sub-long', 'an authority below one that does not limit it', **form, fails='anchor.profile', certificates=intermediate(0, root_length=None))
case('sub-1', 'an authority below one with path length 1', **form, fails='anchor.profile', certificates=intermediate(0, root_length=1))
case('sub-usage', 'the authority below may not sign certificates', **bad, fails='path.ca-key-usage anchor.profile', certificates=intermediate(0, ku=ext('2.5.29.15', bits(b'\x80', 7), True), root_length=1))


def link(new_name=None, san=True, trust='old', both=False, dates=None):
    def made(self):
        World.certificates(self)
        new = Key()
        subject = new_name or self.iaca_name
        e = extensions('iaca', new, None)
        root = certificate('iaca', new, subject, new, subject, *self.iaca_dates, e.values())
        e = extensions('link', new, self.iaca_key)
        if new_name and san:
            e['san'] = ext('2.5.29.17', seq(tlv(0xa4, self.iaca_name)))
        linked = certificate('link', new, subject, self.iaca_key, self.iaca_name, *(dates or self.iaca_dates), e.values())
        e = extensions('ds', self.ds_key, new, self.eku)
        self.ds = certificate('ds', self.ds_key, self.ds_name, new, subject, *self.ds_dates, e.values())
        self.chain = [self.ds, linked]
        self.trust = [self.iaca] if trust == 'old' else [root]
    return made


renamed = name(('C', 'UT'), ('CN', 'New Utopia IACA'))
case('link', 'a link certificate to a new key', **ok, certificates=link())
case('link-renamed', 'a link certificate to a new key and name', **ok, certificates=link(renamed))
case('link-renamed-no-san', 'a link certificate to a new name that does not say so', **bad, fails='path.length', certificates=link(renamed, san=False))
case('link-new', 'a link certificate when the new one is trusted', **ok, certificates=link(trust='new'))
case('link-expired', 'a link certificate that expired', **bad, fails='path.validity', certificates=link(dates=('2025-01-01T00:00:00Z', '2026-11-01T00:00:00Z')))


def bent(which, at=-1):
    def made(self):
        World.certificates(self)
        der = bytearray(getattr(self, which))
        der[at] ^= 1
        self.chain = [bytes(der)]
    return made


case('ds-bent', 'the signature of the certificate is wrong', **bad, fails='path.signature', certificates=bent('ds'))


def trailing(self):
    World.certificates(self)
    self.chain = [self.ds + b'\0']


case('ds-trailing', 'an octet behind the certificate', **bad, fails='path.found', certificates=trailing)


def inner_outer(self):
    World.certificates(self)
    tbs_len = int.from_bytes(self.ds[6:8], 'big') + 4
    tbs = self.ds[4:4 + tbs_len]
    self.chain = [seq(tbs, seq(oid(ECDSA['sha384'])), bits(self.iaca_key.sign_der(tbs)))]


case('ds-inner-outer', 'signature algorithms inside and outside differ', **bad, fails='path.found', certificates=inner_outer)


def extension_twice(self, e):
    e['again'] = e['ku']
    return e


case('ds-extension-twice', 'an extension twice', **bad, fails='path.found', ds_extensions=extension_twice)


# --- revocation: the lists ---
def lists(*makers):
    def made(self):
        self.crls = [m(self) for m in makers]
    return made


def serial_of(der):
    at = 4 + 4 + 5
    return int.from_bytes(der[at + 2:at + 2 + der[at + 1]], 'big')


revoked = lambda self: [serial_of(self.ds)]
case('crl', 'a list without the signer', **ok, others=lists(lambda s: crl(s.iaca_key, s.iaca_name, revoked=[5])))
case('crl-empty', 'an empty list', **ok, others=lists(lambda s: crl(s.iaca_key, s.iaca_name)))
case('crl-revoked', 'the signer is revoked', **bad, fails='path.revocation', others=lists(lambda s: crl(s.iaca_key, s.iaca_name, revoked=revoked(s))))
case('crl-stale', 'the list is stale', **form, fails='path.revocation-fresh', others=lists(lambda s: crl(s.iaca_key, s.iaca_name, '2026-09-01T00:00:00Z', '2026-10-01T00:00:00Z')))
case('crl-stale-revoked', 'the list is stale, and has the signer', **bad, fails='path.revocation path.revocation-fresh', others=lists(lambda s: crl(s.iaca_key, s.iaca_name, '2026-09-01T00:00:00Z', '2026-10-01T00:00:00Z', revoked=revoked(s))))
case('crl-future', 'the list begins tomorrow', **form, fails='path.revocation-fresh', others=lists(lambda s: crl(s.iaca_key, s.iaca_name, '2026-12-02T00:00:00Z', '2026-12-20T00:00:00Z')))
case('crl-newer', 'an old list has the signer, the newer has not', **ok, others=lists(lambda s: crl(s.iaca_key, s.iaca_name, '2026-11-01T00:00:00Z', revoked=revoked(s), number=1), lambda s: crl(s.iaca_key, s.iaca_name, number=2)))
case('crl-newest', 'the newest list has the signer', **bad, fails='path.revocation', others=lists(lambda s: crl(s.iaca_key, s.iaca_name, '2026-11-01T00:00:00Z', number=1), lambda s: crl(s.iaca_key, s.iaca_name, revoked=revoked(s), number=2)))
case('crl-forged', 'the list is signed by another key', **open_, others=lists(lambda s: crl(s.iaca_key, s.iaca_name, signer=Key())))
case('crl-forged-revoked', 'a list signed by another key revokes the signer', **open_, others=lists(lambda s: crl(s.iaca_key, s.iaca_name, signer=Key(), revoked=revoked(s))))
case('crl-forged-and-true', 'a forged list beside the true one, which revokes', **bad, fails='path.revocation', others=lists(lambda s: crl(s.iaca_key, s.iaca_name, '2026-11-20T00:00:00Z', signer=Key()), lambda s: crl(s.iaca_key, s.iaca_name, revoked=revoked(s))))
case('crl-other', 'a list of another authority', **ok, others=lists(lambda s: crl(Key(), name(('C', 'XX'), ('CN', 'i')))))
case('crl-by-ds', 'the signer signs its own list', **open_, others=lists(lambda s: crl(s.iaca_key, s.iaca_name, signer=s.ds_key)))
AKI = lambda s: ext('2.5.29.35', seq(tlv(0x80, key_id(s.iaca_key))))
NUM = ext('2.5.29.20', integer(3))
case('crl-delta', 'a delta list', **open_, others=lists(lambda s: crl(s.iaca_key, s.iaca_name, exts=[AKI(s), NUM, ext('2.5.29.27', integer(1), True)])))
case('crl-indirect', 'an indirect list', **open_, others=lists(lambda s: crl(s.iaca_key, s.iaca_name, exts=[AKI(s), NUM, ext('2.5.29.28', tlv(0x30, b'\x84\x01\xff'), True)])))
case('crl-critical', 'a list with an unknown critical extension', **open_, others=lists(lambda s: crl(s.iaca_key, s.iaca_name, exts=[AKI(s), NUM, ext('1.2.3.4', b'\5\0', True)])))
case('crl-extension', 'a list with another extension', **form, fails='path.revocation-form', others=lists(lambda s: crl(s.iaca_key, s.iaca_name, exts=[AKI(s), NUM, ext('1.2.3.4', b'\5\0')])))
case('crl-bare', 'a list without extensions', **form, fails='path.revocation-form', others=lists(lambda s: crl(s.iaca_key, s.iaca_name, exts=[])))
case('crl-no-next', 'a list without nextUpdate', **form, fails='path.revocation-fresh path.revocation-form', others=lists(lambda s: crl(s.iaca_key, s.iaca_name, ends=None)))
case('crl-reason', 'an entry with a reason', **form, fails='path.revocation-form', others=lists(lambda s: crl(s.iaca_key, s.iaca_name, revoked=[9], entry_exts=seq(ext('2.5.29.21', b'\x0a\x01\x01')))))
case('crl-reason-revoked', 'the signer revoked, with a reason', **bad, fails='path.revocation path.revocation-form', others=lists(lambda s: crl(s.iaca_key, s.iaca_name, revoked=revoked(s), entry_exts=seq(ext('2.5.29.21', b'\x0a\x01\x01')))))
case('crl-remove', 'the signer with reason removeFromCRL, which full lists do not have', **bad, fails='path.revocation path.revocation-form', others=lists(lambda s: crl(s.iaca_key, s.iaca_name, revoked=revoked(s), entry_exts=seq(ext('2.5.29.21', b'\x0a\x01\x08')))))
case('crl-issuer-entry', 'an entry names its certificate issuer, critical', **open_, others=lists(lambda s: crl(s.iaca_key, s.iaca_name, revoked=[9], entry_exts=seq(ext('2.5.29.29', seq(tlv(0xa4, s.ds_name)), True)))))
case('crl-long', 'a list for 91 days', **form, fails='path.revocation-form', others=lists(lambda s: crl(s.iaca_key, s.iaca_name, '2026-11-15T00:00:00Z', '2027-02-14T00:00:01Z')))
case('crl-no-crlsign', 'the authority may not sign lists', **open_, fails='anchor.profile', iaca_extensions=over(ku=ext('2.5.29.15', bits(b'\x04', 2), True)), others=lists(lambda s: crl(s.iaca_key, s.iaca_name)))
CASES[-1] = CASES[-1][:3] + (1,) + CASES[-1][4:]

# --- items ---
for n in (16, 20, 24, 64):
    case('random-%d' % n, 'randoms of %d octets' % n, **ok, random=lambda self, ns, e, n=n: os.urandom(n))
case('random-15', 'randoms of 15 octets', **form, fails='issuer.items-form', random=lambda self, ns, e: os.urandom(15))
case('random-0', 'empty randoms', **form, fails='issuer.items-form', random=lambda self, ns, e: b'')
case('item-order', 'members of items in another order', **ok, item=lambda self, i: dumps(dict(reversed(list(i.items())))))
case('item-wide', 'heads longer than needed in items', **form, fails='encoding', item=lambda self, i: dumps(i, wide=True))
case('item-indefinite', 'items of indefinite length', **form, fails='encoding', item=lambda self, i: dumps(i, indefinite=True))
case('item-extra', 'items with another member', **ok, item=lambda self, i: dumps({**i, 'x': 1}))
case('item-twice', 'items with a member twice', **bad, fails='document.structure', item=lambda self, i: dumps(Pairs(*i.items(), ('elementValue', 1))))
case('item-trailing', 'an octet behind an item', **bad, fails='document.structure', item=lambda self, i: dumps(i) + b'\0')
case('item-no-random', 'items without random', **bad, fails='document.structure', item=lambda self, i: dumps({k: v for k, v in i.items() if k != 'random'}))
case('item-id-negative', 'a negative digest identifier', **bad, fails='document.structure', item=lambda self, i: dumps({**i, 'digestID': -1}))
case('item-id-float', 'a digest identifier that is a float', **bad, fails='document.structure', item=lambda self, i: dumps({**i, 'digestID': 0.0}))
case('item-id-large', 'a digest identifier of 2^31', **form, fails='mso.form issuer.items-form',
     items=lambda self: (World.items(self), self.name_spaces.update({NS: [Raw(dumps(embed({'digestID': 2**31, 'random': b'\1' * 32, 'elementIdentifier': 'family_name', 'elementValue': 'x'})))]}),
                         self.digests.update({NS: {2**31: hashlib.sha256(self.name_spaces[NS][0].encoded).digest()}}))[0])
case('item-swapped', 'two items of one digest identifier each other\'s', **bad, fails='issuer.digests',
     issuer_auth=lambda self, a: (self.digests, a)[1],
     mso=mso_with(valueDigests=lambda self, v: {NS: {0: v[NS][1], 1: v[NS][0], 2: v[NS][2]}}))
case('name-space-swapped', 'items under another name space of the MSO', **bad, fails='issuer.digests document.element-types',
     claims=lambda self: {NS: {'family_name': 'a'}, 'x.y': {'family_name': 'b'}},
     disclose=lambda self: setattr(self, 'issuer_signed', {'nameSpaces': {NS: self.name_spaces['x.y']}, 'issuerAuth': self.auth}))
CASES[-1][4].discard('document.element-types')
case('item-bent', 'one value changed', **bad, fails='issuer.digests',
     disclose=lambda self: (World.disclose(self), self.name_spaces[NS].__setitem__(0, Raw(self.name_spaces[NS][0].encoded.replace(b'Muster', b'Master'))))[0])
case('item-twice-same', 'an element twice, the same item', **bad, fails='document.duplicates',
     disclose=lambda self: (World.disclose(self), self.name_spaces[NS].append(self.name_spaces[NS][0]))[0])
case('item-twice-other', 'an element twice, two items', **bad, fails='document.duplicates', items=lambda self: (
    setattr(self, 'digest', 'SHA-256'), World.items(self),
    self.name_spaces[NS].append(Raw(dumps(embed({'digestID': 7, 'random': b'\1' * 32, 'elementIdentifier': 'family_name', 'elementValue': 'Other'})))),
    self.digests[NS].update({7: hashlib.sha256(self.name_spaces[NS][-1].encoded).digest()}))[0])
case('same-name-two-spaces', 'one identifier in two name spaces', **ok, claims=lambda self: {NS: {'family_name': 'a'}, 'x.y': {'family_name': 'b'}})
case('disclose-none', 'no nameSpaces', **ok, disclose=lambda self: setattr(self, 'issuer_signed', {'issuerAuth': self.auth}))
case('disclose-empty', 'nameSpaces is empty', **form, fails='document.form', disclose=lambda self: setattr(self, 'issuer_signed', {'nameSpaces': {}, 'issuerAuth': self.auth}))
case('disclose-empty-space', 'a name space is empty', **form, fails='document.form', disclose=lambda self: setattr(self, 'issuer_signed', {'nameSpaces': {NS: []}, 'issuerAuth': self.auth}))
case('disclose-one', 'one item of three', **ok, disclose=lambda self: setattr(self, 'issuer_signed', {'nameSpaces': {NS: self.name_spaces[NS][1:2]}, 'issuerAuth': self.auth}))
case('name-space-twice-doc', 'a name space twice in the document', **bad, fails='message.structure',
     disclose=lambda self: setattr(self, 'issuer_signed', {'nameSpaces': Pairs((NS, self.name_spaces[NS][:1]), (NS, self.name_spaces[NS][1:])), 'issuerAuth': self.auth}))
case('date-tag0', 'a date as date-time', **form, fails='document.element-types', claims=lambda self: {NS: {'birth_date': Tag(0, '1990-01-01T00:00:00Z')}})
case('date-text', 'a date as text', **form, fails='document.element-types', claims=lambda self: {NS: {'birth_date': '1990-01-01'}})
case('date-map', 'a date as a map', **form, fails='document.element-types', claims=lambda self: {NS: {'birth_date': {'birth_date': Tag(1004, '1990-01-01'), 'approximate_mask': '00001111'}}})
case('value-deep', 'a value 100 levels deep', default=1, strict=1, fails='document.structure', claims=lambda self: {NS: {'family_name': Raw(b'\x81' * 100 + b'\0')}})
case('value-tags', 'a value in tags', **form, fails='document.element-types', claims=lambda self: {NS: {'family_name': Tag(1, Tag(2, b''))}})
case('value-float', 'floats and null', **ok, claims=lambda self: {'x.y': {'a': 1.5, 'b': None, 'c': Raw(b'\xf7'), 'd': Raw(b'\xfa\x7f\xc0\x00\x00')}})
CASES[-1] = CASES[-1][:3] + (1,) + (CASES[-1][4] | {'encoding'},) + CASES[-1][5:]
case('value-utf8', 'a text that is no UTF-8', **bad, fails='document.structure', claims=lambda self: {NS: {'family_name': Raw(b'\x62\xc3\x28')}})
case('value-surrogate', 'a text with a surrogate', **bad, fails='document.structure', claims=lambda self: {NS: {'family_name': Raw(b'\x63\xed\xa0\x80')}})
case('value-simple', 'a simple value below 32 in two octets', **bad, fails='document.structure', claims=lambda self: {NS: {'family_name': Raw(b'\xf8\x10')}})
case('names-long', 'names of many octets each', **bad, fails='issuer.digests',
     claims=lambda self: {'\u00e9' * 90: {'\u00fc' * 90: 1}}, disclose=lambda self: (World.disclose(self), self.name_spaces['\u00e9' * 90].__setitem__(0, Raw(self.name_spaces['\u00e9' * 90][0].encoded[:-1] + b'\2')))[0])
case('names-odd', 'names with quotes, backslashes, control characters and NUL', **bad, fails='issuer.digests',
     claims=lambda self: {'a"b\\c\n\x1b[31m\0\x7f': {'"\\\t\u2028\ud7ff': 1}}, disclose=lambda self: (World.disclose(self), self.name_spaces['a"b\\c\n\x1b[31m\0\x7f'].__setitem__(0, Raw(self.name_spaces['a"b\\c\n\x1b[31m\0\x7f'][0].encoded[:-1] + b'\2')))[0])

# --- other document types ---
PID = dict(doc_type='eu.europa.ec.eudi.pid.1', claims=lambda self: {'eu.europa.ec.eudi.pid.1': {'family_name': 'Muster', 'issuing_country': 'XX'}})
AV = dict(doc_type='eu.europa.ec.av.1', claims=lambda self: {'eu.europa.ec.av.1': {'age_over_18': True}})
PHOTO = dict(doc_type='org.iso.23220.photoid.1', claims=lambda self: {'org.iso.23220.1': {'family_name_unicode': 'Muster'}})
OWN = dict(doc_type='com.example.badge', claims=lambda self: {'com.example': {'x': 1}})
for n, kind in (('pid', PID), ('av', AV), ('photoid', PHOTO), ('own', OWN)):
    for e, arc in (('mdl', EKU_MDL), ('mdoc', EKU_MDOC), ('eudi', EKU_EUDI)):
        case('%s-%s' % (n, e), '%s, signer by the %s arc' % (n, e), **ok, eku=(arc,), **kind)
    case('%s-reader' % n, '%s, signed by a reader' % n, **bad, fails='signer.extended-key-usage', eku=('1.0.23220.4.1.6',), **kind)
case('pid-no-crldp', 'PID, signer without CRL distribution point and IAN', **ok, eku=(EKU_MDOC,), ds_extensions=over(crldp=None, ian=None), **PID)
case('pid-Ed25519', 'PID, authority and signer on Ed25519', default=0, strict=1, fails='anchor.profile', eku=(EKU_MDOC,), iaca_curve='Ed25519', ds_curve='Ed25519', device_curve='Ed25519', **PID)
case('mdl-as-pid', 'an mDL presented as a PID', **bad, fails='mso.doctype', document=lambda self, d: {**d, 'docType': 'eu.europa.ec.eudi.pid.1'}, device_doc_type=lambda self: 'eu.europa.ec.eudi.pid.1')
case('empty-doctype', 'an empty document type everywhere', **bad, fails='mso.doctype', doc_type='')

# --- device key ---
case('key-kid', 'deviceKey with kid and alg', **ok, device_cose_key=lambda self: {**self.device_key.cose(), 2: b'1', 3: -7})
case('key-kid-text', 'deviceKey with a text for kid', **ok, device_cose_key=lambda self: {**self.device_key.cose(), 2: '1'})
case('key-extra', 'deviceKey with labels nobody knows', **ok, device_cose_key=lambda self: {**self.device_key.cose(), 'x': 1, -70000: 2})
case('key-order', 'deviceKey backwards', **ok, device_cose_key=lambda self: dict(reversed(list(self.device_key.cose().items()))))
case('key-private', 'deviceKey with its private part', **form, fails='mso.form', device_cose_key=lambda self: {**self.device_key.cose(), -4: b'\1' * 32})
case('key-compressed', 'deviceKey compressed', **ok, device_cose_key=lambda self: {1: 2, -1: 1, -2: self.device_key.x, -3: bool(self.device_key.y[-1] & 1)})
case('key-compressed-other', 'deviceKey compressed, the other point', **bad, fails='device.authentication', device_cose_key=lambda self: {1: 2, -1: 1, -2: self.device_key.x, -3: not self.device_key.y[-1] & 1})
case('key-off-curve', 'deviceKey is no point of the curve', **bad, fails='device.authentication', device_cose_key=lambda self: {1: 2, -1: 1, -2: self.device_key.x, -3: bytes(31) + b'\1'})
case('key-off-curve-mac', 'deviceKey is no point of the curve, MAC', **bad, fails='device.authentication', mac=True, device_cose_key=lambda self: {1: 2, -1: 1, -2: self.device_key.x, -3: bytes(31) + b'\1'})
case('key-zero', 'deviceKey is all zeros', **bad, fails='device.authentication', device_cose_key=lambda self: {1: 2, -1: 1, -2: bytes(32), -3: bytes(32)})
case('key-short', 'deviceKey with a coordinate of 31 octets', **bad, fails='mso.structure', device_cose_key=lambda self: {1: 2, -1: 1, -2: self.device_key.x[1:], -3: self.device_key.y})
case('key-okp-as-ec', 'deviceKey of the wrong type', **bad, fails='mso.structure', device_cose_key=lambda self: {1: 1, -1: 1, -2: self.device_key.x, -3: self.device_key.y})
case('key-kty-text', 'kty is a text', **bad, fails='mso.structure', device_cose_key=lambda self: {**self.device_key.cose(), 1: 'EC2'})
case('mac-curve', 'a MAC where the reader key is on another curve', **open_, mac=True, device_curve='P-256',
     make_transcript=lambda self: (World.make_transcript(self), setattr(self, 'reader_file', Key('P-384')))[0])
case('mac-other-key', 'a MAC, judged with another reader key', **bad, fails='device.authentication', mac=True,
     make_transcript=lambda self: (World.make_transcript(self), setattr(self, 'reader_file', Key()))[0])
case('mac-no-key', 'a MAC, and no reader key is given', **open_, mac=True, options='-no-reader-key')


# --- device-signed elements ---
def authorised(**what):
    return mso_with(deviceKeyInfo=lambda self, v: {**v, 'keyAuthorizations': what['k']})


SIGNS = dict(device_name_spaces=lambda self: {'x.y': {'a': 1, 'b': [2]}})
case('dev-none', 'device-signed elements without authorisation', **bad, fails='device.authorised', **SIGNS)
case('dev-space', 'device-signed elements, name space authorised', **ok, mso=authorised(k={'nameSpaces': ['x.y']}), **SIGNS)
case('dev-elements', 'device-signed elements, each authorised', **ok, mso=authorised(k={'dataElements': {'x.y': ['b', 'a']}}), **SIGNS)
case('dev-one', 'device-signed elements, one of two authorised', **bad, fails='device.authorised', mso=authorised(k={'dataElements': {'x.y': ['a']}}), **SIGNS)
case('dev-other-space', 'device-signed elements, another name space authorised', **bad, fails='device.authorised', mso=authorised(k={'nameSpaces': ['x.yy', 'x'], 'dataElements': {'x.z': ['a', 'b']}}), **SIGNS)
case('dev-both', 'a name space in both lists', **form, fails='mso.form', mso=authorised(k={'nameSpaces': ['x.y'], 'dataElements': {'x.y': ['a', 'b']}}), **SIGNS)
case('dev-auth-empty', 'keyAuthorizations is empty, the device signs nothing', **form, fails='mso.form', mso=authorised(k={}))
case('dev-auth-null', 'keyAuthorizations is null', **bad, fails='mso.structure', mso=authorised(k=None))
MANY = ['%04d' % i for i in range(1025)]
case('dev-many', 'the device signs 255 elements of a name space', **ok, device_name_spaces=lambda self: {'x.y': {e: 0 for e in MANY[:255]}}, mso=authorised(k={'nameSpaces': ['x.y']}))
case('dev-too-many', 'the device signs 256 elements of a name space', **bad, fails='document.structure', device_name_spaces=lambda self: {'x.y': {e: 0 for e in MANY[:256]}}, mso=authorised(k={'nameSpaces': ['x.y']}))
case('dev-auth-many', '1024 name spaces are authorised', **ok, mso=authorised(k={'nameSpaces': MANY[:1024]}))
case('dev-auth-too-many', '1025 name spaces are authorised', **bad, fails='mso.structure', mso=authorised(k={'nameSpaces': MANY}))
case('dev-empty-space', 'an empty device-signed name space', **ok, device_name_spaces=lambda self: {'x.y': {}})
case('dev-twice', 'an element by issuer and device', **bad, fails='document.duplicates', mso=authorised(k={'nameSpaces': [NS]}), device_name_spaces=lambda self: {NS: {'family_name': 'Other'}})
case('dev-twice-within', 'the device signs an element twice', **bad, fails='document.structure', mso=authorised(k={'nameSpaces': [NS]}), device_name_spaces=lambda self: {'x.y': Pairs(('a', 1), ('a', 2))})
case('dev-a0', 'empty name spaces, not in tag 24', **bad, fails='document.structure', device_bytes=lambda self: b'\xa0')
case('dev-bstr', 'empty name spaces, a byte string without its tag', **bad, fails='document.structure', device_bytes=lambda self: b'\x41\xa0')
case('dev-null', 'name spaces null in tag 24', **bad, fails='document.structure', device_bytes=lambda self: b'\xd8\x18\x41\xf6')
case('dev-wide', 'name spaces with a head longer than needed', **form, fails='encoding', device_bytes=lambda self: b'\xd8\x18\x58\x01\xa0')
case('dev-changed', 'name spaces were others when signed', **bad, fails='device.authentication',
     present=lambda self: (World.present(self), self.device_signed.update(nameSpaces=Raw(b'\xd8\x18\x42\xbf\xff')))[0])
CASES[-1][4].add('encoding')
case('dev-doctype', 'the device signed another document type', **bad, fails='device.authentication', device_doc_type=lambda self: 'org.iso.18013.5.1.mdl')
case('dev-attached', 'the device attaches its payload', **bad, fails='device.authentication', device_auth=lambda self, a: {'deviceSignature': [a[0], {}, dumps(embed(['DeviceAuthentication', self.transcript, MDL, Raw(dumps(embed({})))])), a[3]]})
case('dev-empty-payload', 'the payload is empty, not null', **bad, fails='device.authentication', device_auth=lambda self, a: {'deviceSignature': [a[0], {}, b'', a[3]]})
case('dev-both-auth', 'signature and MAC', **bad, fails='document.structure', device_auth=lambda self, a: {'deviceSignature': a, 'deviceMac': a})
case('dev-no-auth', 'neither signature nor MAC', **bad, fails='document.structure', device_auth=lambda self, a: {})
case('dev-sig-as-mac', 'a signature called a MAC, and no reader key', **open_, device_auth=lambda self, a: {'deviceMac': a})
case('dev-tagged', 'deviceSignature in tag 18', **form, fails='document.form', device_auth=lambda self, a: {'deviceSignature': Tag(18, a)})
case('dev-kid', 'deviceSignature with kid', **form, fails='document.form', device_auth=lambda self, a: {'deviceSignature': [a[0], {4: b'1'}, a[2], a[3]]})
case('dev-der', 'deviceSignature as DER', **bad, fails='device.authentication', device_auth=lambda self, a: {'deviceSignature': [a[0], {}, None, b'\x30\x44\x02\x20' + a[3][:32] + b'\x02\x20' + a[3][32:]]})
case('dev-flip', 'deviceSignature with a bit turned', **bad, fails='device.authentication', device_auth=lambda self, a: {'deviceSignature': [a[0], {}, None, a[3][:-1] + bytes([a[3][-1] ^ 1])]})
case('dev-zero', 'deviceSignature of zeros', **bad, fails='device.authentication', device_auth=lambda self, a: {'deviceSignature': [a[0], {}, None, bytes(64)]})
case('dev-by-ds', 'the signer signs for the device', **bad, fails='device.authentication', sign1=lambda self, key, p, payload: self.ds_key.sign(dumps(['Signature1', p, b'', payload])))
case('issuer-flip', 'issuer\'s signature with a bit turned', **bad, fails='issuer.signature', issuer_auth=lambda self, a: a[:3] + [a[3][:-1] + bytes([a[3][-1] ^ 1])])
case('issuer-zero', 'issuer\'s signature of zeros', **bad, fails='issuer.signature', issuer_auth=lambda self, a: a[:3] + [bytes(64)])
case('issuer-empty', 'issuer\'s signature is empty', **bad, fails='issuer.signature', issuer_auth=lambda self, a: a[:3] + [b''])
case('issuer-der', 'issuer\'s signature as DER', **bad, fails='issuer.signature', issuer_auth=lambda self, a: a[:3] + [b'\x30\x44\x02\x20' + a[3][:32] + b'\x02\x20' + a[3][32:]])
case('issuer-three', 'issuerAuth of three entries', **bad, fails='document.structure', issuer_auth=lambda self, a: a[:3])
case('issuer-five', 'issuerAuth of five entries', **bad, fails='document.structure', issuer_auth=lambda self, a: a + [b''])

# --- transcripts ---
case('transcript-tag24', 'the transcript in tag 24', **ok, options='-transcript-tag24')
case('transcript-other', 'another transcript', **bad, fails='device.authentication', options='-transcript-other')
case('transcript-none', 'no transcript', **open_, options='-no-transcript')
case('transcript-nfc', 'a handover of NFC', **ok, make_transcript=lambda self: (World.make_transcript(self), self.transcript.__setitem__(2, [b'\1\2', None]))[0])
case('transcript-oid4vp', 'a handover of OpenID4VP', **ok, make_transcript=lambda self: setattr(self, 'transcript', [None, None, ['OpenID4VPHandover', hashlib.sha256(b'x').digest()]]))
case('transcript-dcapi', 'a handover of org-iso-mdoc', **ok, make_transcript=lambda self: setattr(self, 'transcript', [None, None, ['dcapi', hashlib.sha256(b'x').digest()]]))
case('transcript-annex-b', 'a handover of 18013-7 Annex B', **ok, make_transcript=lambda self: setattr(self, 'transcript', [None, None, [hashlib.sha256(b'x').digest(), hashlib.sha256(b'y').digest(), 'nonce']]))
case('transcript-website', 'a handover of a website', **ok, make_transcript=lambda self: (World.make_transcript(self), self.transcript.__setitem__(2, hashlib.sha256(b'x').digest()))[0])
case('transcript-own', 'a handover nobody knows', **ok, make_transcript=lambda self: setattr(self, 'transcript', [None, None, ['MyHandover', 7, {}]]))

# --- responses ---
case('resp-tag24', 'the response in tag 24', **form, fails='encoding', encode=lambda self, r: dumps(embed(r)))
case('resp-indefinite', 'indefinite lengths outside', **form, fails='encoding', encode=lambda self, r: dumps(r, indefinite=True))
case('resp-wide', 'heads longer than needed outside', **form, fails='encoding', encode=lambda self, r: b'\xbb' + (3).to_bytes(8, 'big') + dumps(r)[1:])
case('resp-order', 'members in another order', **ok, response=lambda self, r: dict(reversed(list(r.items()))))
case('resp-extra', 'members of the future', **ok, response=lambda self, r: {**r, 'x': {}, 5: 1})
case('resp-1.7', 'version 1.7', **ok, response=lambda self, r: {**r, 'version': '1.7'})
case('resp-2.0', 'version 2.0', **bad, fails='response.version', response=lambda self, r: {**r, 'version': '2.0'})
case('resp-errors', 'documentErrors beside a document', **ok, response=lambda self, r: {**r, 'documentErrors': [{'a.b': 0}]})
case('resp-errors-empty', 'documentErrors is empty', **form, fails='document.form', response=lambda self, r: {**r, 'documentErrors': []})
case('resp-errors-only', 'documentErrors only', **open_, response=lambda self, r: {'version': '1.0', 'documentErrors': [{MDL: 0}], 'status': 0})
case('resp-nothing', 'no documents', **open_, response=lambda self, r: {'version': '1.0', 'status': 0})
case('resp-empty', 'documents is empty', **bad, fails='response.documents', response=lambda self, r: {'version': '1.0', 'documents': [], 'status': 0})
case('resp-status-10', 'status 10', **open_, response=lambda self, r: {'version': '1.0', 'status': 10})
case('resp-status-10-documents', 'status 10 and a document', **bad, fails='response.documents', response=lambda self, r: {**r, 'status': 10})
case('resp-status-1', 'status 1', **bad, fails='response.status response.documents', response=lambda self, r: {**r, 'status': 1})
case('resp-two', 'the document twice', **ok, response=lambda self, r: {**r, 'documents': 2 * r['documents']})
case('resp-two-one-bad', 'two documents, the second without its device', **bad, fails='device.authentication',
     response=lambda self, r: {**r, 'documents': [self.answer, {**self.answer, 'deviceSigned': {'nameSpaces': self.device_signed['nameSpaces'], 'deviceAuth': {'deviceSignature': [dumps({1: -7}), {}, None, bytes(64)]}}}]})
case('resp-32', '32 documents', **ok, response=lambda self, r: {**r, 'documents': 32 * r['documents']})
case('resp-errors-in-document', 'errors in the document', **ok, document=lambda self, d: {**d, 'errors': {NS: {'portrait': 0}}})
case('resp-errors-bad', 'errors of the wrong type', **bad, fails='document.structure', document=lambda self, d: {**d, 'errors': {NS: ['portrait']}})
case('resp-no-device', 'no deviceSigned', default=1, strict=1, fails='document.structure', document=lambda self, d: {k: v for k, v in d.items() if k != 'deviceSigned'})
case('resp-zk', 'zkDocuments beside a document', **open_, response=lambda self, r: {**r, 'zkDocuments': [{}]})
case('resp-issuer-signed', 'a response with members of an IssuerSigned', **ok, response=lambda self, r: {**r, **self.issuer_signed})
case('resp-issuer-signed-forged', 'a response with members of an IssuerSigned, its device forged', **bad, fails='device.authentication',
     response=lambda self, r: {**r, **self.issuer_signed}, device_auth=lambda self, a: {'deviceSignature': [a[0], {}, None, bytes(64)]})
case('resp-document-forged', 'a forged response with members of a Document of another', **bad, fails='device.authentication',
     response=lambda self, r: {**r, 'docType': MDL, 'issuerSigned': self.issuer_signed, 'deviceSigned': self.device_signed, 'documents': [{**self.answer, 'deviceSigned': {'nameSpaces': self.device_signed['nameSpaces'], 'deviceAuth': {'deviceSignature': [dumps({1: -7}), {}, None, bytes(64)]}}}]})
case('just-issuer-signed', 'an IssuerSigned', **ok, options='-no-transcript', encode=lambda self, r: dumps(self.issuer_signed))
case('just-issuer-signed-transcript', 'an IssuerSigned where a transcript demands a device', **open_, encode=lambda self, r: dumps(self.issuer_signed))
case('just-document', 'a Document', **ok, encode=lambda self, r: dumps(self.answer))
