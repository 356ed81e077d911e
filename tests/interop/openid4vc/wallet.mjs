// SPDX-License-Identifier: Apache-2.0
// A foreign wallet: node wallet.mjs OFFER OUT-DIRECTORY [NAME[=VALUE]...]
//   tx_code=CODE copies=N dpop encrypt (the response) encrypt_request attest=KEY,CERTIFICATE proof=attestation
//   twice (the code is used again) stale (a nonce is used again) alien (proofs are for another issuer) notify=EVENT
// Writes credential-N.cbor, prints a line of JSON of what happened; exit status 1 if the issuer refused, with its error.
import fs from 'node:fs'
import path from 'node:path'
import { Openid4vciClient, Openid4vciWalletProvider } from '@openid4vc/openid4vci'
import { callbacks, certificateFromFile, decrypt, encrypt, freshKey, keyFromFile } from './keys.mjs'

const [offerUri, out, ...words] = process.argv.slice(2)
const options = Object.fromEntries(words.map((word) => [...word.split(/=(.*)/s), true].slice(0, 2)))
const copies = Number(options.copies ?? 1)
const told = { offered: [], token_type: null, credentials: 0, encrypted: false, notified: false }

let metadata // as the wallet knows it
/** @openid4vc 0.4.6 neither encrypts requests nor decrypts responses: done here, on the way. */
async function carry(url, init) {
  const own = String(url) === metadata?.credentialIssuer.credential_endpoint
  if (own && options.encrypt_request) {
    const rule = metadata.credentialIssuer.credential_request_encryption
    const body = await encrypt(init.body, { jwk: rule.jwks.keys[0], enc: rule.enc_values_supported[0] })
    const headers = new Headers(init.headers)
    headers.set('content-type', 'application/jwt')
    init = { ...init, headers, body }
  }
  const answer = await fetch(url, init)
  if (!own || !answer.headers.get('content-type')?.startsWith('application/jwt')) return answer
  told.encrypted = true
  const headers = new Headers(answer.headers)
  headers.set('content-type', 'application/json')
  headers.delete('content-length')
  return new Response(await decrypt(await answer.text()), { status: answer.status, headers })
}

const client = new Openid4vciClient({ callbacks: callbacks({ fetch: carry }) })
const provider = new Openid4vciWalletProvider({ callbacks: callbacks() })

async function keyAttestation(keys, nonce, use) {
  const [key, certificate] = options.attest.split(',')
  await keyFromFile(key)
  const inAnHour = new Date(Date.now() + 3600e3)
  return provider.createKeyAttestationJwt({
    attestedKeys: keys,
    nonce,
    keyStorage: ['iso_18045_high'],
    userAuthentication: ['iso_18045_high'],
    use,
    expiresAt: inAnHour,
    signer: { method: 'x5c', alg: 'ES256', x5c: [certificateFromFile(certificate)] },
  })
}

async function proofs(id, nonce) {
  const keys = await Promise.all(Array.from({ length: copies }, () => freshKey()))
  if (options.proof === 'attestation')
    return { attestation: [await keyAttestation(keys, nonce, 'proof_type.attestation')] }
  const attested = options.attest ? await keyAttestation(keys, nonce, 'proof_type.jwt') : undefined
  const issuer = options.alien ? 'https://other.example' : metadata.credentialIssuer.credential_issuer
  const made = (attested ? keys.slice(0, 1) : keys).map((publicJwk) =>
    client.createCredentialRequestJwtProof({
      issuerMetadata: { ...metadata, credentialIssuer: { ...metadata.credentialIssuer, credential_issuer: issuer } },
      credentialConfigurationId: id,
      nonce,
      keyAttestationJwt: attested,
      signer: { method: 'jwk', alg: 'ES256', publicJwk },
    })
  )
  return { jwt: (await Promise.all(made)).map(({ jwt }) => jwt) }
}

async function obtain() {
  const offer = await client.resolveCredentialOffer(offerUri)
  metadata = await client.resolveIssuerMetadata(offer.credential_issuer)
  told.offered = offer.credential_configuration_ids
  const ask = {
    credentialOffer: offer,
    issuerMetadata: metadata,
    txCode: options.tx_code,
    dpop: options.dpop ? { signer: { method: 'jwk', alg: 'ES256', publicJwk: await freshKey() } } : undefined,
  }
  const token = await client.retrievePreAuthorizedCodeAccessTokenFromOffer(ask)
  if (options.twice) await client.retrievePreAuthorizedCodeAccessTokenFromOffer(ask)
  told.token_type = token.accessTokenResponse.token_type
  const id = offer.credential_configuration_ids[0]
  const nonce = (await client.requestNonce({ issuerMetadata: metadata })).c_nonce
  const key = await freshKey()
  const request = async () =>
    client.retrieveCredentials({
      issuerMetadata: metadata,
      accessToken: token.accessTokenResponse.access_token,
      dpop: token.dpop,
      credentialConfigurationId: id,
      proofs: await proofs(id, nonce),
      additionalRequestPayload: options.encrypt
        ? { credential_response_encryption: { jwk: { ...key, alg: 'ECDH-ES', use: 'enc', kid: 'w' }, alg: 'ECDH-ES', enc: 'A256GCM' } }
        : undefined,
    })
  const answer = await request()
  if (options.stale) await request()
  const { credentials = [], notification_id: notificationId } = answer.credentialResponse
  credentials.forEach(({ credential }, i) =>
    fs.writeFileSync(path.join(out, `credential-${i}.cbor`), Buffer.from(credential, 'base64url'))
  )
  told.credentials = credentials.length
  if (options.notify) {
    const notification = { notificationId, event: options.notify }
    const accessToken = token.accessTokenResponse.access_token
    await client.sendNotification({ issuerMetadata: metadata, accessToken, notification, dpop: answer.dpop ?? token.dpop })
    told.notified = true
  }
}

try {
  fs.mkdirSync(out, { recursive: true })
  await obtain()
  console.log(JSON.stringify(told))
} catch (e) {
  const error = e.errorResponse?.error ?? e.response?.credentialErrorResponseResult?.data?.error
  console.log(JSON.stringify({ ...told, refused: error ?? null, message: e.message.slice(0, 400) }))
  process.exitCode = 1
}
