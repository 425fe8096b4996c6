import { beforeAll, expect, it, vi } from 'vitest'

let readPreferences: (typeof import('../src/preferences'))['readPreferences']

beforeAll(async () => {
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined })
  readPreferences = (await import('../src/preferences')).readPreferences
})

it('starts in Chinese, in the system’s colours, answering by hand', () => {
  const expected = { language: 'zh', theme: 'system', autoAnswer: false, ringAloud: true }
  expect(readPreferences(null)).toEqual(expected)
  expect(readPreferences('no JSON')).toEqual(expected)
  expect(readPreferences('{"language":"xx","theme":7,"autoAnswer":"yes"}')).toEqual(expected)
})

it('keeps what a person set', () => {
  const set = { language: 'en', theme: 'dark', autoAnswer: true, ringAloud: false }
  expect(readPreferences(JSON.stringify(set))).toEqual(set)
})
