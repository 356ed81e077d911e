# SPDX-License-Identifier: Apache-2.0
"""The cases: name, what is unusual, exit status by default and with --strict, the checks that fail, changes."""
from make import *

CASES = []


def case(name_, what, default, strict, fails='', options='', **changes):
    CASES.append((name_, what, default, strict, set(fails.split()), options, changes))


def then(method, act):
    """A method that does what World's does and then something to its result or to self."""
    def changed(self, *args):
        result = getattr(World, method)(self, *args)
        other = act(self, result) if args or result is not None else act(self)
        return result if other is None else other
    return changed


def over(**new):  # ds_extensions: replace or drop (None)
    def changed(self, e):
        for key, value in new.items():
            if value is None:
                e.pop(key, None)
            else:
                e[key] = value(self) if callable(value) else value
        return e
    return changed


def mso_with(**new):
    def changed(self, mso):
        mso = dict(mso)
        for key, value in new.items():
            if value is None:
                mso.pop(key)
            else:
                mso[key] = value(self, mso.get(key)) if callable(value) else value
        return mso
    return changed


def times(**new):
    def changed(self, mso):
        mso['validityInfo'].update(new)
        return mso
    return changed


ok = dict(default=0, strict=0)
form = dict(default=0, strict=1)
bad = dict(default=1, strict=1)
open_ = dict(default=3, strict=3)

case('plain', 'nothing', **ok)

# --- curves ---
for c in ('P-384', 'P-521', 'BP256', 'BP320', 'BP384', 'BP512'):
    case('all-' + c, 'every key on ' + c, **ok, iaca_curve=c, ds_curve=c, device_curve=c)
    case('mac-' + c, 'a MAC on ' + c, **ok, mac=True, device_curve=c, reader_curve=c)
for c in ('Ed25519', 'Ed448'):
    case('ds-' + c, 'signer and device keys on ' + c, **ok, ds_curve=c, device_curve=c)
    case('iaca-' + c, 'authority of an mDL on ' + c, **bad, fails='signer.algorithm anchor.profile', iaca_curve=c)
for c in ('X25519', 'X448'):
    case('mac-' + c, 'a MAC on ' + c, **ok, mac=True, device_curve=c, reader_curve=c)
case('mac-P-256', 'a MAC', **ok, mac=True)
case('iaca-P-521-ds-P-256', 'curves differ', **ok, iaca_curve='P-521', device_curve='BP256')
case('ds-sha512', 'P-256 authority signs with SHA-512', **ok, cert_digest='sha512')
case('ds-sha384', 'P-256 authority signs with SHA-384', **ok, cert_digest='sha384')
case('iaca-P-521-sha256', 'P-521 authority signs with SHA-256', **ok, iaca_curve='P-521', cert_digest='sha256')
case('ds-sha1', 'authority signs with SHA-1', **bad, fails='path.signature signer.algorithm', cert_digest='sha1')
case('ds-K256', 'signer on secp256k1', **bad, fails='signer.algorithm issuer.algorithm', ds_curve='K256',
     protected=lambda self: {1: -47})
case('ds-K256-es256', 'signer on secp256k1 under ES256', **bad, fails='signer.algorithm issuer.algorithm', ds_curve='K256',
     protected=lambda self: {1: -7})
case('device-K256', 'device key on secp256k1', **bad, fails='mso.structure', device_curve='K256')

# --- algorithms ---
case('alg-es512-p256', 'ES512 announced, P-256 key signs with SHA-512', **bad, fails='issuer.algorithm',
     protected=lambda self: {1: -36})
case('alg-esp256', 'the fully specified number of ES256', **bad, fails='issuer.algorithm', protected=lambda self: {1: -9})
case('alg-text', 'alg is a text', **bad, fails='issuer.algorithm', protected=lambda self: {1: 'ES256'})
case('alg-both', 'alg in both buckets', **bad, fails='document.structure',
     unprotected=lambda self: {1: -7, 33: self.ds})
