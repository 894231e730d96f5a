import { describe, expect, it } from 'vitest'
import { insertVariable, piecesOf, putAfter, unfilledIn } from './placeholders.ts'
import type { Written } from './placeholders.ts'

const selected = ({ text, from, to }: Written): string => text.slice(from, to)

describe('putting a reply into the composer', () => {
  it('[REP-3] comes after what was typed, on a line of its own, and replaces none of it', () => {
    expect(putAfter('', '您好', []).text).toBe('您好')
    expect(putAfter('先說一句', '您好', []).text).toBe('先說一句\n您好')
    expect(putAfter('先說一句\n', '您好', []).text).toBe('先說一句\n您好')
    // A reply of pictures only.
    expect(putAfter('先說一句', '', []).text).toBe('先說一句')
  })

  it('[REP-1] selects the first value that is missing, so that typing fills it in', () => {
    const written = putAfter('{{customer.email}}', '您好，電話 {{ customer.phone }}，信箱 {{customer.email}}', [
      'customer.phone',
      'customer.email',
    ])
    expect(selected(written)).toBe('{{ customer.phone }}')
    expect(written.from).toBe('{{customer.email}}\n您好，電話 '.length)
  })

  it('leaves the cursor at the end when nothing is missing, whatever a customer is called', () => {
    const written = putAfter('', '{{customer.phone}}您好', [])
    expect([written.from, written.to]).toEqual([written.text.length, written.text.length])
  })

  it('knows what is still to be filled in', () => {
    expect(unfilledIn('電話 {{customer.phone}}，{{別的}}')).toEqual(['customer.phone'])
    expect(unfilledIn('{ } {{')).toEqual([])
  })
})

describe('variables in a text', () => {
  it('[REP-1] are told from what only looks like one, and from the text around', () => {
    expect(piecesOf('{{customer.name}}您好{{custmer}}')).toEqual([
      { text: '{{customer.name}}', placeholder: { variable: 'customer.name' } },
      { text: '您好', placeholder: null },
      { text: '{{custmer}}', placeholder: { variable: null } },
    ])
    expect(
      piecesOf('a{b}c{{{')
        .map(({ text }) => text)
        .join(''),
    ).toBe('a{b}c{{{')
  })

  it('[REP-1] are put in where the cursor is, over what is selected', () => {
    const written = insertVariable('您好XX，', 2, 4, 'store.name')
    expect(written.text).toBe('您好{{store.name}}，')
    expect(written.text.slice(0, written.from)).toBe('您好{{store.name}}')
  })
})
