// SPDX-License-Identifier: Apache-2.0
// A foreign issuer: node issuer.mjs CARNET DIRECTORY OFFER-FILE [NAME...]
//   tx_code (4935) dpop attestation encrypt by_reference deferred
// Documents are made by `carnet issue` of DIRECTORY's claims.json, signer.pem and signer.key.  The offer is written when the
// server listens; each request is a line of JSON on standard output.  SIGTERM ends it.
import { execFileSync } from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { Oauth2AuthorizationServer, preAuthorizedCodeGrantIdentifier } from '@openid4vc/oauth2'
import { Openid4vciIssuer } from '@openid4vc/openid4vci'
import { callbacks, encrypt, freshKey, publicPem } from './keys.mjs'

const [carnet, directory, offerFile, ...features] = process.argv.slice(2)
const has = (feature) => features.includes(feature)
const issuer = new Openid4vciIssuer({ callbacks: callbacks() })
const server = new Oauth2AuthorizationServer({ callbacks: callbacks() })
const code = crypto.randomUUID()
const nonce = crypto.randomUUID()
const tokenKey = await freshKey()
const listener = http.createServer()
await new Promise((ready) => listener.listen(0, '127.0.0.1', ready))
const base = `http://127.0.0.1:${listener.address().port}`

const credentialIssuer = issuer.createCredentialIssuerMetadata({
  credential_issuer: base,
  credential_endpoint: `${base}/credential`,
  nonce_endpoint: `${base}/nonce`,
  notification_endpoint: `${base}/notification`,
  deferred_credential_endpoint: `${base}/deferred`,
  batch_credential_issuance: { batch_size: 8 },
  ...(has('encrypt') && {
    credential_response_encryption: {
      alg_values_supported: ['ECDH-ES'],
      enc_values_supported: ['A256GCM'],
      encryption_required: true,
    },
  }),
  credential_configurations_supported: {
    licence: {
      format: 'mso_mdoc',
      doctype: 'org.iso.18013.5.1.mDL',
      scope: 'licence',
      cryptographic_binding_methods_supported: ['cose_key'],
      credential_signing_alg_values_supported: [-7],
      proof_types_supported: {
        jwt: {
          proof_signing_alg_values_supported: ['ES256'],
          ...(has('attestation') && { key_attestations_required: { key_storage: ['iso_18045_high'] } }),
        },
      },
      credential_metadata: { display: [{ name: 'Driving licence', locale: 'en' }] },
    },
  },
})
const serverMetadata = {
  issuer: base,
  token_endpoint: `${base}/token`,
  'pre-authorized_grant_anonymous_access_supported': true,
  ...(has('dpop') && { dpop_signing_alg_values_supported: ['ES256'] }),
}
const issuerMetadata = {
  originalDraftVersion: 'V1',
  credentialIssuer,
  authorizationServers: [serverMetadata],
  knownCredentialConfigurations: issuer.getKnownCredentialConfigurationsSupported(credentialIssuer),
}
const offer = await issuer.createCredentialOffer({
  issuerMetadata,
  credentialConfigurationIds: ['licence'],
  ...(has('by_reference') && { credentialOfferUri: `${base}/offers/1` }),
  grants: {
    [preAuthorizedCodeGrantIdentifier]: {
      'pre-authorized_code': code,
      ...(has('tx_code') && { tx_code: { input_mode: 'numeric', length: 4 } }),
    },
  },
})

/** A document bound to a key, made by Carnet: what is tried here is the protocol. */
function documentFor(jwk) {
  const work = fs.mkdtempSync(path.join(directory, 'document-'))
  const [key, made] = [path.join(work, 'device.pem'), path.join(work, 'issuer-signed.cbor')]
  fs.writeFileSync(key, publicPem(jwk))
  const at = (name) => path.join(directory, name)
  execFileSync(carnet, ['issue', '--doctype', 'mdl', '--claims', at('claims.json'), '--signer-cert', at('signer.pem'),
    '--signer-key', at('signer.key'), '--device-key', key, '--output', made, '--quiet'])
  const credential = fs.readFileSync(made).toString('base64url')
  fs.rmSync(work, { recursive: true })
  return { credential }
}

