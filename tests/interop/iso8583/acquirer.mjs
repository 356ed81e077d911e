// SPDX-License-Identifier: Apache-2.0
// An acquirer: node acquirer.mjs PORT SIGNER.KEY STORY...; each story prints a line of JSON.
import crypto from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import Iso from 'iso_8583'

const [port, keyFile, ...stories] = process.argv.slice(2)
const key = crypto.createPrivateKey(fs.readFileSync(keyFile))

// --- frames: two octets of length, then the message ---
const socket = net.connect(Number(port), '127.0.0.1')
const arrived = []
const waiting = []
let rest = Buffer.alloc(0)
socket.on('data', (data) => {
  rest = Buffer.concat([rest, data])
  while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
    const size = 2 + rest.readUInt16BE(0)
    const message = new Iso().getIsoJSON(rest.subarray(0, size), { lenHeader: true })
    rest = rest.subarray(size)
    if (waiting.length) waiting.shift()(message)
    else arrived.push(message)
  }
})
socket.on('close', () => {
  for (const answer of waiting) answer({ closed: true })
})
await new Promise((ready, broken) => socket.once('connect', ready).once('error', broken))
const next = () =>
  new Promise((resolve) => (arrived.length ? resolve(arrived.shift()) : waiting.push(resolve)))

const pack = (fields) => {
  const message = new Iso(fields)
  const valid = message.validateMessage()
  if (valid !== true) throw new Error(JSON.stringify(valid))
  return message.getBufferMessage()
}
const ask = async (fields) => {
  socket.write(pack(fields))
  return next()
}

// --- vectors of trust ---
const member = (tag, value) => tag + String(value.length).padStart(3, '0') + value
const carrier = (fields, { reference, vector, swap = {} }) => {
  const now = Math.floor(Date.now() / 1000)
  const session = crypto.randomBytes(16).toString('base64url')
  const of = { ...fields, ...swap }
  const lines = ['P1940v1', reference, session, vector, String(now - 2), String(now + 120), of[4], of[49], of[41].trim()]
  const signature = crypto.sign('sha256', Buffer.from(lines.map((line) => line + '\n').join('')), {
    key,
    dsaEncoding: 'ieee-p1363',
  })
  return member(
    'P1',
    member('VT', vector) + member('TM', '1') + member('SI', session) + member('TX', reference) +
      member('AT', String(now - 2)) + member('EX', String(now + 120)) + member('AL', '3') +
      member('KI', 'idp-npm') + member('SG', signature.toString('base64url')),
  )
}

// --- messages ---
const two = (number) => String(number).padStart(2, '0')
const times = () => {
  const d = new Date()
  const date = two(d.getUTCMonth() + 1) + two(d.getUTCDate())
  const time = two(d.getUTCHours()) + two(d.getUTCMinutes()) + two(d.getUTCSeconds())
  return { 7: date + time, 12: time, 13: date }
}
const base = (mti, trace, more = {}) => ({
  0: mti,
  2: '4761739001010119',
  3: '011000',
  4: '000000020000',
  ...times(),
  11: trace,
  18: '6011',
  22: '901',
  25: '00',
  32: '423935',
  37: `632501${trace}`,
  41: 'ATM00001',
  42: 'MOTITILL_000001',
  43: 'Main Street 1 Branch      Springfield US',
  49: '840',
  ...more,
})
const strong = 'Ce.Cf.Cg.Cj.Cn.Co'
let used = 0
const reference = () => `NPM${process.pid}X${++used}`
const signed = (fields, more = {}) => ({
  ...fields,
  48: carrier(fields, { reference: reference(), vector: strong, ...more }),
})
const reversal = (original, trace, more = {}) => {
  const { 0: mti, 7: sent, 11: first, 37: retrieval } = original
  const fields = { ...base('0420', trace, more), 37: retrieval, 39: '68' }
  return { ...fields, 90: mti + first + sent + '423935'.padStart(11, '0') + '0'.repeat(11) }
}
const again = (fields) => ({ ...fields, 0: fields[0].slice(0, 3) + '1' })

const tell = {
  async echo() {
    const answer = await ask({ 0: '0800', ...times(), 11: '000001', 70: '301' })
    return { mti: answer[0], code: answer[39], network: answer[70] }
  },
  async signOn() {
    const answer = await ask({ 0: '0800', ...times(), 11: '000002', 70: '001' })
    return { mti: answer[0], code: answer[39] }
  },
  async withdrawal() {
    const fields = signed(base('0200', '100001'))
    const answer = await ask(fields)
    const repeat = await ask(again(fields))
    const twice = await ask({ ...fields, 11: '100002', 37: '632501100002' })
    return {
      mti: answer[0], code: answer[39], approval: answer[38]?.length, trace: answer[11], terminal: answer[41],
      amount: answer[4], repeat: repeat[39], same: repeat[38] === answer[38], used: twice[39],
    }
  },
  async swapped() {
    const fields = base('0200', '100003')
    const amount = await ask(signed(fields, { swap: { 4: '000000010000' } }))
    const other = base('0200', '100004')
    const terminal = await ask(signed(other, { swap: { 41: 'ATM00002' } }))
    const third = base('0200', '100005')
    return { amount: amount[39], terminal: terminal[39], none: (await ask(third))[39] }
  },
  async tooLittle() {
    const fields = base('0200', '100006')
    const answer = await ask(signed(fields, { vector: 'Ce' }))
    return { code: answer[39], asks: /^P1\d{3}.*VR\d{3}C/.test(answer[48] ?? '') }
  },
  async reversed() {
    const fields = signed(base('0200', '100007'))
    const answer = await ask(fields)
    const back = reversal(fields, '100008')
    const first = await ask(back)
    const second = await ask(again(back))
    const late = await ask(again(fields))
    return { code: answer[39], first: first[39], mti: first[0], second: second[39], late: late[0] }
  },
  async reversedBefore() {
    const fields = signed(base('0200', '100009'))
    const back = await ask(reversal(fields, '100010'))
    await new Promise((resolve) => setTimeout(resolve, 300))
    const late = await ask(fields)
    return { back: back[39], late: late[39], mti: late[0] }
  },
  async purchase() {
    const fields = signed(base('0100', '100011', { 3: '001000', 18: '5411', 41: 'POS00001' }))
    const held = await ask(fields)
    const { 48: _, ...rest } = fields
    const done = await ask({ ...rest, ...times(), 0: '0220', 11: '100012', 38: held[38], 39: '00',
      90: '0100' + fields[11] + fields[7] + '423935'.padStart(11, '0') + '0'.repeat(11) })
    return { mti: held[0], held: held[39], done: done[39], last: done[0] }
  },
  async many() {
    const messages = []
    for (let i = 0; i < 50; i++) {
      const trace = String(200000 + i)
      messages.push(pack(signed(base('0200', trace, { 4: '000000000100' }))))
    }
    const all = Buffer.concat(messages) // several frames a write, and then single octets
    socket.write(all.subarray(0, all.length - 40))
    for (const octet of all.subarray(all.length - 40)) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      socket.write(Buffer.from([octet]))
    }
    const traces = new Set()
    let good = 0
    for (let i = 0; i < 50; i++) {
      const answer = await next()
      traces.add(answer[11])
      if (answer[39] === '00') good++
    }
    return { good, traces: traces.size }
  },
}
for (const story of stories) console.log(JSON.stringify({ story, ...(await tell[story]()) }))
socket.end()
