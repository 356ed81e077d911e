// SPDX-License-Identifier: Apache-2.0
// Cryptography for the two libraries, all of it node:crypto's own.
import crypto from 'node:crypto'

const b64u = (bytes) => Buffer.from(bytes).toString('base64url')
const hashOf = (name) => name.replace('-', '').toLowerCase()

const curve = 'P-256'
const publicKey = (x, y) => crypto.createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: curve, x, y } })
const privateKey = (jwk) => {
  const { kty, crv, x, y, d } = jwk
  return crypto.createPrivateKey({ format: 'jwk', key: { kty, crv, x, y, d } })
}
const fromPoint = (point) => publicKey(b64u(point.subarray(1, 33)), b64u(point.subarray(33, 65)))
const fromScalar = (scalar) => {
  const ecdh = crypto.createECDH('prime256v1')
  ecdh.setPrivateKey(Buffer.from(scalar))
  const point = ecdh.getPublicKey()
  return privateKey({ kty: 'EC', crv: curve, x: b64u(point.subarray(1, 33)), y: b64u(point.subarray(33, 65)), d: b64u(scalar) })
}
const macKey = ({ privateKey: own, publicKey: peer, sessionTranscriptBytes, info = 'EMacKey' }) => {
  const shared = crypto.diffieHellman({ privateKey: fromScalar(own), publicKey: fromPoint(Buffer.from(peer)) })
  const salt = crypto.createHash('sha256').update(sessionTranscriptBytes).digest()
  return new Uint8Array(crypto.hkdfSync('sha256', shared, salt, info, 32))
}

const sign = (data, key) => new Uint8Array(crypto.sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' }))
const check = (data, key, signature) => crypto.verify('sha256', data, { key, dsaEncoding: 'ieee-p1363' }, signature)
const hmac = (data, key) => new Uint8Array(crypto.createHmac('sha256', key).update(data).digest())

const x509 = {
  getIssuerNameField: ({ certificate, field }) =>
    new crypto.X509Certificate(certificate).issuer.split('\n').filter((l) => l.startsWith(field + '=')).map((l) => l.slice(field.length + 1)),
  getCertificateData: async ({ certificate }) => {
    const c = new crypto.X509Certificate(certificate)
    return { issuerName: c.issuer, subjectName: c.subject, serialNumber: c.serialNumber, thumbprint: c.fingerprint256, notBefore: new Date(c.validFrom), notAfter: new Date(c.validTo), pem: c.toString() }
  },
  chain: ({ trustedCertificates, x5chain, now = new Date() }) => {
    const leaf = new crypto.X509Certificate(x5chain[0])
    const root = trustedCertificates.map((c) => new crypto.X509Certificate(c)).find((c) => leaf.checkIssued(c) && leaf.verify(c.publicKey))
    if (!root) throw new Error('no trusted certificate issued the document signer')
    for (const c of [leaf, root]) {
      if (new Date(c.validFrom) > now || new Date(c.validTo) < now) throw new Error('a certificate is not valid now')
    }
  },
}
const jwkOfCertificate = (certificate) => new crypto.X509Certificate(certificate).publicKey.export({ format: 'jwk' })
const digest = ({ digestAlgorithm, bytes }) => new Uint8Array(crypto.createHash(hashOf(digestAlgorithm)).update(bytes).digest())

export const owfContext = ({ CoseKey }) => ({
  crypto: {
    digest,
    random: (n) => crypto.randomBytes(n),
    calculateEphemeralMacKey: (input) => CoseKey.create({ keyType: 4, k: macKey(input) }),
  },
  cose: {
    sign1: {
      sign: ({ toBeSigned, key }) => sign(toBeSigned, privateKey(key.jwk)),
      verify: ({ sign1, key }) => check(sign1.toBeSigned, fromPoint(Buffer.from(key.publicKey)), sign1.signature),
    },
    mac0: {
      sign: ({ key, toBeAuthenticated }) => hmac(toBeAuthenticated, key.k ?? key.privateKey),
      verify: ({ mac0, key }) => Buffer.from(hmac(mac0.toBeAuthenticated, key.k ?? key.privateKey)).equals(Buffer.from(mac0.tag)),
    },
  },
  x509: {
    ...x509,
    getPublicKey: async ({ certificate }) => CoseKey.fromJwk(jwkOfCertificate(certificate)),
    verifyCertificateChain: x509.chain,
  },
})

export const animoContext = () => ({
  crypto: {
    digest,
    random: (n) => crypto.randomBytes(n),
    calculateEphemeralMacKeyJwk: (input) => ({ kty: 'oct', k: b64u(macKey(input)) }),
  },
  cose: {
    sign1: {
      sign: ({ sign1, jwk }) => sign(sign1.getRawSigningData().data, privateKey(jwk)),
      verify: ({ sign1, jwk, options }) => {
        const raw = sign1.getRawVerificationData(options)
        return check(raw.data, publicKey(jwk.x, jwk.y), raw.signature)
      },
    },
    mac0: {
      sign: ({ mac0, jwk }) => hmac(mac0.getRawSigningData().data, Buffer.from(jwk.k, 'base64url')),
      verify: ({ mac0, jwk, options }) =>
        Buffer.from(hmac(mac0.getRawVerificationData(options).data, Buffer.from(jwk.k, 'base64url'))).equals(Buffer.from(mac0.tag)),
    },
  },
  x509: { ...x509, getPublicKey: ({ certificate }) => jwkOfCertificate(certificate), validateCertificateChain: x509.chain },
})
