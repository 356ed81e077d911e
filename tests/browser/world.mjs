// SPDX-License-Identifier: Apache-2.0
// A deployment of its own, browsers on it, and helpers that act as officer and wallet.
import { execFileSync, spawn } from 'node:child_process'
import crypto from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { judge } from './page.mjs'

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage']

export const must = (truth, what) => {
  if (!truth) throw new Error('not so: ' + what)
}
export const same = (got, wanted, what) => must(got === wanted, `${what}: ${JSON.stringify(got)}, wanted ${JSON.stringify(wanted)}`)
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
/** Until `ask` is true, or 20 seconds are over. */
export const until = async (ask, what) => {
  for (let i = 0; i < 200; i++) {
    if (await ask()) return
    await pause(100)
  }
  throw new Error('in vain: ' + what)
}

/** The first of so many that follow one another, kept from everybody else as long as this process lives. */
export const freePorts = (carnetd, count) => new Promise((resolve, reject) => {
  const holder = spawn(path.join(path.dirname(carnetd), '../../../tests/support/ports'), [String(count)], { stdio: ['ignore', 'pipe', 'inherit'] })
  holder.once('error', reject)
  holder.stdout.once('data', (said) => {
    holder.unref()
    holder.stdout.unref()
    resolve(Number(said))
  })
})

