// SPDX-License-Identifier: Apache-2.0
// Pages that wait: an element with data-watch says where to ask for the state; when it is another than data-state,
// the page is loaded anew.
'use strict'
{
  const watch = document.querySelector('[data-watch]')
  const state = watch && watch.dataset.state
  const first = 2000, most = 15000
  let pause = first, began = Date.now()

  const ask = async () => {
    try {
      const answer = await fetch(watch.dataset.watch, { headers: { Accept: 'application/json' }, cache: 'no-store' })
      // Nobody's typing is lost by it.
      const typing = [...document.querySelectorAll('input[type=text]')].some((field) => field.value)
      if (answer.ok && !typing && (await answer.json()).state !== state) return location.reload()
      if (answer.status === 404) return location.reload()
    } catch { /* the network may come back */ }
    // After five minutes ask less often.
    if (Date.now() - began > 300000) pause = most
    setTimeout(ask, pause)
  }
  if (watch) {
    setTimeout(ask, first)
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) began = Date.now(), (pause = first)
    })
  }
}
