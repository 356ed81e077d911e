// SPDX-License-Identifier: Apache-2.0
// What must hold of every page (WCAG 2.1 AA): judged in the page itself.

const faults = () => {
  const found = []
  const not = (truth, what) => { if (!truth) found.push(what) }
  const all = (selector) => [...document.querySelectorAll(selector)]
  const shown = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility !== 'hidden'

  not(document.documentElement.lang === 'en', 'no language')
  not(document.title.length > 5, 'no title')
  not(all('h1').length === 1, 'not one h1')
  not(all('main').length === 1, 'not one main')
  not(all('header').length === 1, 'no header')
  not(document.querySelector('a.skip[href="#content"]'), 'no link to the content')
  not(all('script:not([src]), style, [style]').length === 0, 'script or style within the page')
  const attributes = all('*').flatMap((e) => [...e.attributes].map((a) => a.name))
  not(!attributes.some((name) => name.startsWith('on')), 'an attribute that runs')

  const ids = all('[id]').map((e) => e.id)
  not(new Set(ids).size === ids.length, 'an id twice')
  for (const e of all('input:not([type=hidden]), select, textarea'))
    not(e.labels && e.labels.length === 1 && e.labels[0].textContent.trim().length > 0, `no label: ${e.name}`)
  for (const e of all('[aria-describedby], [aria-labelledby]'))
    for (const id of (e.getAttribute('aria-describedby') || e.getAttribute('aria-labelledby')).split(' '))
      not(document.getElementById(id), `nothing has the id ${id}`)
  for (const e of all('img')) not(e.alt.length > 0, 'a picture without words')
  for (const e of all('svg')) not(e.getAttribute('aria-label') || e.getAttribute('aria-hidden') === 'true', 'a drawing without words')
  for (const e of all('button, a')) not((e.textContent + (e.ariaLabel || '')).trim().length > 0, 'a button or link without words')
  for (const e of all('form')) not(e.method === 'post' && e.querySelector('input[name=token]'), 'a form without token')
  for (const e of all('table')) not(e.querySelector('th[scope=col]'), 'a table without heads')
  for (const e of all('[aria-invalid=true]'))
    not(e.closest('.field').querySelector('.error'), `no words beside the error of ${e.name}`)
  let level = 1
  for (const e of all('h1, h2, h3, h4')) {
    const next = Number(e.tagName[1])
    not(next <= level + 1, `a heading of level ${next} after one of ${level}`)
    level = next
  }
  for (const e of all('button, .button, input[type=checkbox], select, input[type=text], nav a')) {
    const box = e.getBoundingClientRect()
    if (shown(e)) not(box.height >= 20 && box.width >= 20, `too small to hit: ${e.outerHTML.slice(0, 80)}`)
  }

  // Contrast of each text with what is behind it.
  const channels = (colour) => (colour.match(/[\d.]+/g) || []).map(Number)
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
    return 0.2126 * x + 0.7152 * y + 0.0722 * z
  }
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const c = channels(getComputedStyle(e).backgroundColor)
      if (c.length === 3 || c[3] === 1) return c.slice(0, 3)
    }
    return [255, 255, 255]
  }
  const ratio = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x)
    return (high + 0.05) / (low + 0.05)
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement
    if (!walker.currentNode.data.trim() || !shown(e)) continue
    const svg = e.closest('svg')
    const style = getComputedStyle(e)
    const colour = svg ? style.fill : style.color
    const got = ratio(channels(colour).slice(0, 3), behind(svg ? svg.parentElement : e))
    not(got >= 4.5, `contrast ${got.toFixed(2)} of "${walker.currentNode.data.trim().slice(0, 30)}"`)
  }
  for (const e of all('input:not([type=hidden]), select, textarea')) {
    if (!shown(e)) continue
    const got = ratio(channels(getComputedStyle(e).borderTopColor).slice(0, 3), behind(e.parentElement))
    not(got >= 3, `contrast ${got.toFixed(2)} of the edge of ${e.name}`)
  }
  return found
}

export const judge = async (page, name) => {
  const found = await page.evaluate(faults)
  if (found.length) throw new Error(`${name}: ${found.slice(0, 6).join('; ')}`)
}