case('alg-unprotected', 'alg in the unprotected bucket', **bad, fails='issuer.algorithm issuer.cose-form',
     protected=lambda self: {}, unprotected=lambda self: {1: -7, 33: self.ds})
case('device-alg-es384', 'device announces ES384 with a P-256 key', **bad, fails='device.authentication',
     device_protected=lambda self: {1: -35})
case('mac-alg-64', 'HMAC 256/64', **bad, fails='device.authentication', mac=True, device_protected=lambda self: {1: 4})
case('mac-alg-512', 'HMAC 512/512', **bad, fails='device.authentication', mac=True, device_protected=lambda self: {1: 7})
case('crit', 'a critical header that is not understood', **bad, fails='document.structure',
     protected=lambda self: {1: -7, 2: [99], 99: 1})

# --- headers ---
case('tag18', 'issuerAuth in tag 18', **form, fails='issuer.cose-form', issuer_auth=lambda self, a: Tag(18, a))
case('tag17', 'issuerAuth in tag 17', **bad, fails='document.structure', issuer_auth=lambda self, a: Tag(17, a))
case('tag61-18', 'issuerAuth in tags 61 and 18', **bad, fails='document.structure',
     issuer_auth=lambda self, a: Tag(61, Tag(18, a)))
case('x5chain-protected', 'x5chain in the protected bucket', **ok, protected=lambda self: {1: -7, 33: self.ds},
     unprotected=lambda self: {})
case('x5chain-both', 'x5chain in both buckets', **bad, fails='document.structure',
     protected=lambda self: {1: -7, 33: self.ds})
case('x5chain-array', 'one certificate in an array', **form, fails='issuer.cose-form',
     unprotected=lambda self: {33: [self.ds]})
case('x5chain-root', 'the root comes along', **form, fails='issuer.root-in-chain',
     unprotected=lambda self: {33: [self.ds, self.iaca]})
case('x5chain-reversed', 'root first', **bad,
     fails='path.found signer.not-ca signer.key-usage signer.extended-key-usage issuer.signature signer.lifetime '
           'signer.authority-key-identifier signer.crl-distribution-points',
     unprotected=lambda self: {33: [self.iaca, self.ds]})
case('x5chain-empty', 'an empty array', **bad, fails='document.structure', unprotected=lambda self: {33: []})
case('x5chain-none', 'no x5chain', **bad, fails='path.found', unprotected=lambda self: {})
case('x5chain-pem', 'a PEM text', **bad, fails='document.structure', unprotected=lambda self: {33: pem(self.ds)})
case('x5chain-eight', 'the signer and seven roots', **form, fails='issuer.root-in-chain',
     unprotected=lambda self: {33: [self.ds] + 7 * [self.iaca]})
case('x5chain-nine', 'the signer and eight roots', **bad, fails='path.found',
     unprotected=lambda self: {33: [self.ds] + 8 * [self.iaca]})
case('x5t', 'x5t of the signer', **ok,
     protected=lambda self: {1: -7, 34: [-16, hashlib.sha256(self.ds).digest()]})
case('x5t-wrong', 'x5t of the root', **form, fails='issuer.cose-form',
     protected=lambda self: {1: -7, 34: [-16, hashlib.sha256(self.iaca).digest()]})
case('x5t-sha256-64', 'x5t, truncated hash', **form, fails='issuer.cose-form',
     protected=lambda self: {1: -7, 34: [-15, hashlib.sha256(self.ds).digest()[:8]]})
case('kid-text', 'kid is a text', **form, fails='issuer.cose-form', unprotected=lambda self: {4: 'key-1', 33: self.ds})
case('kid', 'kid is a byte string', **ok, unprotected=lambda self: {4: b'key-1', 33: self.ds})
case('typ', 'typ is there', **ok, protected=lambda self: {1: -7, 16: 'application/mso'})
case('header-text', 'labels that are texts', **ok, unprotected=lambda self: {'x': 1, 33: self.ds, 'y': [1, {}]})