export class World {
  static async begin(carnetd, executablePath, portrait, carnet) {
    const w = new World()
    Object.assign(w, { carnetd, carnet, portrait, leave: [], violations: [], foreign: [], partners: new Set(), shots: path.resolve('shots') })
    fs.mkdirSync(w.shots, { recursive: true })
    w.folder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'carnet-browser-')), 'd')
    const said = execFileSync(carnetd, ['--init', w.folder], { encoding: 'utf8' })
    w.password = /password (\S+)/.exec(said)[1]
    w.port = await freePorts(carnetd, 2)
    w.base = `http://127.0.0.1:${w.port}`
    w.config = path.join(w.folder, 'carnetd.yaml')
    const admin = w.port + 1
    fs.writeFileSync(w.config, fs.readFileSync(w.config, 'utf8').replaceAll('8080', String(w.port)).replaceAll('8081', String(admin)))
    w.usual = fs.readFileSync(w.config, 'utf8')
    for (const [login, role] of [['meier', 'officer'], ['sato', 'supervisor'], ['audit', 'auditor'], ['clumsy', 'officer']])
      w.officer(login, role)
    await w.start()
    w.browser = await chromium.launch({ executablePath, args: flags })
    await w.listen()
    return w
  }

  officer(login, role) {
    execFileSync(this.carnetd, ['--config', this.config, '--officer', login, '--role', role, '--name', `Officer ${login}`],
      { input: this.password + '\n' })
  }

  async start() {
    const log = fs.openSync(path.join(this.folder, 'log'), 'a')
    this.server = spawn(this.carnetd, ['--config', this.config], { stdio: ['ignore', log, log] })
    this.server.once('exit', () => { this.server = null })
    await until(async () => {
      try { return (await fetch(this.base + '/healthz')).ok } catch { must(this.server, 'carnetd runs: ' + this.log().slice(-400)); return false }
    }, 'carnetd answers')
  }

  async stop() {
    if (!this.server) return
    const gone = new Promise((resolve) => this.server.once('exit', resolve))
    this.server.kill('SIGTERM')
    await gone
  }

  /** Another configuration for the test that runs. */
  async configure(change) {
    await this.stop()
    fs.writeFileSync(this.config, change(this.usual))
    this.changed = change(this.usual) !== this.usual
    await this.start()
  }

  log() { return fs.readFileSync(path.join(this.folder, 'log'), 'utf8') }

  /** Where a wallet's browser is sent in the end, and a site of somebody else's. */
  async listen() {
    this.callbacks = []
    this.pages = {}
    this.wallet = http.createServer((request, response) => {
      const url = new URL(request.url, 'http://localhost')
      if (url.pathname === '/callback') this.callbacks.push(url.searchParams)
      response.setHeader('Content-Type', 'text/html')
      response.end(this.pages[url.pathname] || '<!doctype html><title>wallet</title><p>The wallet goes on.')
    })
    await new Promise((resolve) => this.wallet.listen(0, '127.0.0.1', resolve))
    this.partners.add(String(this.wallet.address().port))
    this.walletBase = `http://127.0.0.1:${this.wallet.address().port}`
  }

  /** A browser without history.  What it asks of others, and what the policy stops, is noted. */
  async context(options = {}) {
    const c = await this.browser.newContext({ viewport: { width: 1200, height: 850 }, ...options })
    c.on('page', (p) => {
      p.on('console', (m) => { if (/Content Security Policy|Refused to/.test(m.text())) this.violations.push(m.text()) })
      p.on('dialog', (d) => { if (d.type() !== 'beforeunload') this.violations.push('a dialog: ' + d.message()); d.accept() })
      p.on('request', (r) => {
        if (!r.url().startsWith(this.base) && !this.partners.has(new URL(r.url()).port) && !/^(data|about|blob):/.test(r.url())) this.foreign.push(r.url())
      })
    })
    this.open.push(c)
    return c
  }

  async fresh() {
    for (const c of this.open || []) await c.close()
    this.open = []
    this.violations.length = 0
    if (this.changed) await this.configure((yaml) => yaml)
  }

  async end() {
    this.changed = false
    await this.fresh()
    await this.browser.close()
    for (const leave of this.leave) await leave()
    await this.stop()
    this.wallet.close()
    this.wallet.closeAllConnections()
    fs.rmSync(path.dirname(this.folder), { recursive: true })
  }

  async logIn(login = 'meier', options) {
    const page = await (await this.context(options)).newPage()
    await page.goto(this.base + '/desk')
    await page.fill('#f-login', login)
    await page.fill('#f-password', this.password)
    await page.click('main button[type=submit]')
    return page
  }

  /** Judge a page, and keep its picture in light and dark, at a desk and on a phone. */
  async look(page, name) {
    const was = page.viewportSize()
    // Pictures come second: while one is taken, a style sheet of the tool's own is in the page.
    for (const picture of [false, true])
      for (const scheme of ['light', 'dark'])
        for (const [device, width, height] of [['desk', 1200, 850], ['phone', 390, 800]]) {
          await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
          await page.setViewportSize({ width, height })
          if (!picture) await judge(page, `${name}, ${scheme}, ${device}`)
          else await page.screenshot({ path: path.join(this.shots, `${name}-${scheme}-${device}.png`), fullPage: true })
        }
    await page.setViewportSize({ width: 320, height: 600 })
    const wide = await page.evaluate(() => document.documentElement.scrollWidth)
    const who = await page.evaluate(() => [...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > 320)
      .map((e) => e.outerHTML.slice(0, 120)).pop())
    must(wide <= 320, `${name} is ${wide} pixels wide on a screen of 320: ${who}`)
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize(was)
  }

  /** Begin a case for one who stands at the desk. */
  async newCase(page) {
    await page.goto(this.base + '/desk/new')
    await page.check('main input[type=checkbox]')
    await page.click('main button.primary')
    must(/\/desk\/cases\/\d+$/.test(page.url()), 'a case is open')
    return (await page.textContent('h1')).match(/[2-9A-Z]{3}-[2-9A-Z]{3}/)[0]
  }

  async fill(page, changes = {}) {
    const values = { family_name: 'Wolkenstein', given_name: 'Oswaldine', birth_date: '1984-01-26', issue_date: '2026-11-01',
      expiry_date: '2036-10-31', issuing_country: 'DE', issuing_authority: 'Stadt Köln', document_number: 'B072RRE2I55',
      un_distinguishing_sign: 'D', driving_privileges: ['B 2005-03-01 -', 'A1 2003-04-02'].join('\n'), ...changes }
    for (const [name, value] of Object.entries(values))
      await page.fill(`[id="f-org.iso.18013.5.1/${name}"]`, value)
    await page.setInputFiles('[id="f-org.iso.18013.5.1/portrait"]', this.portrait)
    await page.selectOption('#f-document', 'passport')
    await page.fill('#f-digits', '4711')
    for (const check of ['genuine', 'photo', 'data']) await page.check('#f-' + check)
  }

  /** A wallet that begins an authorization request; the address its browser is sent to. */
  async authorize(state = 'st-1') {
    const verifier = crypto.randomBytes(32).toString('base64url')
    const answer = await fetch(this.base + '/par', {
      method: 'POST',
      body: new URLSearchParams({ response_type: 'code', client_id: 'browser-test', scope: 'mDL', state,
        redirect_uri: this.walletBase + '/callback', code_challenge_method: 'S256',
        code_challenge: crypto.createHash('sha256').update(verifier).digest('base64url') }),
    })
    const body = await answer.json()
    must(answer.status === 201, 'PAR: ' + JSON.stringify(body))
    return `${this.base}/authorize?client_id=browser-test&request_uri=${encodeURIComponent(body.request_uri)}`
  }
}
