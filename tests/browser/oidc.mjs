// SPDX-License-Identifier: Apache-2.0
// An identity provider of our own, honest and otherwise.
import crypto from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { must, same } from './world.mjs'

const b64 = (value) => Buffer.from(typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value)).toString('base64url')

class Provider {
  constructor() {
    this.keys = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.others = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.codes = new Map()
    this.asked = []
    this.bend = {}
  }

  async start() {
    this.server = http.createServer((request, response) => this.answer(request, response))
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve))
    this.issuer = `http://127.0.0.1:${this.server.address().port}`
  }

  sign(claims) {
    const head = `${b64({ alg: this.bend.alg || 'ES256', kid: 'k1' })}.${b64(claims)}`
    const key = this.bend.key ? this.others.privateKey : this.keys.privateKey
    return `${head}.${b64(crypto.sign('sha256', Buffer.from(head), { key, dsaEncoding: 'ieee-p1363' }))}`
  }

  async answer(request, response) {
    const url = new URL(request.url, this.issuer)
    const json = (status, value) => { response.writeHead(status, { 'Content-Type': 'application/json' }); response.end(JSON.stringify(value)) }
    if (url.pathname === '/.well-known/openid-configuration')
      return json(200, { issuer: this.issuer, authorization_endpoint: this.issuer + '/log-in', token_endpoint: this.issuer + '/token',
        jwks_uri: this.issuer + '/jwks', authorization_response_iss_parameter_supported: true })
    if (url.pathname === '/jwks')
      return json(200, { keys: [{ kty: 'RSA', kid: 'k0', n: 'AQ', e: 'AQAB' }, { ...this.keys.publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig' }] })
    if (url.pathname === '/log-in') {
      const back = new URL(url.searchParams.get('redirect_uri'))
      const code = crypto.randomBytes(16).toString('hex')
      this.codes.set(code, url.searchParams)
      for (const [name, value] of Object.entries(this.bend.deny ? { error: 'access_denied' } : { code })) back.searchParams.set(name, value)
      back.searchParams.set('state', url.searchParams.get('state'))
      back.searchParams.set('iss', this.bend.mixUp ? 'https://other.example' : this.issuer)
      response.writeHead(302, { Location: back.href })
      return response.end()
    }
    let body = ''
    for await (const part of request) body += part
    const form = new URLSearchParams(body), asked = this.codes.get(form.get('code'))
    this.asked.push({ authorization: request.headers.authorization, form, asked })
    this.codes.delete(form.get('code'))
    const challenge = crypto.createHash('sha256').update(form.get('code_verifier') || '').digest('base64url')
    if (!asked || challenge !== asked.get('code_challenge') || form.get('redirect_uri') !== asked.get('redirect_uri'))
      return json(400, { error: 'invalid_grant' })
    const now = Math.floor(Date.now() / 1000)
    json(200, { access_token: 'x', token_type: 'Bearer', id_token: this.sign({ iss: this.issuer, sub: 'erika', aud: 'carnet', iat: now,
      exp: now + 300, nonce: asked.get('nonce'), ...this.bend.claims }) })
  }
}

const withProvider = async (w, more, run) => {
  const provider = new Provider()
  await provider.start()
  w.partners.add(new URL(provider.issuer).port)
  const secret = path.join(w.folder, 'client-secret')
  fs.writeFileSync(secret, 'a secret: & more\n')
  await w.configure((yaml) => more(yaml.replace('identification: officer', 'identification: oidc').replace('    officer: {}',
    `    officer: {}\n    oidc:\n      issuer: ${provider.issuer}\n      client_id: carnet\n      client_secret_file: client-secret`)))
  try { await run(provider) } finally { provider.server.close(); provider.server.closeAllConnections() }
}
const goThrough = async (w, click) => {
  const page = await (await w.context()).newPage()
  await page.goto(await w.authorize('oidc-1'))
  if (click) await page.click('text="Yes, issue it"')
  await page.waitForURL(/\/callback/, { timeout: 20000 })
  return w.callbacks.at(-1)
}

export const oidc = [
  ['a log-in at an identity provider identifies', (w) => withProvider(w, (yaml) => yaml, async (provider) => {
    const back = await goThrough(w)
    must(back.get('code') && back.get('iss') === w.base, 'a code: ' + back)
    const { authorization, asked } = provider.asked[0]
    same(Buffer.from(authorization.split(' ')[1], 'base64').toString(), 'carnet:a%20secret%3A%20%26%20more', 'how the client shows itself')
    same(asked.get('code_challenge_method'), 'S256', 'PKCE')
    must(asked.get('nonce').length === 43 && asked.get('state').length >= 43, 'nonce and state')
  })],
  ['it does so after a form, too, which may lead nowhere else', (w) => withProvider(w,
    (yaml) => yaml.replace('  authorization:\n', '  authorization:\n    consent: true\n'), async () => {
      must((await goThrough(w, true)).get('code'), 'a code')
      same(w.violations.length, 0, 'what the policy stopped: ' + w.violations.join())
    })],
  ['what an identity provider must not say identifies nobody', (w) => withProvider(w, (yaml) => yaml, async (provider) => {
    const past = Math.floor(Date.now() / 1000) - 3600
    for (const [what, bend] of Object.entries({
      'denied': { deny: true },
      'an answer of another server': { mixUp: true },
      'signed by another key': { key: true },
      'not signed': { alg: 'none' },
      'signed by a MAC': { alg: 'HS256' },
      'another issuer': { claims: { iss: 'https://other.example' } },
      'for another client': { claims: { aud: 'other' } },
      'for several, issued to another': { claims: { aud: ['carnet', 'other'], azp: 'other' } },
      'for several, issued to nobody': { claims: { aud: ['carnet', 'other'] } },
      'expired': { claims: { exp: past } },
      'made in the future': { claims: { iat: past + 7200 } },
      'without a time': { claims: { exp: undefined } },
      'of another flow': { claims: { nonce: 'A'.repeat(43) } },
      'of no flow': { claims: { nonce: undefined } },
      'of nobody': { claims: { sub: '' } },
      'of a number': { claims: { sub: 17 } },
      'of a name too long': { claims: { sub: 'a'.repeat(129) } },
    })) {
      provider.bend = bend
      const back = await goThrough(w)
      must(back.get('error') === 'access_denied' && !back.get('code'), `${what}: ${back}`)
    }
    provider.bend = {}
    must((await goThrough(w)).get('code'), 'and an honest answer does')
  })],
]
