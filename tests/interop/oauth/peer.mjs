// SPDX-License-Identifier: Apache-2.0
// TAP: @openid4vc/oauth2 and @openid4vc/openid4vci as the other side of Carnet's OAuth messages, with jose signing for them.
//   node peer.mjs CARNET-SIDE
import { spawnSync } from 'node:child_process'
import crypto from 'node:crypto'
import http from 'node:http'
import * as jose from 'jose'
import {
  Oauth2AuthorizationServer, Oauth2Client, clientAuthenticationClientAttestationJwt, createClientAttestationJwt,
  setGlobalConfig,
} from '@openid4vc/oauth2'
import { createKeyAttestationJwt, verifyKeyAttestationJwt } from '@openid4vc/openid4vci'

setGlobalConfig({ allowInsecureUrls: true })
const program = process.argv[2]
const wallet = { redirectUri: 'https://wallet.example/cb', clientId: 'wallet-1' }

const carnet = (...words) => {
  const run = spawnSync(program, words, { encoding: 'utf8' })
  if (run.status !== 0) throw new Error(run.stderr.trim() || `exit status ${run.status}`)
  return run.stdout
}

let number = 0
const test = async (name, body) => {
  number += 1
  try {
    await body()
    console.log(`ok ${number} - ${name}`)
  } catch (error) {
    console.log(`not ok ${number} - ${name}`)
    console.log(`# ${String(error.message).replaceAll('\n', '\n# ')}`)
    process.exitCode = 1
  }
}
const must = (condition, what) => {
  if (!condition) throw new Error(what)
}
const refused = (error, words) => {
  try {
    carnet(...words)
  } catch (e) {
    must(e.message.startsWith(`${error}:`), `refused as ${e.message}, not as ${error}`)
    return
  }
  throw new Error(`not refused as ${error}`)
}

// Keys of the other side, by thumbprint.
const privateKeys = new Map()
const newKey = async () => {
  const { privateKey, publicKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), alg: 'ES256' }
  privateKeys.set(await jose.calculateJwkThumbprint(jwk), privateKey)
  return jwk
}
let carnetAttester
const callbacks = {
  hash: (data, name) => crypto.createHash(name.replace('-', '')).update(data).digest(),
  generateRandom: (length) => crypto.randomBytes(length),
  fetch: globalThis.fetch,
  clientAuthentication: () => {},
  signJwt: async ({ publicJwk }, { header, payload }) => {
    const key = privateKeys.get(await jose.calculateJwkThumbprint(publicJwk))
    return { jwt: await new jose.SignJWT(payload).setProtectedHeader(header).sign(key), signerJwk: publicJwk }
  },
  verifyJwt: async (signer, { compact }) => {
    const jwk = signer.method === 'jwk' ? signer.publicJwk : carnetAttester
    const verified = await jose.compactVerify(compact, await jose.importJWK(jwk, 'ES256')).then(() => true, () => false)
    return { verified, signerJwk: jwk }
  },
}
const attester = await newKey()
const instance = await newKey()
const device = await newKey()
const signer = (publicJwk) => ({ method: 'jwk', alg: 'ES256', publicJwk })
const inAnHour = () => new Date(Date.now() + 3600e3)

// The other side's client asks here, and Carnet answers.
let challenge = ''
const refusals = []
const server = http.createServer((request, response) => {
  let form = ''
  request.on('data', (part) => { form += part })
  request.on('end', () => {
    const path = new URL(request.url, issuer).pathname
    const headers = ['oauth-client-attestation', 'oauth-client-attestation-pop', 'dpop'].map((n) => request.headers[n] ?? '')
    const words = [issuer, JSON.stringify(attester), ...headers, form]
    const reply = (status, body) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(body)
    }
    try {
      if (path.startsWith('/.well-known/oauth-authorization-server')) return reply(200, carnet('metadata', issuer))
      if (path === '/token') return reply(200, carnet('token', ...words, challenge))
      if (path !== '/par') return reply(404, '{}')
      challenge = new URLSearchParams(form).get('code_challenge') ?? ''
      return reply(201, carnet('push', ...words))
    } catch (error) {
      refusals.push(error.message)
      return reply(400, '{"error":"invalid_request"}')
    }
  })
})
await new Promise((done) => { server.listen(0, '127.0.0.1', done) })
const issuer = `http://127.0.0.1:${server.address().port}`

