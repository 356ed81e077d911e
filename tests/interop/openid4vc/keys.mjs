// SPDX-License-Identifier: Apache-2.0
// Keys and the callbacks that @openid4vc asks for: signing, verifying, digests, randomness.
import crypto from 'node:crypto'
import fs from 'node:fs'
import * as jose from 'jose'
import { setGlobalConfig } from '@openid4vc/oauth2'

setGlobalConfig({ allowInsecureUrls: true }) // this machine only

const ring = new Map() // thumbprint of the public key -> private JWK

const publicPart = ({ d, ...rest }) => rest

/** Keep a private JWK; gives its public part back. */
export async function keep(jwk) {
  ring.set(await jose.calculateJwkThumbprint(jwk), jwk)
  return publicPart(jwk)
}

export async function freshKey() {
  const { privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return keep({ ...privateKey.export({ format: 'jwk' }), alg: 'ES256' })
}

export const keyFromFile = (path) =>
  keep({ ...crypto.createPrivateKey(fs.readFileSync(path)).export({ format: 'jwk' }), alg: 'ES256' })

export const certificateFromFile = (path) => new crypto.X509Certificate(fs.readFileSync(path)).raw.toString('base64')

export const publicPem = (jwk) =>
  crypto.createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' })

const keyOfCertificate = (base64) =>
  new crypto.X509Certificate(Buffer.from(base64, 'base64')).publicKey.export({ format: 'jwk' })

/** The public key a signer names: in its header, or in the certificate there. */
const keyOf = (signer) => {
  if (signer.method === 'jwk') return signer.publicJwk
  if (signer.method === 'x5c') return keyOfCertificate(signer.x5c[0])
  throw new Error(`a signer by ${signer.method}`)
}

async function privateKeyOf(jwk) {
  const found = ring.get(await jose.calculateJwkThumbprint(jwk))
  if (!found) throw new Error('there is no such key here')
  return found
}

/** Decrypt with whichever key fits. */
export async function decrypt(jwe) {
  const { alg, kid } = jose.decodeProtectedHeader(jwe)
  for (const jwk of ring.values()) {
    try {
      const key = await jose.importJWK({ ...jwk, alg: undefined }, alg)
      return new TextDecoder().decode((await jose.compactDecrypt(jwe, key)).plaintext)
    } catch {
      // the next one
    }
  }
  throw new Error(`nothing here decrypts a message to ${kid}`)
}

export async function encrypt(text, { jwk, enc }) {
  const header = { alg: 'ECDH-ES', enc, ...(jwk.kid ? { kid: jwk.kid } : {}) }
  const key = await jose.importJWK({ ...jwk, alg: undefined, use: undefined }, 'ECDH-ES')
  return new jose.CompactEncrypt(new TextEncoder().encode(text)).setProtectedHeader(header).encrypt(key)
}

export const callbacks = (more = {}) => ({
  fetch: globalThis.fetch,
  clientAuthentication: () => {},
  generateRandom: (octets) => crypto.randomBytes(octets),
  hash: (data, name) => new Uint8Array(crypto.createHash(name.replace('-', '').toLowerCase()).update(data).digest()),
  async signJwt(signer, { header, payload }) {
    const jwk = await privateKeyOf(keyOf(signer))
    const jwt = await new jose.SignJWT(payload).setProtectedHeader(header).sign(await jose.importJWK(jwk, signer.alg))
    return { jwt, signerJwk: publicPart(jwk) }
  },
  async verifyJwt(signer, { compact }) {
    const jwk = keyOf(signer)
    try {
      await jose.compactVerify(compact, await jose.importJWK(jwk, signer.alg))
      return { verified: true, signerJwk: jwk }
    } catch {
      return { verified: false }
    }
  },
  ...more,
})
