import { describe, expect, it } from 'vitest'
import { hueOf, initials } from './tint.ts'

describe('avatars', () => {
  it('show one sign of a Chinese name, two of others, whole emoji, and something for nothing', () => {
    const names = ['林怡君', 'Emily Carter', 'plato', ' ', '👩‍👩‍👧 幸福一家', 'محمد العلي', '<b>x</b>']
    expect(names.map(initials)).toEqual(['林', 'EC', 'P', '?', '👩‍👩‍👧幸', 'ما', '<'])
  })

  it('have the same colour for the same id', () => {
    expect(hueOf('k1')).toBe(hueOf('k1'))
    expect(new Set(Array.from({ length: 50 }, (_, i) => hueOf(`k${i}`))).size).toBeGreaterThan(6)
  })
})