console.log('1..14')
const made = JSON.parse(carnet('make', issuer))
carnetAttester = made.attester
const metadata = JSON.parse(carnet('metadata', issuer))
const theirs = new Oauth2AuthorizationServer({ callbacks })
const headersOf = (dpop) => new Headers({ 'oauth-client-attestation': made.attestation, 'oauth-client-attestation-pop': made.pop, dpop })
const fields = (form) => Object.fromEntries(new URLSearchParams(form))

await test('their server takes our pushed request, attestation and DPoP proof', async () => {
  const request = { method: 'POST', url: `${issuer}/par`, headers: headersOf(made.dpop_pushed) }
  const parsed = await theirs.parsePushedAuthorizationRequest({ authorizationRequest: fields(made.pushed), request })
  const result = await theirs.verifyPushedAuthorizationRequest({
    authorizationServerMetadata: metadata,
    authorizationRequest: parsed.authorizationRequest,
    authorizationRequestJwt: parsed.authorizationRequestJwt,
    request,
    dpop: { ...parsed.dpop, required: true },
    clientAttestation: { ...parsed.clientAttestation, required: true },
  })
  must(result.clientAttestation.clientAttestation.payload.sub === 'wallet-1', 'another client')
})
await test('their server takes our token request and code verifier', async () => {
  const request = { method: 'POST', url: `${issuer}/token`, headers: headersOf(made.dpop_token) }
  const parsed = theirs.parseAccessTokenRequest({ request, accessTokenRequest: fields(made.token) })
  await theirs.verifyAuthorizationCodeAccessTokenRequest({
    authorizationServerMetadata: metadata,
    accessTokenRequest: parsed.accessTokenRequest,
    grant: parsed.grant,
    request,
    dpop: { ...parsed.dpop, required: true },
    clientAttestation: { ...parsed.clientAttestation, required: true },
    expectedCode: 'code-1',
    pkce: { codeVerifier: parsed.pkceCodeVerifier, codeChallenge: made.challenge, codeChallengeMethod: 'S256' },
  })
})
await test('their issuer takes our key attestation', async () => {
  const { payload } = await verifyKeyAttestationJwt({
    callbacks, keyAttestationJwt: made.key_attestation, expectedNonce: 'n-1', use: 'proof_type.jwt',
  })
  must(payload.attested_keys.length === 2, 'other keys')
})
await test('jose takes our DPoP proof with its access token', async () => {
  const { payload } = await jose.jwtVerify(made.dpop_resource, jose.EmbeddedJWK, { typ: 'dpop+jwt', maxTokenAge: '60s' })
  must(payload.ath === crypto.createHash('sha256').update('at-1').digest('base64url'), 'another ath')
})

