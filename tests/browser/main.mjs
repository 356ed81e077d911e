// SPDX-License-Identifier: Apache-2.0
// TAP: node main.mjs CARNETD CHROMIUM PORTRAIT CARNET [NAME]: all tests, or those whose sentence fits NAME
import { World } from './world.mjs'
import { desk, offer, wallet, overview, roles } from './flows.mjs'
import { hostile } from './hostile.mjs'
import { oidc } from './oidc.mjs'
import { people } from './people.mjs'
import { cash } from './cash.mjs'

const [carnetd, chromium, portrait, carnet, name] = process.argv.slice(2)
const tests = [...desk, ...offer, ...wallet, ...overview, ...roles, ...oidc, ...people, ...hostile, ...cash].filter(([what]) => !name || new RegExp(name).test(what))
console.log(`1..${tests.length}`)
const world = await World.begin(carnetd, chromium, portrait, carnet)
let failed = 0, n = 0
for (const [what, run] of tests) {
  n++
  try {
    await world.fresh()
    await run(world)
    console.log(`ok ${n} - ${what}`)
  } catch (error) {
    failed++
    console.log(`not ok ${n} - ${what}`)
    for (const line of String(error.stack || error).split('\n').slice(0, 8)) console.log('# ' + line)
  }
}
await world.end()
process.exit(failed ? 1 : 0)