# --- payload and MobileSecurityObject ---
case('payload-bare', 'payload without tag 24', **form, fails='mso.form', payload=lambda self, m: dumps(m))
case('payload-twice', 'payload in tag 24 twice', **bad, fails='mso.structure',
     payload=lambda self, m: dumps(embed(dumps(embed(m)))))
case('payload-trailing', 'something after the payload', **bad, fails='mso.structure',
     payload=lambda self, m: dumps(embed(m)) + b'\0')
case('payload-inner-trailing', 'something after the MSO', **bad, fails='mso.structure',
     payload=lambda self, m: dumps(embed(dumps(m) + b'\0')))
case('payload-nil', 'payload is detached', **bad, fails='mso.structure issuer.signature',
     issuer_auth=lambda self, a: [a[0], a[1], None, a[3]])
case('payload-null-empty', 'payload is empty', **bad, fails='mso.structure', payload=lambda self, m: b'')
for d in ('SHA-384', 'SHA-512'):
    case(d.lower(), d, **ok, digest=d)
for d in ('sha256', 'SHA256', 'sha-256', 'SHA-1', 'SHA3-256', 'SHA-256 ', 'SHA-256\0'):
    case('digest-' + repr(d).strip("'").replace('\\x00', '-nul').replace(' ', '-blank'), 'digestAlgorithm ' + repr(d),
         **bad, fails='mso.digest-algorithm', digest=d)
case('digest-short', 'a digest has 31 octets', **bad, fails='mso.structure',
     mso=then('mso', lambda self, m: m['valueDigests'][NS].update({0: b'\0' * 31})))
case('digest-long-as-512', 'SHA-256 named, digests of 64 octets', **bad, fails='mso.structure', digest='SHA-512',
     mso=mso_with(digestAlgorithm='SHA-256'))
case('version-1.1', 'MSO version 1.1', **ok, mso=mso_with(version='1.1'))
case('version-1', 'MSO version without a point', **bad, fails='mso.structure', mso=mso_with(version='1'))
case('version-int', 'MSO version is a number', **bad, fails='mso.structure', mso=mso_with(version=1))
case('version-2.0', 'MSO version 2.0', **bad, fails='mso.version', mso=mso_with(version='2.0'))
case('mso-extra', 'members of the future, of other types', **ok,
     mso=lambda self, m: {**m, 'x': 1, 7: [], -1: {}})
case('mso-bytes-key', 'a member whose key is a byte string', **ok, mso=lambda self, m: {**m, b'k': 1})
case('mso-twice', 'a member is there twice', **bad, fails='mso.structure',
     payload=lambda self, m: dumps(embed(Pairs(*m.items(), ('docType', m['docType'])))))
case('digest-id-twice', 'a digest identifier twice, one encoded long', **bad, fails='mso.structure',
     mso=mso_with(valueDigests=lambda self, v: {NS: Pairs(*v[NS].items(), (Raw(b'\x18\x00'), v[NS][0]))}))
case('name-space-twice', 'a name space twice in valueDigests', **bad, fails='mso.structure',
     mso=mso_with(valueDigests=lambda self, v: Pairs((NS, v[NS]), (NS, {9: b'\0' * 32}))))
case('mso-no-digests', 'valueDigests is empty, and nothing is disclosed', **form, fails='mso.form',
     mso=mso_with(valueDigests={}), disclose=lambda self: setattr(self, 'issuer_signed', {'issuerAuth': self.auth}))
case('mso-no-key-info', 'no deviceKeyInfo', **bad, fails='mso.structure', mso=mso_with(deviceKeyInfo=None))
case('status-both', 'status_list and identifier_list', **ok,
     mso=mso_with(status={'status_list': {'idx': 5, 'uri': 'https://u.example/s'},
                          'identifier_list': {'id': b'\1\2', 'uri': 'https://u.example/i'}}))