const theirAttestation = await createClientAttestationJwt({
  callbacks, issuer: 'https://provider.example', clientId: 'wallet-1', expiresAt: inAnHour(),
  confirmation: { jwk: instance }, signer: signer(attester),
})
const client = new Oauth2Client({
  callbacks: {
    ...callbacks,
    clientAuthentication: clientAuthenticationClientAttestationJwt({ callbacks, clientAttestationJwt: theirAttestation }),
  },
})
const dpop = { signer: signer(instance) }
let found
let pushed
await test('their client reads our metadata', async () => {
  found = await client.fetchAuthorizationServerMetadata(issuer)
  must(found.issuer === issuer, 'another issuer')
})
await test('we take their pushed request, attestation and DPoP proof', async () => {
  pushed = await client.createAuthorizationRequestUrl({
    ...wallet, authorizationServerMetadata: found, scope: 'mdl', state: 's', resource: issuer, dpop,
  })
  must(pushed.authorizationRequestUrl.includes('request_uri=urn'), 'no request_uri')
})
await test('we take their code and verifier, they take our token answer', async () => {
  const { accessTokenResponse } = await client.retrieveAuthorizationCodeAccessToken({
    authorizationServerMetadata: found, authorizationCode: 'code-1', pkceCodeVerifier: pushed.pkce.codeVerifier,
    redirectUri: wallet.redirectUri, dpop,
  })
  must(accessTokenResponse.authorization_details[0].credential_identifiers[0] === 'mdl-1', 'no identifiers')
})
await test('we take their pre-authorised code and their refresh token', async () => {
  const request = { authorizationServerMetadata: found, dpop }
  await client.retrievePreAuthorizedCodeAccessToken({ ...request, preAuthorizedCode: 'p', txCode: '1234' })
  await client.retrieveRefreshTokenAccessToken({ ...request, refreshToken: 'rt-1' })
})
await test('we refuse their code with another verifier', async () => {
  await client.retrieveAuthorizationCodeAccessToken({
    authorizationServerMetadata: found, authorizationCode: 'code-1', pkceCodeVerifier: 'x'.repeat(43),
    redirectUri: wallet.redirectUri, dpop,
  }).then(() => { throw new Error('taken') }, () => {})
  must(refusals.at(-1).startsWith('invalid_grant:'), `refused as ${refusals.at(-1)}`)
})
const words = (path, dpopProof, pop) => [issuer, JSON.stringify(made.attester), made.attestation, pop, dpopProof,
  path === 'push' ? made.pushed : made.token]
await test('we refuse a DPoP proof for another endpoint', async () => {
  carnet('push', ...words('push', made.dpop_pushed, made.pop))
  refused('invalid_dpop_proof', ['push', ...words('push', made.dpop_token, made.pop)])
})
await test('we refuse an attester that is not trusted, and a proof by another key', async () => {
  refused('invalid_client_attestation', ['push', issuer, JSON.stringify(attester), made.attestation, made.pop,
    made.dpop_pushed, made.pushed])
  const payload = jose.decodeJwt(made.pop)
  const { jwt } = await callbacks.signJwt(signer(device), { header: { alg: 'ES256', typ: 'oauth-client-attestation-pop+jwt' }, payload })
  refused('invalid_client_attestation', ['push', ...words('push', made.dpop_pushed, jwt)])
})
const theirKeys = await createKeyAttestationJwt({
  callbacks, attestedKeys: [device, instance], nonce: 'n-2', keyStorage: ['iso_18045_high'],
  userAuthentication: ['iso_18045_high'], use: 'proof_type.jwt', expiresAt: inAnHour(), signer: signer(attester),
})
await test('we take their key attestation', async () => {
  must(carnet('keys', JSON.stringify(attester), theirKeys, 'n-2') === '2', 'other keys')
})
await test('we refuse their key attestation with another nonce', async () => {
  refused('invalid_nonce', ['keys', JSON.stringify(attester), theirKeys, 'n-3'])
})
await test('we read the answers of their server', async () => {
  carnet('read-token', issuer, JSON.stringify(await theirs.createAccessTokenResponse({
    audience: issuer, authorizationServer: issuer, expiresInSeconds: 300, subject: 'x', scope: 'mdl',
    signer: signer(attester), dpop: { jwk: instance },
  })))
  const answer = await theirs.createPushedAuthorizationResponse({ expiresInSeconds: 90, requestUri: 'urn:ietf:params:oauth:request_uri:x' })
  carnet('read-pushed', issuer, JSON.stringify(answer.pushedAuthorizationResponse))
  carnet('read-metadata', issuer, JSON.stringify(theirs.createAuthorizationServerMetadata({
    issuer, token_endpoint: `${issuer}/token`, dpop_signing_alg_values_supported: ['ES256'],
  })))
})
server.close()
