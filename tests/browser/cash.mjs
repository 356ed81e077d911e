// SPDX-License-Identifier: Apache-2.0
// Cardless cash: the terminal's screen, the phone's page, the operators' pages of a deployment of its own.
import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { freePorts, must, same, until } from './world.mjs'

const parties = ['identity-provider', 'mobile-app-server', 'issuing-authorization', 'acquiring-switch']
const password = 'a clerk types this'
const text = (page, selector = 'main') => page.textContent(selector)

/** The parties, a person with a phone, a terminal. */
class Cash {
  static async begin(w) {
    const c = new Cash()
    c.world = w
    c.folder = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'carnet-cash-')), 'd')
    c.port = await freePorts(w.carnetd, 11)
    c.children = []
    execFileSync(w.carnetd, ['--init-cash', c.folder, '--port', String(c.port)])
    for (const party of parties) {
      const file = path.join(c.folder, party + '.yaml')
      execFileSync(w.carnetd, ['--config', file, '--officer', 'clerk', '--role', 'administrator', '--name', 'The clerk'],
        { input: password + '\n' })
    }
    for (const party of parties) c.run(w.carnetd, ['--config', path.join(c.folder, party + '.yaml')], party + '.log')
    for (const party of parties) await c.said(party + '.log', '"ready"')
    execFileSync('sh', [path.join(c.folder, 'enrol.sh'), w.carnetd, w.carnet], { stdio: ['ignore', 'pipe', 'pipe'] })
    c.run('sh', [path.join(c.folder, 'atm.sh')], 'atm.log', { CARNET: w.carnet })
    c.phone = `http://127.0.0.1:${c.port + 10}`
    c.terminal = `http://127.0.0.1:${c.port + 8}`
    await c.carry('FINGERPRINT=match+pad')
    for (const offset of [1, 5, 6, 7, 8, 10]) w.partners.add(String(c.port + offset))
    await until(async () => { try { return (await fetch(c.terminal)).ok } catch { return false } }, 'the terminal answers')
    return c
  }

  run(program, args, log, more = {}) {
    const out = fs.openSync(path.join(this.folder, log), 'w')
    const child = spawn(program, args, { stdio: ['ignore', out, out], env: { ...process.env, ...more } })
    this.children.push(child)
    return child
  }

  said(log, word) {
    const file = path.join(this.folder, log)
    return until(async () => fs.existsSync(file) && fs.readFileSync(file, 'utf8').includes(word), `${log} has ${word}`)
  }

  /** The phone, with what its sensor finds. */
  async carry(sensor) {
    if (this.pocket) {
      const gone = new Promise((resolve) => this.pocket.once('exit', resolve))
      this.pocket.kill('SIGTERM')
      await gone
    }
    this.pocket = this.run(this.world.carnet, ['phone', 'serve', '--store', path.join(this.folder, 'phone'),
      '--passphrase-file', path.join(this.folder, 'phone-passphrase'), '--listen', `127.0.0.1:${this.port + 10}`,
      '--fake-sensor', sensor, '--location', '52.52,13.405'], 'phone.log')
    await until(async () => { try { return (await fetch(this.phone)).ok } catch { return false } }, 'the phone answers')
  }

  ledger() {
    return JSON.parse(execFileSync(this.world.carnetd,
      ['--config', path.join(this.folder, 'issuing-authorization.yaml'), '--check-ledger'], { encoding: 'utf8' }))
  }

  async end() {
    for (const child of this.children) child.kill('SIGKILL')
    fs.rmSync(path.dirname(this.folder), { recursive: true })
  }
}

const deployment = async (w) => {
  if (!w.cash) {
    w.cash = await Cash.begin(w)
    w.leave.push(() => w.cash.end())
  }
  return w.cash
}

const open = async (w, url, size = { width: 390, height: 800 }) => {
  const page = await (await w.context({ viewport: size })).newPage()
  await page.goto(url)
  return page
}

/** A transaction that waits for its terminal; the phone's page. */
const stage = async (w, c, amount) => {
  const page = await open(w, c.phone + '/new')
  await page.fill('input[name=amount]', amount)
  await page.click('text="Prepare"')
  must((await text(page)).includes('Ready'), 'it is prepared: ' + await text(page))
  return page
}

