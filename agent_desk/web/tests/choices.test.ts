import { expect, it } from 'vitest'

import { childOptions, parentOf } from '../src/agent/choices'

const districts = [
  { value: '110101', label: '东城区', children: [{ value: '110101001', label: '东华门街道' }] },
  { value: '110105', label: '朝阳区', children: [{ value: '110105026', label: '望京街道' }] },
]

it('offers every street, by district, while no district is chosen', () => {
  expect(childOptions(districts, null)).toEqual([
    { value: '110101', label: '东城区', options: [{ value: '110101001', label: '东华门街道' }] },
    { value: '110105', label: '朝阳区', options: [{ value: '110105026', label: '望京街道' }] },
  ])
})

it('offers only the streets of the chosen district', () => {
  expect(childOptions(districts, '110105')).toEqual([{ value: '110105026', label: '望京街道' }])
  expect(childOptions(districts, '999999')).toEqual([])
})

it('finds the district of a street', () => {
  expect(parentOf(districts, '110105026')).toBe('110105')
  expect(parentOf(districts, '999999999')).toBeNull()
})