case('status-text-id', 'identifier_list whose id is a text', **form, fails='mso.form',
     mso=mso_with(status={'identifier_list': {'id': 'abc', 'uri': 'https://u.example/i'}}))
case('status-empty', 'status is empty', **form, fails='mso.form', mso=mso_with(status={}))
case('status-null', 'status is null', **form, fails='mso.form', mso=mso_with(status=Raw(b'\xf6')))
case('doctype-mso', 'MSO of another document type', **bad, fails='mso.doctype',
     mso=mso_with(docType='org.iso.18013.5.1.mDL.test'))
case('doctype-case', 'MSO of a type in other case', **bad, fails='mso.doctype', mso=mso_with(docType=MDL.upper()))
case('doctype-nul', 'MSO type with a NUL behind', **bad, fails='mso.doctype', mso=mso_with(docType=MDL + '\0'))

# --- validity ---
case('times-fraction', 'fractions of a second', **form, fails='mso.form', valid_until='2027-05-01T00:00:00.123456789Z')
case('times-offset', 'an offset', **form, fails='mso.form', signed='2026-11-01T02:00:00+02:00')
case('times-offset-late', 'valid from 23:30 of yesterday in another zone, which is tomorrow here', **bad,
     fails='mso.form mso.validity', valid_from='2026-11-30T23:30:00-01:00')
case('times-untagged', 'no tag', **form, fails='mso.form', mso=times(signed='2026-11-01T00:00:00Z'))
case('times-date', 'dates only', **form, fails='mso.form', signed='2026-11-01', valid_from='2026-11-01', valid_until='2027-05-01')
case('times-tag1004', 'full-date', **bad, fails='mso.structure', mso=times(signed=Tag(1004, '2026-11-01')))
case('times-epoch', 'tag 1', **bad, fails='mso.structure', mso=times(signed=Tag(1, 1793491200)))
case('times-lower', 'small letters', **form, fails='mso.form', signed='2026-11-01t00:00:00z', valid_from='2026-11-01t00:00:00z')
case('times-no-zone', 'no zone', **bad, fails='mso.structure', signed='2026-11-01T00:00:00')
case('times-blank', 'a blank for the T', **bad, fails='mso.structure', signed='2026-11-01 00:00:00Z')
case('times-feb30', '30 February', **bad, fails='mso.structure', valid_until='2027-02-30T00:00:00Z')
case('times-sec60', 'a leap second', **bad, fails='mso.structure', valid_until='2026-12-31T23:59:60Z')
case('times-9999', 'until 9999', **form, fails='mso.until-within-signer', valid_until='9999-12-31T23:59:59Z')
CASES[-1] = CASES[-1][:3] + (0,) + CASES[-1][4:]
case('times-until-signer', 'longer than the signer', **ok, fails='mso.until-within-signer', valid_until='2027-06-01T00:00:01Z')
case('expired', 'expired two minutes ago', **bad, fails='mso.validity', valid_until='2026-11-30T23:58:00Z')
case('expired-skew', 'expired 60 seconds ago', **ok, valid_until='2026-11-30T23:59:00Z')
case('expired-skew-61', 'expired 61 seconds ago', **bad, fails='mso.validity', valid_until='2026-11-30T23:58:59Z')
case('expired-no-skew', 'expired a second ago, no skew', **bad, fails='mso.validity', options='--skew 0', valid_until='2026-11-30T23:59:59Z')
case('until-now-no-skew', 'valid until now, no skew', **ok, options='--skew 0', valid_until='2026-12-01T00:00:00Z')
case('future', 'valid in two minutes', **bad, fails='mso.validity', valid_from='2026-12-01T00:02:00Z')
case('future-skew', 'valid in 60 seconds', **ok, valid_from='2026-12-01T00:01:00Z')
case('future-skew-61', 'valid in 61 seconds', **bad, fails='mso.validity', valid_from='2026-12-01T00:01:01Z')
case('from-after-until', 'validity is empty', **bad, fails='mso.validity mso.form', valid_from='2026-12-02T00:00:00Z', valid_until='2026-12-01T12:00:00Z')
case('signed-early', 'signed before the signer was valid', **bad, fails='mso.signed', signed='2026-05-31T23:59:59Z')
case('signed-at-begin', 'signed as the signer became valid', **ok, signed='2026-06-01T00:00:00Z')
case('signed-late', 'signed after the signer was valid, and after validFrom', **bad, fails='mso.signed mso.form', signed='2027-06-01T00:00:01Z')
case('signed-future', 'signed tomorrow, valid since yesterday', **form, fails='mso.form', signed='2026-12-02T00:00:00Z')
case('expected-update', 'expectedUpdate', **ok, mso=times(expectedUpdate=Tag(0, '2027-01-01T00:00:00Z')))
case('expected-update-bad', 'expectedUpdate is no time', **bad, fails='mso.structure', mso=times(expectedUpdate=Tag(0, 'soon')))