/** The terminal's screen with its code; the code's picture.  A page is judged before a picture of it is taken. */
const begin = async (w, c, name) => {
  const page = await open(w, c.terminal, { width: 1024, height: 768 })
  const again = page.locator('form[action="/done"] button')
  if (await again.count()) await again.click()
  await page.click('form[action="/begin"] button')
  await page.waitForSelector('main svg')
  if (name) await w.look(page, name)
  const picture = path.join(c.folder, 'code.png')
  await page.locator('main svg').first().screenshot({ path: picture })
  return { page, picture }
}

const scan = async (page, picture) => {
  await page.click('text="Scan the machine’s code"')
  await page.setInputFiles('input[name=picture]', picture)
  await page.click('text="Go on"')
}

/** Pages load themselves anew. */
const shows = (page, words) => until(async () => {
  try { return (await page.textContent('body', { timeout: 2000 })).includes(words) } catch { return false }
}, `the page shows "${words}"`)

export const cash = [
  ['a person prepares, scans, approves, and takes the notes', async (w) => {
    const c = await deployment(w)
    const before = c.ledger().movements
    const phone = await stage(w, c, '100.00')
    await w.look(phone, 'cash-phone-prepared')
    const { page: screen, picture } = await begin(w, c, 'cash-terminal-code')
    await scan(phone, picture)
    await shows(phone, 'Withdraw 100.00 USD at Main Street 1')
    await w.look(phone, 'cash-phone-approve')
    const word = await text(phone, '.compare b')
    must(/^[A-Z0-9]{4}$/.test(word), 'there is a word to compare')
    await shows(screen, word)
    await w.look(screen, 'cash-terminal-approve')
    await phone.click('text="Approve"')
    await shows(screen, '100.00 USD')
    await shows(screen, '100.00 USD was handed out')
    await w.look(screen, 'cash-terminal-receipt')
    await phone.goto(c.phone)
    await shows(phone, 'Done')
    await w.look(phone, 'cash-phone-done')
    const books = c.ledger()
    must(books.sound && books.movements === before + 1, 'one movement, and the books are right')
  }],
  ['who declines gets nothing, and the terminal says so', async (w) => {
    const c = await deployment(w)
    const before = c.ledger().movements
    const phone = await stage(w, c, '50.00')
    const { page: screen, picture } = await begin(w, c)
    await scan(phone, picture)
    await shows(phone, 'Approve this?')
    await phone.click('text="Decline"')
    await shows(phone, 'Declined')
    await screen.waitForSelector('form[action="/done"] button, form[action="/begin"] button', { timeout: 30000 })
    await w.look(screen, 'cash-terminal-declined')
    same(c.ledger().movements, before, 'nothing moved')
  }],
  ['the issuer asks for more, and both screens say so', async (w) => {
    const c = await deployment(w)
    await c.carry('FINGERPRINT=match')
    const phone = await stage(w, c, '150.00')
    const { page: screen, picture } = await begin(w, c)
    await scan(phone, picture)
    await shows(phone, 'Approve this?')
    await phone.click('text="Approve"')
    await shows(screen, 'more')
    await w.look(screen, 'cash-terminal-more')
    await screen.click('form[action="/cancel"] button')
    must(c.ledger().sound, 'the books are right')
  }],
  ['operators see what was authorised and what was refused', async (w) => {
    const c = await deployment(w)
    for (const [offset, place, words] of [[7, '/payments', '100.00 USD'], [6, '/switch', 'issuer'], [5, '/staged', 'USD'], [1, '/identity', 'bank']]) {
      const page = await open(w, `http://127.0.0.1:${c.port + offset}${place}`, { width: 1200, height: 850 })
      same(new URL(page.url()).pathname, '/desk/login', 'nobody sees it without a log-in')
      await page.fill('#f-login', 'clerk')
      await page.fill('#f-password', password)
      await page.click('main button[type=submit]')
      await page.goto(`http://127.0.0.1:${c.port + offset}${place}`)
      must((await text(page)).includes(words), `${place} has "${words}": ${await text(page)}`)
      await w.look(page, 'cash' + place.replaceAll('/', '-'))
      must(!(await page.content()).includes('4761739001010119'), 'no account number is there')
    }
  }],
]
