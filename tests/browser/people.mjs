// SPDX-License-Identifier: Apache-2.0
// People who use a page in other ways: by keyboard, without script, in other colours.
import { must, same } from './world.mjs'

const focused = (page) => page.evaluate(() => {
  const e = document.activeElement, s = getComputedStyle(e)
  return { text: (e.textContent || e.id).trim(), id: e.id, tag: e.tagName, outline: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 }
})
const tabTo = async (page, wanted) => {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab')
    const at = await focused(page)
    if (at.tag !== 'BODY') must(at.outline, `the focus is seen on ${at.tag} ${at.text.slice(0, 30)}`)
    if (at.id === wanted || at.text === wanted) return
  }
  throw new Error('the keyboard does not reach ' + wanted)
}

export const people = [
  ['all of it works by keyboard alone, and the focus is seen', async (w) => {
    const page = await (await w.context()).newPage()
    await page.goto(w.base + '/desk')
    same((await focused(page)).id, 'f-login', 'the focus at first')
    await page.keyboard.type('meier')
    await page.keyboard.press('Tab')
    await page.keyboard.type(w.password)
    await page.keyboard.press('Enter')
    await page.waitForURL(w.base + '/desk')
    await page.keyboard.press('Tab')
    same((await focused(page)).text, 'Skip to the content', 'the first stop')
    await page.keyboard.press('Enter')
    await tabTo(page, 'New enrolment')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/desk\/new/)
    await tabTo(page, 'f-c0')
    await page.keyboard.press('Space')
    must(!await page.isChecked('#f-c0'), 'the box of the only document is ticked at first')
    await page.keyboard.press('Space')
    must(await page.isChecked('#f-c0'), 'the box is ticked')
    await tabTo(page, 'Begin')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/desk\/cases\/\d+/)
    await tabTo(page, 'f-document')
    await page.keyboard.type('Pass')
    await tabTo(page, 'f-genuine')
    await page.keyboard.press('Space')
    await tabTo(page, 'Save for later')
    await page.keyboard.press('Enter')
    await page.waitForURL(/saved=1/)
    same(await page.inputValue('#f-document'), 'passport', 'what was chosen')
    await tabTo(page, 'Refuse this enrolment')
    await page.keyboard.press('Space')
    await tabTo(page, 'f-reason')
  }],
  ['all of it works without script', async (w) => {
    const page = await w.logIn('meier', { javaScriptEnabled: false })
    await w.newCase(page)
    await w.fill(page)
    await page.click('button[value=review]')
    await page.click('text="Confirm and issue"')
    must(/^\d{6}$/.test(await page.textContent('#tx-code')), 'an offer')
    const holder = await (await w.context({ javaScriptEnabled: false })).newPage()
    const answer = await holder.goto(await w.authorize('st-45'))
    must(Number(answer.headers().refresh) > 0, 'the page that waits asks again by itself')
  }],
  ['nothing moves for those who want no motion, and forced colours hide nothing', async (w) => {
    const holder = await (await w.context({ reducedMotion: 'reduce', forcedColors: 'active' })).newPage()
    await holder.goto(await w.authorize('st-46'))
    await holder.waitForURL(/\/identify\//)
    same(await holder.evaluate(() => getComputedStyle(document.querySelector('.progress')).animationName), 'none', 'the motion')
    same(await holder.evaluate(() => getComputedStyle(document.querySelector('.qr rect')).fill), 'rgb(255, 255, 255)', 'behind the QR code')
  }],
]
