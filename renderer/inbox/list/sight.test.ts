import { expect, it } from 'vitest'
import { LIST_NAMES } from '../../../backend/domain/lists.ts'
import { sightBeyond } from './sight.ts'

it('[ROL-1] tells of each list that a role cannot see what it sees instead', () => {
  const told = (role: Parameters<typeof sightBeyond>[1]) => LIST_NAMES.map((list) => sightBeyond(list, role))
  expect(told('supervisor')).toEqual([null, null, null, null, null, null])
  expect(told('cs_agent')).toEqual([null, null, null, 'pending', null, 'pending'])
  expect(told('salesperson')).toEqual(['own', 'own', null, 'own', null, 'own'])
  expect(told('sales_manager')).toEqual(['stores', 'stores', null, null, null, null])
  expect(told('marketer')).toEqual(['none', 'none', 'none', 'none', 'none', 'none'])
})
