import { beforeEach, describe, expect, it } from 'vitest'

import { clockText, fullMomentText, hoursText, momentText, timeText, useTimeZone, withOffset } from '../src/shared/time'

const NEW_YEARS_EVE = Date.parse('2026-12-31T23:59:30+08:00') / 1000

describe('times on the desk', () => {
  beforeEach(() => useTimeZone('Asia/Shanghai'))

  it('writes durations as clocks that never run backwards', () => {
    expect([clockText(0), clockText(75.9), clockText(3700), clockText(-5)]).toEqual(['0:00', '1:15', '1:01:40', '0:00'])
  })

  it('writes moments in the hotline’s time zone wherever the browser is', () => {
    expect(fullMomentText(NEW_YEARS_EVE)).toBe('2026-12-31 23:59:30')
    expect(timeText(NEW_YEARS_EVE)).toBe('23:59:30')
    useTimeZone('Europe/Berlin')
    expect(fullMomentText(NEW_YEARS_EVE)).toBe('2026-12-31 16:59:30')
  })

  it('leaves out of a date what is the same today', () => {
    expect(momentText(NEW_YEARS_EVE, NEW_YEARS_EVE + 20)).toBe('23:59')
    expect(momentText(NEW_YEARS_EVE - 86_400, NEW_YEARS_EVE)).toBe('12-30 23:59')
    expect(momentText(NEW_YEARS_EVE, NEW_YEARS_EVE + 60)).toBe('2026-12-31 23:59')
  })

  it('writes time limits in the unit that people use', () => {
    expect([hoursText(2, 'zh'), hoursText(24, 'zh'), hoursText(168, 'zh'), hoursText(50, 'zh')]).toEqual([
      '2 小时',
      '24 小时',
      '7 天',
      '50 小时',
    ])
    expect(hoursText(360, 'en')).toBe('15 days')
  })

  it('gives a clock reading the offset that holds at that reading', () => {
    expect(withOffset('2026-05-01T08:30')).toBe('2026-05-01T08:30+08:00')
    useTimeZone('Europe/Berlin')
    expect(withOffset('2026-03-29T01:30')).toBe('2026-03-29T01:30+01:00')
    expect(withOffset('2026-03-29T03:30')).toBe('2026-03-29T03:30+02:00')
    useTimeZone('America/New_York')
    expect(withOffset('2026-03-08T01:30')).toBe('2026-03-08T01:30-05:00')
    useTimeZone('UTC')
    expect(withOffset('2026-05-01T08:30')).toBe('2026-05-01T08:30+00:00')
  })
})
