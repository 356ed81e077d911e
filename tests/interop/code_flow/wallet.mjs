// SPDX-License-Identifier: Apache-2.0
// A wallet whose OAuth is oauth4webapi: node wallet.mjs ISSUER OUT [NAME...]
//   no_par no_dpop scope (not details) refresh twice (the code is used again) other_verifier
// Writes OUT, prints a line of JSON of what happened.
import fs from 'node:fs'
import * as jose from 'jose'
import * as oauth from 'oauth4webapi'
import { browse } from './browser.mjs'

const [issuer, out, ...features] = process.argv.slice(2)
const has = (name) => features.includes(name)
const id = 'org.iso.18013.5.1.mDL'
const home = 'http://127.0.0.1:9/callback'
const insecure = { [oauth.allowInsecureRequests]: true } // this machine only
const client = { client_id: 'a wallet' }
const told = {}

const discovered = await oauth.discoveryRequest(new URL(issuer), { algorithm: 'oauth2', ...insecure })
const server = await oauth.processDiscoveryResponse(new URL(issuer), discovered)
const DPoP = has('no_dpop') ? undefined : oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
const options = { DPoP, ...insecure }

/** Once more where a nonce is wanted. */
async function retried(ask) {
  try {
    return await ask()
  } catch (e) {
    if (!oauth.isDPoPNonceError(e)) throw e
    return ask()
  }
}

async function authorize(verifier, state) {
  const request = new URLSearchParams({
    response_type: 'code',
    redirect_uri: home,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    ...(has('scope')
      ? { scope: 'mDL' }
      : { authorization_details: JSON.stringify([{ type: 'openid_credential', credential_configuration_id: id }]) }),
  })
  const url = new URL(server.authorization_endpoint)
  if (has('no_par')) {
    url.search = new URLSearchParams([...request, ['client_id', client.client_id]])
  } else {
    const pushed = await retried(async () =>
      oauth.processPushedAuthorizationResponse(server, client,
        await oauth.pushedAuthorizationRequest(server, client, oauth.None(), request, options)))
    url.search = new URLSearchParams({ client_id: client.client_id, request_uri: pushed.request_uri })
  }
  return oauth.validateAuthResponse(server, client, new URL(await browse(url.href, home)), state)
}

const redeem = (returned, verifier) =>
  retried(async () =>
    oauth.processAuthorizationCodeResponse(server, client,
      await oauth.authorizationCodeGrantRequest(server, client, oauth.None(), returned, home, verifier, options)))

async function credential(token) {
  const metadata = await (await fetch(`${issuer}/.well-known/openid-credential-issuer`)).json()
  const { c_nonce: nonce } = await (await fetch(metadata.nonce_endpoint, { method: 'POST' })).json()
  const { privateKey, publicKey } = await jose.generateKeyPair('ES256', { extractable: true })
  const jwt = await new jose.SignJWT({ aud: issuer, nonce })
    .setIssuedAt()
    .setProtectedHeader({ typ: 'openid4vci-proof+jwt', alg: 'ES256', jwk: await jose.exportJWK(publicKey) })
    .sign(privateKey)
  const identifier = token.authorization_details?.[0].credential_identifiers[0]
  const named = identifier ? { credential_identifier: identifier } : { credential_configuration_id: id }
  const body = JSON.stringify({ ...named, proofs: { jwt: [jwt] } })
  const headers = new Headers({ 'content-type': 'application/json' })
  const endpoint = new URL(metadata.credential_endpoint)
  const answer = await retried(() =>
    oauth.protectedResourceRequest(token.access_token, 'POST', endpoint, headers, body, options))
  return (await answer.json()).credentials[0].credential
}

try {
  const verifier = oauth.generateRandomCodeVerifier()
  const returned = await authorize(verifier, oauth.generateRandomState())
  let token = await redeem(returned, has('other_verifier') ? oauth.generateRandomCodeVerifier() : verifier)
  Object.assign(told, { type: token.token_type, scope: token.scope ?? null, details: token.authorization_details?.length ?? 0 })
  if (has('twice')) await redeem(returned, verifier).catch((e) => (told.replayed = e.error))
  if (has('refresh'))
    token = await retried(async () =>
      oauth.processRefreshTokenResponse(server, client,
        await oauth.refreshTokenGrantRequest(server, client, oauth.None(), token.refresh_token, options)))
  fs.writeFileSync(out, Buffer.from(await credential(token), 'base64url'))
  told.got = true
} catch (e) {
  Object.assign(told, { refused: e.error ?? e.cause?.[0]?.parameters?.error ?? null, message: e.message.slice(0, 300) })
}
console.log(JSON.stringify(told))
