#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
// A browser without a screen: node browser.mjs URL, follows it, and submits each form it meets, `anna` where a login is asked for.
import { pathToFileURL } from 'node:url'

/** The last address, which is not fetched if it begins with `end`. */
export async function browse(url, end) {
  const jar = {}
  let init = {}
  for (let pages = 0; pages < 20; pages++) {
    if (end && url.startsWith(end)) return url
    const { host, origin } = new URL(url)
    const cookie = Object.entries(jar[host] ?? {}).map((pair) => pair.join('=')).join('; ')
    const answer = await fetch(url, { redirect: 'manual', ...init, headers: { ...init.headers, cookie } })
    for (const line of answer.headers.getSetCookie()) {
      const [name, value] = line.split(';')[0].split(/=(.*)/s)
      ;(jar[host] ??= {})[name] = value
    }
    const location = answer.headers.get('location')
    const page = await answer.text()
    init = {}
    if (location) {
      url = new URL(location, url).href
      continue
    }
    const form = page.match(/<form[^>]*>[\s\S]*?<\/form>/)?.[0]
    if (!form) return url
    const body = new URLSearchParams()
    for (const field of form.match(/<(input|button)[^>]*>/g)) {
      const name = field.match(/name="([^"]*)"/)?.[1]
      if (name) body.set(name, name === 'login' ? 'anna' : (field.match(/value="([^"]*)"/)?.[1] ?? 'x'))
    }
    url = new URL((form.match(/action="([^"]*)"/)?.[1] || url).replaceAll('&amp;', '&'), url).href
    init = { method: 'POST', body, headers: { origin } }
  }
  throw new Error('there are ever more pages')
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await browse(process.argv[2])