async function token(request, form) {
  const parsed = server.parseAccessTokenRequest({ request, accessTokenRequest: form })
  const { dpop } = await server.verifyPreAuthorizedCodeAccessTokenRequest({
    authorizationServerMetadata: serverMetadata,
    accessTokenRequest: parsed.accessTokenRequest,
    grant: parsed.grant,
    request,
    expectedPreAuthorizedCode: code,
    expectedTxCode: has('tx_code') ? '4935' : undefined,
    dpop: has('dpop') ? { required: true, jwt: parsed.dpop?.jwt, allowedSigningAlgs: ['ES256'] } : undefined,
  })
  return server.createAccessTokenResponse({
    audience: base,
    authorizationServer: base,
    expiresInSeconds: 300,
    subject: 'anna',
    scope: 'licence',
    dpop,
    signer: { method: 'jwk', alg: 'ES256', publicJwk: tokenKey },
  })
}

let waiting // keys of the request that was deferred
let encryption // how the wallet wants its answer

async function keysOf(proofs) {
  const keys = []
  for (const jwt of proofs.jwt) {
    const proof = await issuer.verifyCredentialRequestJwtProof({ issuerMetadata, jwt, expectedNonce: nonce })
    keys.push(...(proof.keyAttestation?.payload.attested_keys ?? [proof.header.jwk]))
  }
  return keys
}

function issued(keys, credentialRequest) {
  const credentials = keys.map(documentFor)
  const made = issuer.createCredentialResponse({ credentialRequest, credentials, notificationId: 'n-1' })
  return made.credentialResponse ?? made
}

async function credential(body, told) {
  const asked = JSON.parse(body)
  const parsed = issuer.parseCredentialRequest({ issuerMetadata, credentialRequest: asked })
  const keys = await keysOf(parsed.proofs)
  encryption = asked.credential_response_encryption
  Object.assign(told, { keys: keys.length, proofs: parsed.proofs.jwt.length, encrypted: Boolean(encryption) })
  if (has('deferred')) {
    waiting = { keys, parsed, rounds: 1 }
    return [202, { transaction_id: 't-1', interval: 1 }]
  }
  return [200, issued(keys, parsed)]
}

function deferred(body) {
  if (JSON.parse(body).transaction_id !== 't-1' || !waiting) return [400, { error: 'invalid_transaction_id' }]
  if (waiting.rounds-- > 0) return [202, { transaction_id: 't-1', interval: 1 }]
  return [200, issued(waiting.keys, waiting.parsed)]
}

async function answer(request, url, body, told) {
  if (url.startsWith('/.well-known/openid-credential-issuer')) return [200, credentialIssuer]
  if (url.startsWith('/.well-known/oauth-authorization-server')) return [200, serverMetadata]
  if (url === '/offers/1') return [200, offer.credentialOfferObject]
  if (url === '/nonce') return [200, issuer.createNonceResponse({ cNonce: nonce })]
  if (url === '/token') return [200, await token(request, Object.fromEntries(new URLSearchParams(body)))]
  if (url === '/credential') return credential(body, told)
  if (url === '/deferred') return deferred(body)
  if (url === '/notification') return Object.assign(told, JSON.parse(body)) && [204]
  return [404, {}]
}

async function send(response, [status, value]) {
  const secret = encryption && (value?.credentials || value?.transaction_id)
  const type = secret ? 'application/jwt' : 'application/json'
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
  response.end(secret ? await encrypt(JSON.stringify(value), encryption) : value ? JSON.stringify(value) : '')
}

listener.on('request', async (q, response) => {
  const parts = []
  for await (const part of q) parts.push(part)
  const body = Buffer.concat(parts).toString()
  const told = { at: q.url, authorization: q.headers.authorization?.split(' ')[0] }
  const request = { method: q.method, url: base + q.url, headers: new Headers(q.headers) }
  try {
    await send(response, await answer(request, q.url, body, told))
  } catch (e) {
    told.refused = e.errorResponse?.error ?? e.message.slice(0, 200)
    await send(response, [400, e.errorResponse ?? { error: 'invalid_request' }])
  }
  console.log(JSON.stringify(told))
})
process.on('SIGTERM', () => process.exit(0))
fs.writeFileSync(offerFile, offer.credentialOffer)
