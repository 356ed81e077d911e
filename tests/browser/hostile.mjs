// SPDX-License-Identifier: Apache-2.0
// What an attacker would try.
import http from 'node:http'
import { must, same } from './world.mjs'

const attack = '"><img src=x onerror=alert(1)><script>alert(2)</script>\'--{{7*7}}</textarea></option>'
const cookieOf = async (page) => (await page.context().cookies()).find((c) => c.name.includes('carnet-desk'))

/** A request as it stands, without anybody tidying its path. */
const raw = (w, path, headers = {}, method = 'GET', body = '') => new Promise((resolve, reject) => {
  const request = http.request({ host: '127.0.0.1', port: w.port, path, method, headers }, (answer) => {
    let text = ''
    answer.on('data', (part) => { text += part })
    answer.on('end', () => resolve({ status: answer.statusCode, text, headers: answer.headers }))
  })
  request.on('error', reject)
  request.end(body)
})

export const hostile = [
  ['markup typed anywhere is shown as text', async (w) => {
    const page = await w.logIn()
    await w.newCase(page)
    for (const summary of await page.locator('summary').all()) await summary.click()
    const names = []
    for (const field of await page.locator('main form[enctype] input[type=text], main form[enctype] textarea').all()) {
      const max = Number(await field.getAttribute('maxlength')) || 400
      await field.fill(attack.slice(0, max))
      names.push([await field.getAttribute('id'), attack.slice(0, max)])
    }
    must(names.length > 20, 'there are many fields')
    await page.click('button[value=review]')
    for (const [id, value] of names)
      same(await page.inputValue(`[id="${id}"]`), value, id)
    same(await page.locator('main img:not(.portrait), main script').count(), 0, 'markup that came of it')
    await page.goto(w.base + '/desk')
    await page.fill('#f-number', attack.slice(0, 12))
    await page.click('text="Find"')
    same(await page.inputValue('#f-number'), attack.slice(0, 12), 'the number')
    await page.goto(w.base + '/overview?days=' + encodeURIComponent(attack))
    same(w.violations.length, 0, 'what ran or was stopped: ' + w.violations.join())
  }],
  ['a forged form does nothing', async (w) => {
    const page = await w.logIn(), other = await w.logIn('sato')
    await w.newCase(page)
    const url = page.url()
    const version = await page.inputValue('input[name=version] >> nth=0')
    const decide = { version, action: 'refuse', reason: 'left' }
    const foreign = await other.inputValue('input[name=token] >> nth=0')
    for (const token of [undefined, '', 'x'.repeat(43), foreign]) {
      const form = token === undefined ? decide : { ...decide, token }
      same((await page.request.post(url + '/decide', { form, maxRedirects: 0 })).status(), 403, `token ${token}`)
    }
    const token = await page.inputValue('input[name=token] >> nth=0')
    for (const headers of [{ Origin: 'http://evil.example' }, { 'Sec-Fetch-Site': 'cross-site' }, { 'Sec-Fetch-Site': 'same-site' }])
      same((await page.request.post(url + '/decide', { form: { ...decide, token }, headers, maxRedirects: 0 })).status(), 403, JSON.stringify(headers))
    const multipart = { token: foreign, version, action: 'save' }
    same((await page.request.post(url, { multipart, maxRedirects: 0 })).status(), 403, 'the other kind of form')
    w.pages['/evil'] = `<form method=post action="${url}/decide"><input name=token value="${token}"><input name=version value="${version}">` +
      '<input name=action value=refuse><input name=reason value=left><button>x</button></form>'
    await page.goto(w.walletBase.replace('127.0.0.1', 'localhost') + '/evil')
    await page.click('button')
    await page.goto(url)
    must((await page.textContent('main')).includes('Documents checked'), 'the case is as it was')
  }],
  ['a session that somebody else set is worth nothing after the log-in', async (w) => {
    const page = await (await w.context()).newPage()
    await page.goto(w.base + '/desk/login')
    const before = 'A'.repeat(43)
    await page.context().addCookies([{ name: 'carnet-desk', value: before, url: w.base }])
    await page.fill('#f-login', 'meier')
    await page.fill('#f-password', w.password)
    await page.click('main button[type=submit]')
    const cookie = await cookieOf(page)
    must(cookie.value !== before && cookie.httpOnly && cookie.sameSite === 'Strict', 'a new cookie, for no script and no other site')
    same((await raw(w, '/desk', { Cookie: `${cookie.name}=${before}` })).status, 303, 'the old one')
    same((await raw(w, '/desk', { Cookie: `${cookie.name}=${cookie.value}` })).status, 200, 'the new one')
    same((await raw(w, '/desk', { Cookie: `${cookie.name}=${before}; ${cookie.name}=${cookie.value}` })).status, 303, 'two of them')
    await page.click('text="Log out"')
    same((await raw(w, '/desk', { Cookie: `${cookie.name}=${cookie.value}` })).status, 303, 'after the log-out')
  }],
  ['wrong passwords lock a log-in for a while, and say nothing about it', async (w) => {
    const page = await (await w.context()).newPage()
    await page.goto(w.base + '/desk/login')
    const attempt = async (login, password) => {
      await page.fill('#f-login', login)
      await page.fill('#f-password', password)
      await page.click('main button[type=submit]')
      return page.textContent('main')
    }
    const nobody = await attempt('nobody', 'wrong wrong wrong')
    await w.look(page, 'login-wrong')
    for (let i = 0; i < 5; i++) same(await attempt('clumsy', 'wrong wrong wrong'), nobody, 'what is said')
    same(await attempt('clumsy', w.password), nobody, 'the right one, while it is locked')
    same(await page.inputValue('#f-password'), '', 'the password is not sent back')
  }],
  ['files that are too long, or no pictures, are refused', async (w) => {
    const page = await w.logIn()
    await w.newCase(page)
    const field = '[id="f-org.iso.18013.5.1/portrait"]'
    const send = async (name, buffer) => {
      await page.setInputFiles(field, { name, mimeType: 'image/jpeg', buffer })
      await page.click('button[value=save]')
      return page.locator('[id="e-org.iso.18013.5.1/portrait"]').textContent()
    }
    must((await send('a.jpg', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(40000)]))).includes('30,000'), 'too long')
    await w.look(page, 'edit-picture')
    must((await send('a.jpg', Buffer.from('<svg onload=alert(1)>'))).includes('neither'), 'no picture')
    must((await send('../../../../tmp/x.jpg', Buffer.from('GIF89a'))).includes('neither'), 'no picture')
    const url = page.url().split('?')[0]
    const cookie = await cookieOf(page)
    const headers = { Cookie: `${cookie.name}=${cookie.value}`, 'Content-Type': 'multipart/form-data; boundary=x' }
    same((await raw(w, new URL(url).pathname, headers, 'POST', '--x\r\n' + 'a'.repeat(300000))).status, 413, 'a body too long')
    for (const body of ['', '--x', '--x\r\n\r\n\r\n--x--', '--x\r\nContent-Disposition: form-data; name="token\r\n\r\n\r\n--x--'])
      must((await raw(w, new URL(url).pathname, headers, 'POST', body)).status < 500, 'a malformed body is no failure of ours')
  }],
  ['paths that are none lead nowhere', async (w) => {
    const page = await w.logIn()
    const cookie = await cookieOf(page)
    const headers = { Cookie: `${cookie.name}=${cookie.value}` }
    for (const path of ['/static/../carnetd.yaml', '/static/..%2fcarnetd.yaml', '/static/%2e%2e/carnetd.yaml', '/static/carnet.css%00.js',
      '/static/', '/desk/cases/0', '/desk/cases/-1', '/desk/cases/9223372036854775808', '/desk/cases/1e3', '/desk/cases/1/../../desk',
      '/desk/cases/12345/picture?of=../../secrets', '/identify/../desk', '/identify/x', '/identify/%27%3B--', '/offer/x', '/offer/..',
      '/offer/' + 'a'.repeat(2000)]) {
      const answer = await raw(w, path, headers)
      must(answer.status >= 400 && answer.status < 500, `${path}: ${answer.status}`)
      must(!/sealed|passphrase|BEGIN/.test(answer.text), path)
    }
  }],
  ['pages are framed by nobody, kept by nobody, and ask nobody else', async (w) => {
    const page = await w.logIn()
    const answer = await page.goto(w.base + '/desk')
    const headers = answer.headers()
    for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"])
      must(headers['content-security-policy'].includes(rule), rule)
    must(!/unsafe/.test(headers['content-security-policy']), 'nothing unsafe')
    same(headers['cache-control'], 'no-store', 'kept')
    same(headers['x-frame-options'], 'DENY', 'framed')
    same(headers['x-content-type-options'], 'nosniff', 'sniffed')
    same(headers['referrer-policy'], 'no-referrer', 'told to others')
    same(w.foreign.length, 0, 'asked of others in all of these tests: ' + w.foreign.join())
  }],
]