# --- certificates ---
case('ds-expired', 'the signer expired', **bad, fails='path.validity', signed='2026-11-01T00:00:00Z',
     ds_dates=('2026-06-01T00:00:00Z', '2026-11-30T00:00:00Z'), valid_until='2026-12-20T00:00:00Z')
CASES[-1][4].add('mso.until-within-signer')
case('ds-expired-60', 'the signer expired 60 seconds ago', **ok, fails='mso.until-within-signer',
     ds_dates=('2026-06-01T00:00:00Z', '2026-11-30T23:59:00Z'))
case('ds-expired-61', 'the signer expired 61 seconds ago', **bad, fails='path.validity mso.until-within-signer',
     ds_dates=('2026-06-01T00:00:00Z', '2026-11-30T23:58:59Z'))
case('ds-future', 'the signer is not valid yet', **bad, fails='path.validity mso.signed',
     ds_dates=('2026-12-05T00:00:00Z', '2027-06-01T00:00:00Z'))
case('iaca-expired', 'the authority expired', **bad, fails='path.validity', iaca_dates=('2025-01-01T00:00:00Z', '2026-11-30T00:00:00Z'))
case('iaca-future', 'the authority is not valid yet', **bad, fails='path.validity', iaca_dates=('2026-12-05T00:00:00Z', '2034-01-01T00:00:00Z'))
case('iaca-2055', 'the authority is valid past 2050, in GeneralizedTime', **form, fails='anchor.profile', iaca_dates=('2025-01-01T00:00:00Z', '2055-01-01T00:00:00Z'))
case('ds-458', 'the signer is valid for 458 days', **form, fails='signer.lifetime', ds_dates=('2026-06-01T00:00:00Z', '2027-09-02T00:00:00Z'))
case('ds-457', 'the signer is valid for 457 days', **ok, ds_dates=('2026-06-01T00:00:00Z', '2027-09-01T00:00:00Z'))
case('ds-generalized', 'GeneralizedTime before 2050', **form, fails='signer.encoding',
     ds_dates=(tlv(0x18, b'20260601000000Z'), tlv(0x18, b'20270601000000Z')))
case('ds-eku-none', 'no extended key usage', **bad, fails='signer.extended-key-usage', ds_extensions=over(eku=None))
case('ds-eku-soft', 'extended key usage not critical', **bad, fails='signer.extended-key-usage',
     ds_extensions=over(eku=ext('2.5.29.37', seq(oid(EKU_MDL)))))
