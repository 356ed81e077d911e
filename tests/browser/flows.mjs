// SPDX-License-Identifier: Apache-2.0
import fs from 'node:fs'
import { must, same, until } from './world.mjs'

const text = (page, selector = 'main') => page.textContent(selector)

const confirmOne = async (w, page, changes) => {
  const number = await w.newCase(page)
  await w.fill(page, changes)
  await page.click('button[value=review]')
  must(page.url().endsWith('?step=review'), 'the case is complete: ' + await text(page))
  return number
}

export const desk = [
  ['an officer logs in, checks, types, confirms, and hands over an offer', async (w) => {
    const page = await (await w.context()).newPage()
    await page.goto(w.base + '/desk')
    same(new URL(page.url()).pathname, '/desk/login', 'without a session')
    await w.look(page, 'login')
    await page.fill('#f-login', 'meier')
    await page.fill('#f-password', w.password)
    await page.click('main button[type=submit]')
    same(page.url(), w.base + '/desk', 'after the log-in')
    await page.goto(w.base + '/desk/new')
    await w.look(page, 'new')
    const number = await w.newCase(page)
    await page.click('button[value=review]')
    must(page.url().endsWith('?check=1'), 'an empty case is not complete')
    must(await page.locator('[aria-invalid=true]').count() >= 12, 'what is missing is marked')
    await w.look(page, 'edit-errors')
    await w.fill(page)
    await page.click('button[value=save]')
    must((await text(page)).includes('is saved'), 'it says that it was saved')
    await w.look(page, 'edit')
    await page.goto(w.base + '/desk')
    must((await text(page, 'table')).includes(number), 'the case is in the list')
    await w.look(page, 'desk')
    await page.fill('#f-number', number.toLowerCase().replace('-', ''))
    await page.click('text="Find"')
    await page.click('button[value=review]')
    for (const value of ['Wolkenstein', 'Stadt Köln', '1984-01-26', 'B 2005-03-01 -', 'Passport', '4711'])
      must((await text(page)).includes(value), `${value} is shown before it is confirmed`)
    await page.waitForFunction(() => document.querySelector('img.portrait').naturalWidth > 0)
    await w.look(page, 'review')
    await page.click('text="Confirm and issue"')
    const code = await text(page, '#tx-code')
    must(/^\d{6}$/.test(code), 'there is a transaction code')
    await w.look(page, 'result')
    must(!fs.readFileSync(w.folder + '/carnet.sqlite').includes('Wolkenstein'), 'nothing typed is in the store as text')
    await until(async () => w.log().includes('"event":"enrolment.confirmed"'), 'the confirmation is in the log')
    must(!w.log().includes('Wolkenstein') && !w.log().includes(code), 'nothing typed and no code is in the log')
  }],
  ['what is typed wrong is said beside its field, and kept', async (w) => {
    const page = await w.logIn()
    await w.newCase(page)
    await w.fill(page, { issuing_country: 'Germany', driving_privileges: 'B tomorrow' })
    await page.click('button[value=review]')
    const field = page.locator('[id="f-org.iso.18013.5.1/issuing_country"]')
    same(await field.inputValue(), 'Germany', 'what was typed')
    same(await field.getAttribute('aria-invalid'), 'true', 'the mark')
    must((await text(page, '[id="e-org.iso.18013.5.1/issuing_country"]')).length > 10, 'there are words')
    must(await page.locator('[id="e-org.iso.18013.5.1/driving_privileges"]').count() === 1, 'privileges are judged')
    same(await page.inputValue('[id="f-org.iso.18013.5.1/family_name"]'), 'Wolkenstein', 'the rest')
    await page.click('main .notice a >> nth=0')
    must(await page.evaluate(() => document.activeElement.id.startsWith('f-')), 'the list of errors leads to the field')
  }],
  ['a case that somebody else changed meanwhile is not overwritten', async (w) => {
    const first = await w.logIn('meier'), second = await w.logIn('sato')
    await w.newCase(first)
    await second.goto(first.url())
    await second.fill('#f-digits', '99')
    await second.click('button[value=save]')
    await first.fill('#f-digits', '11')
    await first.click('button[value=save]')
    must((await text(first)).includes('nothing was changed'), 'the first is told')
    await second.reload()
    same(await second.inputValue('#f-digits'), '99', 'what was kept')
  }],
  ['an officer refuses, and says why', async (w) => {
    const page = await w.logIn()
    await w.newCase(page)
    const url = page.url()
    await page.click('text="Refuse this enrolment"')
    await page.selectOption('#f-reason', 'document_doubtful')
    await page.click('button.danger')
    await page.goto(url)
    must((await text(page)).includes('doubt'), 'the reason stands in the closed case')
    await w.look(page, 'refused')
  }],
  ['with four eyes a second officer confirms, and never the first', async (w) => {
    await w.configure((yaml) => yaml.replace('officer: {}', 'officer: { four_eyes: true }'))
    const page = await w.logIn('meier')
    await confirmOne(w, page)
    const url = page.url().split('?')[0]
    same(await page.locator('text="Confirm and issue"').count(), 0, 'the first cannot confirm')
    const token = await page.inputValue('input[name=token] >> nth=0'), version = await page.inputValue('input[name=version] >> nth=0')
    const forced = await page.request.post(url + '/decide', { form: { token, version, action: 'confirm' }, maxRedirects: 0 })
    same(forced.status(), 303, 'nor by a request of one\'s own')
    await page.click('text="Send to be confirmed"')
    await page.goto(url)
    same(await page.locator('text="Confirm and issue"').count(), 0, 'nor after it was sent')
    const second = await w.logIn('sato')
    await second.goto(url)
    await w.look(second, 'review-second')
    await second.click('text="Confirm and issue"')
    must(/^\d{6}$/.test(await text(second, '#tx-code')), 'the second does')
  }],
]

