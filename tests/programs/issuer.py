#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A credential issuer to try a wallet on (OpenID4VCI 1.0), which shares no code with Carnet but the signing of documents.

issuer.py CARNET DIRECTORY [tls]: serves on a free port of this machine until it is killed, with `tls` by https with a
certificate that it writes to tls.pem.  DIRECTORY has claims.json, ds.pem, ds.key
and ca/ca.pem; base.txt is written with the base URL.  behave.json there says, request by request, how to behave (see `how`);
issuer.log gets a line of JSON for each request that was understood."""
import base64, datetime, hashlib, ipaddress, json, os, secrets, ssl, subprocess, sys, tempfile, threading, time, urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash

carnet, directory = os.path.realpath(sys.argv[1]), sys.argv[2]
os.chdir(directory)
PRE = 'urn:ietf:params:oauth:grant-type:pre-authorized_code'
MDL = 'org.iso.18013.5.1.mDL'
lock = threading.Lock()
codes, tokens, refreshes, pushed, nonces, challenges, deferred, notified = {}, {}, {}, {}, set(), set(), {}, {}
encryption_key = ec.generate_private_key(ec.SECP256R1())
jtis = set()


def how(name, default=None):
    try:
        with open('behave.json') as f:
            return json.load(f).get(name, default)
    except FileNotFoundError:
        return default


def note(**event):
    with lock, open('issuer.log', 'a') as f:
        f.write(json.dumps(event) + '\n')


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


def unb64(text):
    return base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))


def jwk_of(key):
    n = key.public_numbers()
    return {'kty': 'EC', 'crv': 'P-256', 'x': b64(n.x.to_bytes(32, 'big')), 'y': b64(n.y.to_bytes(32, 'big'))}


def key_of(jwk):
    assert jwk['kty'] == 'EC' and jwk['crv'] == 'P-256' and 'd' not in jwk, 'no P-256 key'
    x, y = (int.from_bytes(unb64(jwk[c]), 'big') for c in 'xy')
    return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()


def thumbprint(jwk):
    return b64(hashlib.sha256(json.dumps({c: jwk[c] for c in ('crv', 'kty', 'x', 'y')}, sort_keys=True,
                                         separators=(',', ':')).encode()).digest())


class Refused(Exception):
    def __init__(self, error, description='', status=400, headers=()):
        super().__init__(error)
        self.error, self.description, self.status, self.headers = error, description, status, headers


def open_jws(text, typ, error, key=None):
    try:
        head, body, signature = text.split('.')
        header, claims, raw = json.loads(unb64(head)), json.loads(unb64(body)), unb64(signature)
        key = key or key_of(header['jwk'])
        assert header['typ'] == typ and header['alg'] == 'ES256' and len(raw) == 64, 'header'
        der = utils.encode_dss_signature(int.from_bytes(raw[:32], 'big'), int.from_bytes(raw[32:], 'big'))
        key.verify(der, f'{head}.{body}'.encode(), ec.ECDSA(hashes.SHA256()))
        return header, claims
    except (ValueError, KeyError, AssertionError, InvalidSignature) as e:
        raise Refused(error, f'{typ}: {e!r}'.replace('"', "'").replace('\\', '/'))


def encrypt(jwk, enc, plain):
    ephemeral, bits = ec.generate_private_key(ec.SECP256R1()), {'A128GCM': 128, 'A256GCM': 256}[enc]
    header = {'alg': 'ECDH-ES', 'enc': enc, 'epk': jwk_of(ephemeral.public_key())}
    if 'kid' in jwk:
        header['kid'] = jwk['kid']
    head, iv = b64(json.dumps(header).encode()), secrets.token_bytes(12)
    sealed = AESGCM(agree(ephemeral, key_of(jwk), enc, bits)).encrypt(iv, plain, head.encode())
    return f'{head}..{b64(iv)}.{b64(sealed[:-16])}.{b64(sealed[-16:])}'


def agree(own, peer, enc, bits):
    info = len(enc).to_bytes(4, 'big') + enc.encode() + bytes(4) + bytes(4) + bits.to_bytes(4, 'big')
    return ConcatKDFHash(hashes.SHA256(), bits // 8, info).derive(own.exchange(ec.ECDH(), peer))


def decrypt(text):
    head, key, iv, sealed, tag = text.split('.')
    header = json.loads(unb64(head))
    assert header['alg'] == 'ECDH-ES' and key == '' and header['kid'] == 'issuer-1'
    secret = agree(encryption_key, key_of(header['epk']), header['enc'], {'A128GCM': 128, 'A256GCM': 256}[header['enc']])
    return AESGCM(secret).decrypt(unb64(iv), unb64(sealed) + unb64(tag), head.encode())


def documents(keys):
    """Signed by `carnet issue`; in another order than the keys', which says nothing."""
    out = []
    for jwk in reversed(keys):
        with tempfile.TemporaryDirectory() as d:
            with open(d + '/key', 'wb') as f:
                f.write(key_of(jwk).public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
            claims = how('claims', 'claims.json')
            subprocess.run([carnet, 'issue', '-D', how('doctype', 'mdl'), '--claims', claims, '--signer-cert', 'ds.pem',
                            '--signer-key', 'ds.key', '--quiet', '--device-key', d + '/key', '-o', d + '/out',
                            *how('issue', [])], check=True, stdin=subprocess.DEVNULL)
            with open(d + '/out', 'rb') as f:
                out.append(f.read())
    return out


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def answer(self, body, status=200, headers=(), kind='application/json'):
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b''
        self.send_response(status)
        for name, value in (('Content-Type', kind), ('Content-Length', str(len(data))), ('Cache-Control', 'no-store'),
                            *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def handle_one(self, body):
        path = urllib.parse.urlsplit(self.path).path
        name = {'/.well-known/openid-credential-issuer': 'metadata', '/.well-known/oauth-authorization-server': 'as_metadata'}.get(
            path, path.strip('/').replace('/', '_'))
        wrong = how('answer', {}).get(name)
        try:
            if wrong is not None:  # whatever a test wants
                note(at=name, answered=wrong.get('status', 200))
                data = wrong.get('text', json.dumps(wrong.get('json'))).encode()
                return self.answer(data, wrong.get('status', 200), wrong.get('headers', {}).items(),
                                   wrong.get('type', 'application/json'))
            route = getattr(self, name, None) if name in ROUTES else None
            if route is None:
                return self.answer({'error': 'invalid_request'}, 404)
            route(body)
        except Refused as e:
            note(at=name, refused=e.error, why=e.description)
            self.answer({'error': e.error, 'error_description': e.description, 'request_id': 'r-1'}, e.status, e.headers)
        except Exception as e:  # a fault of this program's is the test's to see
            note(at=name, fault=repr(e))
            self.answer({'error': 'server_error', 'error_description': type(e).__name__}, 500)

    def do_GET(self):
        self.handle_one(b'')

    def do_POST(self):
        self.handle_one(self.rfile.read(int(self.headers.get('Content-Length', 0))))

    # --- who asks ---

    def dpop(self, token=None, bound=None):
        text = self.headers.get('DPoP')
        if text is None:
            if bound or how('dpop') == 'required':
                raise Refused('invalid_dpop_proof', 'there is none', 401 if token else 400)
            return None
        header, claims = open_jws(text, 'dpop+jwt', 'invalid_dpop_proof')
        with lock:
            again = claims['jti'] in jtis
            jtis.add(claims['jti'])
        url = base + urllib.parse.urlsplit(self.path).path
        if claims['htm'] != self.command or claims['htu'] != url or abs(claims['iat'] - time.time()) > 60 or again:
            raise Refused('invalid_dpop_proof', f"htm, htu, iat or jti: {claims['htu']}")
        if token and claims.get('ath') != b64(hashlib.sha256(token.encode()).digest()):
            raise Refused('invalid_dpop_proof', 'ath')
        if bound and thumbprint(header['jwk']) != bound:
            raise Refused('invalid_token', 'another key', 401)
        if how('dpop_nonce') and claims.get('nonce') != how('dpop_nonce'):
            raise Refused('use_dpop_nonce', 'a nonce is needed', 401 if token else 400, [('DPoP-Nonce', how('dpop_nonce'))])
        return thumbprint(header['jwk'])

    def attestation(self, client_id):
        text, proof = self.headers.get('OAuth-Client-Attestation'), self.headers.get('OAuth-Client-Attestation-PoP')
        if not how('attestation'):
            return None
        if text is None or proof is None:
            raise Refused('invalid_client', 'no attestation', 401)
        head = json.loads(unb64(text.split('.')[0]))
        signer = x509.load_der_x509_certificate(base64.b64decode(head['x5c'][0])).public_key()
        _, claims = open_jws(text, 'oauth-client-attestation+jwt', 'invalid_client_attestation', signer)
        _, pop = open_jws(proof, 'oauth-client-attestation-pop+jwt', 'invalid_client_attestation',
                          key_of(claims['cnf']['jwk']))
        if pop['aud'] != base or pop['iss'] != claims['sub'] or client_id not in (None, claims['sub']):
            raise Refused('invalid_client', 'aud, iss or sub', 401)
        with lock:
            known = pop.get('challenge') in challenges
            challenges.discard(pop.get('challenge'))
        if not known:
            raise Refused('use_attestation_challenge', 'stale', 400)
        return claims['sub']

    def token_of(self):
        scheme, _, token = self.headers.get('Authorization', '').partition(' ')
        grant = tokens.get(token)
        if grant is None or grant['expires'] < time.time():
            raise Refused('invalid_token', 'unknown or expired', 401, [('WWW-Authenticate', 'DPoP error="invalid_token"')])
        if (scheme == 'DPoP') != (grant['jkt'] is not None):
            raise Refused('invalid_token', 'scheme', 401)
        if grant['jkt']:
            self.dpop(token, grant['jkt'])
        return grant

    # --- metadata ---

    def metadata(self, _):
        proof = {'proof_signing_alg_values_supported': ['ES256']}
        if how('key_attestation'):
            proof['key_attestations_required'] = how('key_attestation')
        m = {'credential_issuer': base, 'credential_endpoint': base + '/credential', 'nonce_endpoint': base + '/nonce',
             'deferred_credential_endpoint': base + '/deferred', 'notification_endpoint': base + '/notification',
             'display': [{'name': 'Utopia DMV', 'locale': 'en'}],
             'credential_configurations_supported': {
                 'mdl': {'format': 'mso_mdoc', 'doctype': MDL, 'scope': 'mdl',
                         'credential_signing_alg_values_supported': [-7], 'cryptographic_binding_methods_supported': ['cose_key'],
                         'proof_types_supported': {how('proof_type', 'jwt'): proof},
                         'credential_metadata': {'display': [{'name': 'Driving licence', 'locale': 'en'}],
                                                 'claims': [{'path': ['org.iso.18013.5.1', 'family_name'], 'mandatory': True}]}},
                 'other': {'format': 'dc+sd-jwt', 'vct': 'x', 'scope': 'other'}}}
        if how('batch'):
            m['batch_credential_issuance'] = {'batch_size': how('batch')}
        if how('iacas', True):
            m['mdoc_iacas_uri'] = base + '/iacas'
        if how('encryption'):
            jwk = {**jwk_of(encryption_key.public_key()), 'kid': 'issuer-1', 'alg': 'ECDH-ES', 'use': 'enc'}
            required = how('encryption') == 'required'
            m['credential_request_encryption'] = {'jwks': {'keys': [jwk]}, 'enc_values_supported': ['A128GCM', 'A256GCM'],
                                                  'encryption_required': required}
            m['credential_response_encryption'] = {'alg_values_supported': ['ECDH-ES'], 'enc_values_supported': ['A256GCM'],
                                                   'encryption_required': required}
        m.update(how('metadata', {}))
        self.answer(m)

    def as_metadata(self, _):
        m = {'issuer': base, 'token_endpoint': base + '/token', 'authorization_endpoint': base + '/authorize',
             'pushed_authorization_request_endpoint': base + '/par', 'response_types_supported': ['code'],
             'grant_types_supported': ['authorization_code', 'refresh_token', PRE], 'code_challenge_methods_supported': ['S256'],
             'authorization_response_iss_parameter_supported': True, 'pre-authorized_grant_anonymous_access_supported': True}
        if how('dpop'):
            m['dpop_signing_alg_values_supported'] = ['ES256']
        if how('attestation'):
            m['token_endpoint_auth_methods_supported'] = ['attest_jwt_client_auth']
            m['challenge_endpoint'] = base + '/challenge'
            m['pre-authorized_grant_anonymous_access_supported'] = False
        m.update(how('server', {}))
        self.answer(m)

    def iacas(self, _):
        with open('ca/ca.pem', 'rb') as f:
            der = x509.load_pem_x509_certificate(f.read()).public_bytes(serialization.Encoding.DER)
        self.answer({'iacas': [{'certificate': base64.b64encode(der).decode()}]})

    def offer(self, _):
        """?by=code|pre&tx=1&reference=1: an offer, or one by reference."""
        q = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        code = secrets.token_urlsafe(16)
        grants = {'authorization_code': {'issuer_state': 'state-of-issuer'}}
        if q.get('by', 'pre') == 'pre':
            codes[code] = {'tx': '493536' if q.get('tx') else None}
            grants = {PRE: {'pre-authorized_code': code}}
            if q.get('tx'):
                grants[PRE]['tx_code'] = {'length': 6, 'description': 'It came by letter'}
        o = {'credential_issuer': base, 'credential_configuration_ids': how('offered', ['mdl']), 'grants': grants}
        if 'json' in q:
            return self.answer(o)
        link = 'openid-credential-offer://?' + (
            urllib.parse.urlencode({'credential_offer_uri': base + '/offer?json=1&' + urllib.parse.urlencode(q)})
            if q.get('reference') else urllib.parse.urlencode({'credential_offer': json.dumps(o)}))
        self.answer(link.encode(), kind='text/plain')

    # --- authorization ---

    def challenge(self, _):
        value = secrets.token_urlsafe(16)
        challenges.add(value)
        self.answer({'attestation_challenge': value})

    def par(self, body):
        q = urllib.parse.parse_qs(body.decode(), strict_parsing=True)
        if any(len(v) > 1 for v in q.values()):
            raise Refused('invalid_request', 'twice')
        q = {k: v[0] for k, v in q.items()}
        self.attestation(q['client_id'])
        jkt = self.dpop()
        if q['response_type'] != 'code' or q['code_challenge_method'] != 'S256' or len(q['code_challenge']) != 43:
            raise Refused('invalid_request', 'PKCE')
        uri = 'urn:ietf:params:oauth:request_uri:' + secrets.token_urlsafe(8)
        pushed[uri] = {**q, 'jkt': jkt}
        note(at='par', scope=q.get('scope'), details=q.get('authorization_details'), issuer_state=q.get('issuer_state'),
             dpop=jkt is not None)
        self.answer({'request_uri': uri, 'expires_in': 60}, 201)

    def authorize(self, _):
        q = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        request = pushed.pop(q['request_uri']) if 'request_uri' in q else {**q, 'jkt': None}
        back = {'state': request['state'], 'iss': base, **how('authorize', {})}
        if 'error' not in back:
            code = secrets.token_urlsafe(16)
            codes[code] = {'request': request}
            back['code'] = code
        back = {k: v for k, v in back.items() if v is not None}
        self.answer(None, 302, [('Location', request['redirect_uri'] + '?' + urllib.parse.urlencode(back))])

    def token(self, body):
        q = dict(urllib.parse.parse_qsl(body.decode(), strict_parsing=True))
        client = self.attestation(q.get('client_id'))
        jkt = self.dpop()
        kind = q['grant_type']
        details = None
        if kind == PRE:
            code = codes.get(q['pre-authorized_code'])
            if code is None or code.get('tx') != q.get('tx_code'):
                raise Refused('invalid_grant', 'the code, or the transaction code')
            codes.pop(q['pre-authorized_code'])
        elif kind == 'authorization_code':
            request = codes.pop(q['code'], {}).get('request')
            good = request and request['redirect_uri'] == q['redirect_uri'] and \
                b64(hashlib.sha256(q['code_verifier'].encode()).digest()) == request['code_challenge']
            if not good or (request['jkt'] and request['jkt'] != jkt):
                raise Refused('invalid_grant', 'the code or its verifier')
            if 'authorization_details' in request:
                details = [{**d, 'credential_identifiers': ['erika-' + d['credential_configuration_id']]}
                           for d in json.loads(request['authorization_details'])]
        else:
            before = refreshes.pop(q['refresh_token'], None)
            if before is None or before['jkt'] != jkt or before['client'] != client:
                raise Refused('invalid_grant', 'the refresh token, or its key')
        access, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        tokens[access] = {'jkt': jkt, 'expires': time.time() + how('expires', 300)}
        refreshes[refresh] = {'jkt': jkt, 'client': client}
        note(at='token', grant=kind, dpop=jkt is not None, client=client)
        reply = {'access_token': access, 'token_type': 'DPoP' if jkt else 'Bearer', 'expires_in': how('expires', 300),
                 'refresh_token': refresh}
        if details:
            reply['authorization_details'] = details
        reply.update(how('token', {}))
        self.answer(reply)

    # --- credentials ---

    def nonce(self, _):
        value = secrets.token_urlsafe(16)
        nonces.add(value)
        self.answer({'c_nonce': value})

    def use_nonce(self, value):
        with lock:
            known = value in nonces
            nonces.discard(value)
        if not known or how('stale_once') and not notified.setdefault('stale', False) and \
                notified.update(stale=True) is None:
            raise Refused('invalid_nonce', 'unknown or used')

    def attested_keys(self, text):
        head = json.loads(unb64(text.split('.')[0]))
        signer = x509.load_der_x509_certificate(base64.b64decode(head['x5c'][0])).public_key()
        _, claims = open_jws(text, 'key-attestation+jwt', 'invalid_proof', signer)
        return claims['attested_keys'], claims['nonce']

    def proven(self, proofs):
        assert len(proofs) == 1
        if 'attestation' in proofs:
            assert len(proofs['attestation']) == 1
            keys, nonce = self.attested_keys(proofs['attestation'][0])
            self.use_nonce(nonce)
            return keys
        keys, seen = [], set()
        for text in proofs['jwt']:
            header, claims = open_jws(text, 'openid4vci-proof+jwt', 'invalid_proof')
            if claims['aud'] != base or abs(claims['iat'] - time.time()) > 60:
                raise Refused('invalid_proof', 'aud or iat')
            seen.add(claims['nonce'])
            if 'key_attestation' in header:
                keys, nonce = self.attested_keys(header['key_attestation'])
                seen.add(nonce)
                if header['jwk'] not in keys:
                    raise Refused('invalid_proof', 'the signer is not attested')
            elif how('key_attestation'):
                raise Refused('invalid_proof', 'no attestation')
            else:
                keys.append(header['jwk'])
        if len(seen) != 1:
            raise Refused('invalid_nonce', 'several')
        self.use_nonce(seen.pop())
        return keys

    def open_request(self, body):
        encrypted = self.headers['Content-Type'] == 'application/jwt'
        if how('encryption') == 'required' and not encrypted:
            raise Refused('invalid_encryption_parameters', 'not encrypted')
        request = json.loads(decrypt(body.decode()) if encrypted else body)
        if 'credential_response_encryption' in request and not encrypted and not how('encryption_lax'):
            raise Refused('invalid_encryption_parameters', 'the request must be encrypted')
        return request, encrypted

    def send(self, reply, request, status=200):
        wanted = request.get('credential_response_encryption')
        if wanted and status == 200 and not how('plain_response'):
            return self.answer(encrypt(wanted['jwk'], wanted['enc'], json.dumps(reply).encode()).encode(), status,
                               kind='application/jwt')
        if wanted and status == 202 and not how('plain_response'):
            return self.answer(encrypt(wanted['jwk'], wanted['enc'], json.dumps(reply).encode()).encode(), status,
                               kind='application/jwt')
        self.answer(reply, status)

    def reply_for(self, keys):
        out = documents(keys) if not how('documents') else [open(f, 'rb').read() for f in how('documents')]
        return {'credentials': [{'credential': b64(d)} for d in out], 'notification_id': 'n-' + secrets.token_hex(4)}

    def credential(self, body):
        self.token_of()
        request, encrypted = self.open_request(body)
        if ('credential_configuration_id' in request) == ('credential_identifier' in request):
            raise Refused('invalid_credential_request', 'which one')
        keys = self.proven(request['proofs'])
        if len(keys) > how('batch', 1):
            raise Refused('invalid_proof', 'too many')
        note(at='credential', keys=len(keys), encrypted=encrypted, identifier=request.get('credential_identifier'),
             proof=next(iter(request['proofs'])), response=bool(request.get('credential_response_encryption')))
        if how('deferred'):
            transaction = secrets.token_urlsafe(8)
            deferred[transaction] = {'keys': keys, 'left': how('deferred')}
            return self.send({'transaction_id': transaction, 'interval': 1}, request, 202)
        self.send(self.reply_for(keys), request)

    def deferred(self, body):
        self.token_of()
        request, _ = self.open_request(body)
        held = deferred.get(request['transaction_id'])
        if held is None:
            raise Refused('invalid_transaction_id', 'unknown')
        held['left'] = 0 if how('deferred_ready') else held['left'] - 1
        note(at='deferred', left=held['left'])
        if held['left'] > 0:
            return self.send({'transaction_id': request['transaction_id'], 'interval': 1}, request, 202)
        deferred.pop(request['transaction_id'])
        self.send(self.reply_for(held['keys']), request)

    def notification(self, body):
        self.token_of()
        q = json.loads(body)
        note(at='notification', event=q['event'], id=q['notification_id'])
        self.answer(None, 204)


ROUTES = ('metadata as_metadata iacas offer challenge par authorize token nonce credential deferred notification').split()
server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
tls = sys.argv[3:] == ['tls']
base = f'{"https" if tls else "http"}://127.0.0.1:{server.server_address[1]}'


def secure():
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.utcnow()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, 'issuer')])
    certificate = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(
        1).not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(9)).add_extension(
        x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address('127.0.0.1'))]), False).sign(key, hashes.SHA256())
    with open('tls.pem', 'wb') as f:
        f.write(certificate.public_bytes(serialization.Encoding.PEM))
    with open('tls.key', 'wb') as f:
        f.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                  serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain('tls.pem', 'tls.key')
    return context.wrap_socket(server.socket, server_side=True)


if tls:
    server.socket = secure()
with open('base.new', 'w') as f:
    f.write(base)
os.rename('base.new', 'base.txt')
server.serve_forever()