case('ds-eku-any', 'anyExtendedKeyUsage', **bad, fails='signer.extended-key-usage', eku=('2.5.29.37.0',))
case('ds-eku-server', 'a web server', **bad, fails='signer.extended-key-usage', eku=('1.3.6.1.5.5.7.3.1',))
case('ds-eku-reader', 'a reader', **bad, fails='signer.extended-key-usage', eku=('1.0.18013.5.1.6',))
case('ds-eku-mdoc', 'only the arc of 23220 for an mDL', **bad, fails='signer.extended-key-usage', eku=(EKU_MDOC,))
case('ds-eku-both', 'both arcs', **ok, eku=(EKU_MDL, EKU_MDOC))
case('ds-eku-more', 'the purpose and one of TLS', **ok, eku=('1.3.6.1.5.5.7.3.1', EKU_MDL))
case('ds-eku-longer', 'a purpose below the right one', **bad, fails='signer.extended-key-usage', eku=(EKU_MDL + '.1',))
case('ds-ku-none', 'no key usage', **bad, fails='signer.key-usage', ds_extensions=over(ku=None))
case('ds-ku-soft', 'key usage not critical', **bad, fails='signer.key-usage', ds_extensions=over(ku=ext('2.5.29.15', bits(b'\x80', 7))))
case('ds-ku-agreement', 'key usage keyAgreement', **bad, fails='signer.key-usage', ds_extensions=over(ku=ext('2.5.29.15', bits(b'\x08', 3), True)))
case('ds-ku-zeros', 'key usage with trailing zero bits', **form, fails='signer.encoding', ds_extensions=over(ku=ext('2.5.29.15', bits(b'\x80', 0), True)))
case('ds-ca', 'the signer is an authority', **bad, fails='signer.not-ca', ds_extensions=over(bc=ext('2.5.29.19', tlv(0x30, b'\x01\x01\xff'), True)))
case('ds-not-ca', 'the signer says it is none', **ok, ds_extensions=over(bc=ext('2.5.29.19', tlv(0x30, b''), True)))
case('ds-not-ca-false', 'cA FALSE written out', **ok, ds_extensions=over(bc=ext('2.5.29.19', tlv(0x30, b'\x01\x01\x00'), True)))
case('ds-critical', 'an unknown critical extension', **bad, fails='path.critical-extensions', ds_extensions=over(x=ext('1.2.3.4', b'\5\0', True)))
case('ds-unknown', 'an unknown extension', **ok, ds_extensions=over(x=ext('1.2.3.4', b'anything')))
case('ds-qc', 'qcStatements, critical', **bad, fails='path.critical-extensions', ds_extensions=over(x=ext('1.3.6.1.5.5.7.1.3', seq(), True)))
case('ds-name-constraints', 'name constraints', **bad, fails='path.forbidden-extensions', ds_extensions=over(x=ext('2.5.29.30', seq(tlv(0xa0, seq(tlv(0x82, b'example')))), True)))
case('ds-policy', 'certificate policies', **ok, ds_extensions=over(x=ext('2.5.29.32', seq(seq(oid('1.2.3'))))))
case('ds-policy-critical', 'certificate policies, critical', **ok, ds_extensions=over(x=ext('2.5.29.32', seq(seq(oid('1.2.3'))), True)))
case('ds-aki-wrong', 'authority key identifier of another key', **bad, fails='path.key-identifier', ds_extensions=over(aki=ext('2.5.29.35', seq(tlv(0x80, b'\7' * 20)))))
case('ds-aki-none', 'no authority key identifier', **form, fails='signer.authority-key-identifier', ds_extensions=over(aki=None))
case('ds-ski-none', 'no subject key identifier', **form, fails='signer.subject-key-identifier', ds_extensions=over(ski=None))
case('ds-ski-sha256', 'subject key identifier of SHA-256', **form, fails='signer.subject-key-identifier',
     ds_extensions=over(ski=lambda self: ext('2.5.29.14', octets(hashlib.sha256(self.ds_key.point).digest()[:20]))))