const offerOf = async (w) => {
  const page = await w.logIn()
  await confirmOne(w, page)
  await page.click('text="Confirm and issue"')
  return { code: await text(page, '#tx-code'), path: await page.getAttribute('a[href^="/offer/"]', 'href'), page }
}

export const offer = [
  ['the offer page has a link, a QR code, and says when it was taken', async (w) => {
    const { code, path } = await offerOf(w)
    const page = await (await w.context()).newPage()
    await page.goto(w.base + path)
    await w.look(page, 'offer')
    const link = await page.getAttribute('a.button.primary', 'href')
    must(link.startsWith('openid-credential-offer://?credential_offer_uri='), 'the link is a wallet\'s')
    same(await text(page, '.link-text'), link, 'the link as text')
    must(await page.locator('svg.qr path').count() > 20, 'there is a QR code')
    must(!(await page.content()).includes(code), 'the transaction code is not on this page')
    const said = await (await fetch(new URLSearchParams(link.split('?')[1]).get('credential_offer_uri'))).json()
    const grant = said.grants['urn:ietf:params:oauth:grant-type:pre-authorized_code']
    const answer = await fetch(w.base + '/token', { method: 'POST', body: new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:pre-authorized_code', 'pre-authorized_code': grant['pre-authorized_code'], tx_code: code }) })
    const told = await answer.json()
    if (answer.status === 200) await until(async () => (await text(page)).includes('has taken this offer'), 'the page says so by itself')
    else must(['use_dpop_nonce', 'invalid_dpop_proof'].includes(told.error), 'the token: ' + JSON.stringify(told))
    await w.look(page, 'offer-after')
  }],
  ['the transaction code is shown once; another offer withdraws the first', async (w) => {
    const { path, page } = await offerOf(w)
    await page.goto(page.url().replace('/decide', ''))
    same(await page.locator('#tx-code').count(), 0, 'the closed case shows no code')
    await w.look(page, 'confirmed')
    await page.click('text="Make another offer"')
    must(/^\d{6}$/.test(await text(page, '#tx-code')), 'another code')
    await page.goto(w.base + path)
    must(!(await text(page)).includes('Open in wallet'), 'the first is over')
    await w.look(page, 'offer-over')
  }],
]

export const wallet = [
  ['a wallet waits for the officer, and gets its code', async (w) => {
    const holder = await (await w.context()).newPage()
    await holder.goto(await w.authorize('st-42'))
    if (await holder.locator('text="Yes, issue it"').count()) await holder.click('text="Yes, issue it"')
    await holder.waitForURL(/\/identify\//)
    const number = (await text(holder, '.called')).trim()
    await w.look(holder, 'wait')
    const page = await w.logIn()
    await w.look(page, 'desk-waiting')
    await page.fill('#f-number', number)
    await page.click('text="Find"')
    await w.look(page, 'take')
    await page.click('text="Begin with this applicant"')
    await until(async () => (await text(holder)).includes('is working on it'), 'the applicant sees that somebody works on it')
    await w.fill(page)
    await page.click('button[value=review]')
    await page.click('text="Confirm and issue"')
    must((await text(page)).includes('goes on by itself'), 'the officer is told')
    await holder.waitForURL(/\/callback/, { timeout: 20000 })
    const back = w.callbacks.at(-1)
    must(back.get('code') && back.get('state') === 'st-42' && back.get('iss') === w.base, 'code, state, iss: ' + back)
  }],
  ['a wallet whose applicant is refused is told so, not why', async (w) => {
    const holder = await (await w.context()).newPage()
    await holder.goto(await w.authorize('st-43'))
    await holder.waitForURL(/\/identify\//)
    const number = (await text(holder, '.called')).trim()
    const page = await w.logIn()
    await page.fill('#f-number', number)
    await page.click('text="Find"')
    await page.click('text="Refuse this enrolment"')
    await page.selectOption('#f-reason', 'not_identified')
    await page.click('button.danger')
    await holder.waitForURL(/\/callback/, { timeout: 20000 })
    same(w.callbacks.at(-1).get('error'), 'access_denied', 'the error')
    must(!w.callbacks.at(-1).toString().includes('identified_'), 'no reason')
  }],
  ['an applicant breaks off', async (w) => {
    const holder = await (await w.context()).newPage()
    await holder.goto(await w.authorize('st-44'))
    await holder.waitForURL(/\/identify\//)
    await holder.click('text="Cancel"')
    await holder.waitForURL(/\/callback/, { timeout: 20000 })
    same(w.callbacks.at(-1).get('error'), 'access_denied', 'the error')
  }],
  ['a holder who is asked first may say yes or no', async (w) => {
    await w.configure((yaml) => yaml.replace('  authorization:\n', '  authorization:\n    consent: true\n'))
    const holder = await (await w.context()).newPage()
    await holder.goto(await w.authorize('st-47'))
    await w.look(holder, 'consent')
    await holder.click('text="No, cancel"')
    await holder.waitForURL(/\/callback/, { timeout: 20000 })
    same(w.callbacks.at(-1).get('error'), 'access_denied', 'the error')
    await holder.goto(await w.authorize('st-48'))
    await holder.click('text="Yes, issue it"')
    await holder.waitForURL(/\/identify\//)
    same(w.violations.length, 0, 'what the policy stopped: ' + w.violations.join())
  }],
  ['an authorization request that is not there is a page, not a redirect', async (w) => {
    const holder = await (await w.context()).newPage()
    const answer = await holder.goto(w.base + '/authorize?client_id=x&request_uri=urn:ietf:params:oauth:request_uri:none')
    must(answer.status() >= 400 && holder.url().startsWith(w.base), 'it stays here')
    await w.look(holder, 'authorize-error')
  }],
]

export const overview = [
  ['the overview counts, plots and warns', async (w) => {
    await w.configure((yaml) => yaml.replace('overview: {}', 'overview: { expiry_days: 3650 }'))
    const page = await w.logIn('sato')
    await page.goto(w.base + '/overview')
    must((await text(page, '.figures')).includes('enrolments confirmed'), 'there are figures')
    must(await page.locator('.plot svg').count() > 0, 'there is a plot')
    must((await text(page)).includes('About to expire'), 'what ends soon is said in words')
    must((await text(page)).includes('document-signer'), 'of the document signer')
    await w.look(page, 'overview')
    await page.click('text="Record"')
    must((await text(page)).includes('passport genuine photo data'), 'what was checked is in the record')
    must((await text(page)).includes('meier') && !(await text(page)).includes('Wolkenstein'), 'who did, and of nobody whom')
    await w.look(page, 'record')
    await page.click('text="Log-ins"')
    must(!(await text(page)).includes('enrolment.confirmed'), 'the record of log-ins alone')
    await page.goto(w.base + '/overview')
    await page.click('text="7 days"')
    same(await text(page, '[aria-current=true]'), '7 days', 'another period')
  }],
]

export const roles = [
  ['an auditor sees the overview and no case, an officer the cases and no overview', async (w) => {
    const page = await w.logIn('audit')
    same(new URL(page.url()).pathname, '/overview', 'where an auditor lands')
    same((await page.goto(w.base + '/desk/new')).status(), 403, 'a case')
    await w.look(page, 'not-allowed')
    const officer = await w.logIn('meier')
    same((await officer.goto(w.base + '/overview')).status(), 403, 'the overview')
    same(await officer.locator('nav a').count(), 1, 'nor is it in the bar')
  }],
]
