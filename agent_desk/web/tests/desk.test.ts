import { describe, expect, it } from 'vitest'

import { combinationOf, KEYS } from '../src/agent/keys'
import { isOther, mustRejoin, phaseOf } from '../src/agent/phase'
import type { AgentView, CallView } from '../src/api/types'
import { levelOf, shareOf } from '../src/phone/loudness'
import { faultNamed } from '../src/phone/microphone'
import { en } from '../src/words/en'
import { zh } from '../src/words/zh'

const agent = (state: AgentView['state']): AgentView => ({ state, call_id: 'c' }) as AgentView
const call = (state: CallView['state']): CallView => ({ id: 'c', state }) as CallView
const phone = { registration: 'registered', stage: 'none', mediaLost: false } as const

describe('what the call panel shows', () => {
  it('follows the centre', () => {
    expect(phaseOf(agent('ready'), 'none', false)).toBe('idle')
    expect(phaseOf(agent('ringing'), 'none', false)).toBe('ringing')
    expect(phaseOf(agent('talking'), 'none', false)).toBe('talking')
    expect(phaseOf(agent('wrap-up'), 'talking', false)).toBe('wrap-up')
  })

  it('shows an answered call as answered before the centre has said so', () => {
    expect(phaseOf(agent('ringing'), 'talking', false)).toBe('talking')
  })

  it('rings for a call that the switch handed out while no controller was alive', () => {
    expect(phaseOf(agent('ready'), 'incoming', false)).toBe('ringing')
    expect(phaseOf(undefined, 'incoming', false)).toBe('ringing')
  })

  it('tells such a call from the one that the centre last knew of', () => {
    const known = { ...call('talking'), caller_number: '13800138000' }
    expect(isOther(known, { stage: 'incoming', remoteNumber: '13800138000' })).toBe(false)
    expect(isOther(known, { stage: 'incoming', remoteNumber: '13900139000' })).toBe(true)
    expect(isOther(known, { stage: 'none', remoteNumber: '' })).toBe(false)
    expect(phaseOf(agent('talking'), 'incoming', true)).toBe('ringing')
    expect(phaseOf(agent('wrap-up'), 'talking', true)).toBe('talking')
  })
})

describe('after a reload', () => {
  it('the phone joins the call again once it is registered', () => {
    expect(mustRejoin(agent('talking'), call('talking'), phone)).toBe(true)
    expect(mustRejoin(agent('talking'), call('talking'), { ...phone, registration: 'connecting' })).toBe(false)
  })

  it('the phone joins no call that it is in, or that is over', () => {
    expect(mustRejoin(agent('talking'), call('talking'), { ...phone, stage: 'talking' })).toBe(false)
    expect(mustRejoin(agent('wrap-up'), call('wrap-up'), phone)).toBe(false)
    expect(mustRejoin(agent('ringing'), call('ringing'), phone)).toBe(false)
  })

  it('a session whose media is lost does not count as being in the call', () => {
    expect(mustRejoin(agent('talking'), call('talking'), { ...phone, stage: 'talking', mediaLost: true })).toBe(true)
  })
})

it('tells the keys apart that share a letter', () => {
  const press = (key: string, more: Partial<KeyboardEvent> = {}): string =>
    combinationOf({ key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more })
  expect(press('F2')).toBe('F2')
  expect(press('F2', { shiftKey: true })).toBe('Shift+F2')
  expect(press('Enter', { metaKey: true })).toBe('Ctrl+Enter')
  expect(new Set(KEYS.map(({ keys }) => keys)).size).toBe(KEYS.length)
})

it('measures loudness against full scale', () => {
  const sine = Float32Array.from({ length: 4800 }, (_, i) => Math.sin((2 * Math.PI * 1000 * i) / 48_000))
  expect(levelOf(sine)).toBeCloseTo(-3.01, 1)
  expect(levelOf(new Float32Array(480))).toBe(-60)
  expect([shareOf(-60), shareOf(-30), shareOf(0)]).toEqual([0, 0.5, 1])
})

it('says what is wrong with the microphone', () => {
  expect(['NotAllowedError', 'NotFoundError', 'NotReadableError', 'TypeError'].map(faultNamed)).toEqual([
    'denied',
    'missing',
    'busy',
    'failed',
  ])
})

it('says the same things in both languages, and nothing is left empty', () => {
  const shape = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) {
      expect(value).not.toBe('')
      return typeof value
    }
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]))
  }
  expect(shape(en)).toEqual(shape(zh))
})
