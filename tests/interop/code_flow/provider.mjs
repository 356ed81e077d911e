// SPDX-License-Identifier: Apache-2.0
// node provider.mjs READY-FILE login RETURN-URI          an OpenID provider where anyone logs in; after SIGUSR2 it has other
//   keys, and signs by PS256
// node provider.mjs READY-FILE issue CARNET STORY [NAME...]   a credential issuer whose authorization server it is; dpop nonce
//   no_par below (the issuer's metadata lie behind its path alone) moved (they lie elsewhere, where a redirect leads) away (it leads to another host)
// READY-FILE gets the provider's URL, or the offer's link.  Each request is a line of JSON on standard output.
import { execFileSync } from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import Provider from 'oidc-provider'

const [ready, role, ...rest] = process.argv.slice(2)
const listen = async () => {
  const listener = http.createServer()
  await new Promise((done) => listener.listen(0, '127.0.0.1', done))
  return [listener, `http://127.0.0.1:${listener.address().port}`]
}
const tell = (told) => console.log(JSON.stringify(told))
const [listener, issuer] = await listen()
const key = (alg, kind, options) => {
  const jwk = crypto.generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' })
  return { ...jwk, alg, use: 'sig' }
}
const keys = () => ({ keys: ['RS256', 'PS256'].map((alg) => key(alg, 'rsa', { modulusLength: 2048 })) })
const usual = {
  jwks: { keys: [...keys().keys, key('ES256', 'ec', { namedCurve: 'P-256' })] },
  cookies: { keys: ['only here'] },
  pkce: { required: () => true },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
}

function begin(client, more = {}) {
  const clients = [{ client_id: 'carnet', response_types: ['code'], ...client }] // ID tokens by RS256, as most have it
  const features = { devInteractions: { enabled: true }, ...more.features }
  const provider = new Provider(issuer, { ...usual, clients, ...more, features })
  provider.use(async (context, next) => {
    await next()
    const { dpop, authorization } = context.headers
    tell({ at: `server${context.path}`, status: context.status, dpop: Boolean(dpop), basic: Boolean(authorization) })
  })
  listener.on('request', provider.callback())
  return provider
}

function login([returnUri]) {
  const method = 'client_secret_post' // and no other
  const client = { client_secret: 'secret of thirty-two characters!', token_endpoint_auth_method: method }
  const more = { clientAuthMethods: [method], enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256'] } }
  begin({ ...client, redirect_uris: [returnUri] }, more)
  process.on('SIGUSR2', () => {
    listener.removeAllListeners('request')
    begin({ ...client, redirect_uris: [returnUri], id_token_signed_response_alg: 'PS256' }, { ...more, jwks: keys() })
  })
  fs.writeFileSync(ready, issuer)
}

/** A document bound to a key, made by Carnet: what is tried here is the protocol. */
function documentFor(carnet, story, proof) {
  const key = JSON.parse(Buffer.from(proof.split('.')[0], 'base64url')).jwk
  const work = fs.mkdtempSync(path.join(story, 'document-'))
  const [device, made] = [path.join(work, 'device.pem'), path.join(work, 'made')]
  fs.writeFileSync(device, crypto.createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' }))
  const at = (name) => path.join(story, name)
  execFileSync(carnet, ['issue', '--doctype', 'mdl', '--claims', at('claims.json'), '--signer-cert', at('signer.pem'),
    '--signer-key', at('signer.key'), '--device-key', device, '--output', made, '--quiet'])
  return { credential: fs.readFileSync(made).toString('base64url') }
}

async function issue([carnet, story, ...features]) {
  const has = (name) => features.includes(name)
  const [endpoint, host] = await listen()
  const base = `${host}/tenant`
  const provider = begin(
    {
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/callback'],
      ...(has('dpop') && { dpop_bound_access_tokens: true }),
    },
    {
      scopes: ['openid', 'licence'],
      features: {
        pushedAuthorizationRequests: { enabled: !has('no_par'), requirePushedAuthorizationRequests: !has('no_par') },
        dPoP: { enabled: has('dpop'), nonceSecret: crypto.randomBytes(32), requireNonce: () => has('nonce') },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => base,
          useGrantedResource: () => true,
          getResourceServerInfo: () => ({ scope: 'licence', audience: base, accessTokenFormat: 'opaque' }),
        },
      },
    }
  )
  const metadata = {
    credential_issuer: base,
    authorization_servers: [issuer],
    credential_endpoint: `${base}/credential`,
    nonce_endpoint: `${base}/nonce`,
    credential_configurations_supported: {
      licence: {
        format: 'mso_mdoc',
        doctype: 'org.iso.18013.5.1.mDL',
        scope: 'licence',
        cryptographic_binding_methods_supported: ['cose_key'],
        proof_types_supported: { jwt: { proof_signing_alg_values_supported: ['ES256'] } },
      },
    },
  }
  const place = has('moved') ? '/elsewhere' : has('below')
    ? '/tenant/.well-known/openid-credential-issuer'
    : '/.well-known/openid-credential-issuer/tenant'
  const answer = async (request, body) => {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ')
    if (has('away') && request.url.startsWith('/.well-known')) return [307, {}, { location: `${issuer}/elsewhere` }]
    if (request.url === place) return [200, metadata]
    if (has('moved') && request.url.startsWith('/.well-known')) return [302, {}, { location: '/elsewhere' }]
    if (request.url === '/tenant/nonce') return [200, { c_nonce: 'nonce' }]
    if (request.url !== '/tenant/credential') return [404, {}]
    const grant = await provider.AccessToken.find(token ?? '')
    if (grant?.scope !== 'licence') return [401, { error: 'invalid_token' }]
    tell({ scheme, bound: Boolean(grant.jkt) })
    return [200, { credentials: JSON.parse(body).proofs.jwt.map((proof) => documentFor(carnet, story, proof)) }]
  }
  endpoint.on('request', async (request, response) => {
    const parts = []
    for await (const part of request) parts.push(part)
    const [status, value, fields] = await answer(request, Buffer.concat(parts).toString())
    tell({ at: request.url, status })
    response.writeHead(status, { 'content-type': 'application/json', ...fields }).end(JSON.stringify(value))
  })
  const offer = { credential_issuer: base, credential_configuration_ids: ['licence'], grants: { authorization_code: {} } }
  fs.writeFileSync(ready, `openid-credential-offer://?credential_offer=${encodeURIComponent(JSON.stringify(offer))}`)
}

process.on('SIGTERM', () => process.exit(0))
await { login, issue }[role](rest)
