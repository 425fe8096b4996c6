import { describe, expect, it } from 'vitest'

import { badFields, emptyForm, limitOf, merged, missingFields, sameForm, tidied } from '../src/agent/form'

describe('the request form', () => {
  it('asks for what an agency can do nothing without', () => {
    const form = { ...emptyForm(), request_type: 'help', title: '  ', content: '下水道堵塞' }
    expect(missingFields(form)).toEqual(['urgency', 'category', 'title', 'district'])
  })

  it('sends nothing typed as nothing said, and no control characters', () => {
    const form = { ...emptyForm(), name: '  ', title: '漏水\u0007一周\n了', content: '一\r\n二\t三\u0000' }
    const sent = tidied(form)
    expect(sent.name).toBeNull()
    expect(sent.title).toBe('漏水 一周 了')
    expect(sent.content).toBe('一\n二\t三')
  })

  it('names the fields that the server would refuse', () => {
    const form = { ...emptyForm(), contact_number: '138abc', repeats: 'xyz' }
    expect(badFields(form)).toEqual(['contact_number', 'repeats'])
    expect(badFields({ ...form, contact_number: '+86 (10) 6555-1234', repeats: 'a'.repeat(32) })).toEqual([])
    expect(badFields({ ...form, contact_number: '', repeats: '' })).toEqual([])
  })

  it('keeps what two people wrote in different fields', () => {
    const base = { ...emptyForm(), title: '旧' }
    const both = merged(base, { ...base, title: '新' }, { ...base, address: '和平里 7 区' })
    expect(both.title).toBe('新')
    expect(both.address).toBe('和平里 7 区')
  })

  it('keeps the own words where two people wrote in one field', () => {
    const base = emptyForm()
    const both = merged(base, { ...base, title: '我的' }, { ...base, title: '别人的' })
    expect(both.title).toBe('我的')
  })

  it('gives danger two hours and the general case a week', () => {
    expect([limitOf('critical'), limitOf('urgent'), limitOf('normal'), limitOf(null)]).toEqual([2, 24, 168, null])
  })

  it('knows when nothing changed', () => {
    expect(sameForm(emptyForm(), emptyForm())).toBe(true)
    expect(sameForm(emptyForm(), { ...emptyForm(), confidential: true })).toBe(false)
  })
})