case('ds-ian-none', 'no issuer alternative name', **form, fails='signer.issuer-alternative-name', ds_extensions=over(ian=None))
case('ds-ian-dns', 'issuer alternative name is a host', **form, fails='signer.issuer-alternative-name', ds_extensions=over(ian=ext('2.5.29.18', seq(tlv(0x82, b'utopia.example')))))
case('ds-crldp-none', 'no CRL distribution point', **form, fails='signer.crl-distribution-points', ds_extensions=over(crldp=None))
case('ds-serial-1', 'serial number 1', **form, fails='signer.serial-number', ds_serial=1)
case('ds-serial-negative', 'serial number negative', **form, fails='signer.serial-number', ds_serial=-(2**80))
case('ds-serial-21', 'serial number of 21 octets', **form, fails='signer.serial-number', ds_serial=2**161)
case('ds-country', 'another country', **bad, fails='path.country issuer.country', ds_name=name(('C', 'XX'), ('CN', 's')))
case('ds-country-none', 'no country', **bad, fails='path.country signer.name', ds_name=name(('CN', 's')))
case('ds-country-lower', 'country in small letters in both, and in the element', **form, fails='signer.name anchor.profile document.element-types', ds_name=name(('C', 'ut'), ('CN', 's')),
     iaca_name=name(('C', 'ut'), ('CN', 'i')), claims=lambda self: {NS: {'issuing_country': 'ut'}})
case('ds-cn-none', 'no common name', **form, fails='signer.name', ds_name=name(('C', 'UT')))
case('ds-state', 'states differ', **bad, fails='path.state', ds_name=name(('C', 'UT'), ('ST', 'A'), ('CN', 's')), iaca_name=name(('C', 'UT'), ('ST', 'B'), ('CN', 'i')))
case('ds-state-missing', 'the authority has a state, the signer none', **form, fails='signer.name', iaca_name=name(('C', 'UT'), ('ST', 'B'), ('CN', 'i')))
case('ds-state-only', 'the signer has a state, the authority none', **ok, ds_name=name(('C', 'UT'), ('ST', 'A'), ('CN', 's')))
case('jurisdiction', 'issuing_jurisdiction is the signer\'s state', **ok, ds_name=name(('C', 'UT'), ('ST', 'UT-A'), ('CN', 's')), claims=lambda self: {NS: {'issuing_jurisdiction': 'UT-A'}})
case('jurisdiction-other', 'issuing_jurisdiction is another', **bad, fails='issuer.jurisdiction', ds_name=name(('C', 'UT'), ('ST', 'UT-A'), ('CN', 's')), claims=lambda self: {NS: {'issuing_jurisdiction': 'UT-B'}})
case('issuing-country', 'issuing_country is another', **bad, fails='issuer.country', claims=lambda self: {NS: {'issuing_country': 'XX'}})
case('iaca-no-length', 'the authority has no path length', **form, fails='anchor.profile', path_length=None)
case('iaca-length-1', 'the authority has path length 1', **form, fails='anchor.profile', path_length=1)
case('iaca-not-ca', 'the authority is none', **bad, fails='path.ca anchor.profile', iaca_extensions=over(bc=ext('2.5.29.19', tlv(0x30, b''), True)))
case('iaca-no-bc', 'the authority has no basic constraints', **bad, fails='path.ca anchor.profile', iaca_extensions=over(bc=None))
case('iaca-ku-crl', 'the authority may only sign lists', **bad, fails='path.ca-key-usage anchor.profile', iaca_extensions=over(ku=ext('2.5.29.15', bits(b'\x02', 1), True)))
case('iaca-ku-none', 'the authority has no key usage', **form, fails='anchor.profile', iaca_extensions=over(ku=None))
case('iaca-critical', 'the authority has an unknown critical extension', **bad, fails='path.critical-extensions anchor.profile', iaca_extensions=over(x=ext('1.2.3.4', b'\5\0', True)))
case('iaca-eku', 'the authority has the purpose of one', **ok, iaca_extensions=over(x=ext('2.5.29.37', seq(oid('1.0.18013.5.1.7')))))
