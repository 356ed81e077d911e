// SPDX-License-Identifier: Apache-2.0
// node decode.mjs FILE EXPECTED.json: what the package reads in a message of ours is what is expected.
import fs from 'node:fs'
import Iso from 'iso_8583'

const [file, expectedFile] = process.argv.slice(2)
const expected = JSON.parse(fs.readFileSync(expectedFile))
const read = new Iso().getIsoJSON(fs.readFileSync(file), { lenHeader: false })
const wrong = Object.keys({ ...expected, ...read }).filter((field) => read[field] !== expected[field])
console.log(JSON.stringify({ wrong, read: Object.keys(read).length }))
process.exit(wrong.length)
