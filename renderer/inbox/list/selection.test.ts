import { describe, expect, it } from 'vitest'
import { emptySelection, extended, firstOf, rangeOf, renewed, toggled } from './selection.ts'
import type { Selection } from './selection.ts'

type Row = { id: string; text?: string }
const row = (n: number): Row => ({ id: `c${n}` })
const rows = (first: number, last: number): Row[] => Array.from({ length: last - first + 1 }, (_, n) => row(first + n))
const ids = ({ chosen }: Selection<Row>): string[] => [...chosen.keys()]
const full = extended(emptySelection<Row>(), rows(1, 40))

describe('choosing one by one', () => {
  it('chooses and lets go, in the order in which it was done', () => {
    let selection = emptySelection<Row>()
    for (const n of [3, 1, 2, 1]) selection = toggled(selection, row(n))
    expect([ids(selection), selection.anchor]).toEqual([['c3', 'c2'], 'c1'])
  })

  it('[DEL-5] does not choose the 41st, says so, and lets go all the same', () => {
    const more = toggled(full, row(41))
    expect([more.chosen.size, more.overfull]).toEqual([40, true])
    expect(more.chosen.has('c41')).toBe(false)
    const less = toggled(more, row(7))
    expect([less.chosen.size, less.overfull]).toEqual([39, false])
    expect(toggled(less, row(41)).chosen.has('c41')).toBe(true)
  })
})

describe('choosing a range', () => {
  it('adds it to what was chosen, and goes on from the same anchor', () => {
    const begun = toggled(toggled(emptySelection<Row>(), row(9)), row(2))
    const once = extended(begun, rows(2, 4))
    expect([ids(once), once.anchor]).toEqual([['c9', 'c2', 'c3', 'c4'], 'c2'])
    expect(ids(extended(once, [row(2), row(1)]))).toEqual(['c9', 'c2', 'c3', 'c4', 'c1'])
  })

  it('[DEL-5] takes those nearest to the anchor, up to 40, and says that there were more', () => {
    const begun = toggled(emptySelection<Row>(), row(100))
    const upwards = extended(begun, rows(50, 100).toReversed())
    expect([upwards.chosen.size, upwards.overfull]).toEqual([40, true])
    expect([upwards.chosen.has('c61'), upwards.chosen.has('c60')]).toEqual([true, false])
    expect(extended(full, rows(1, 40)).overfull).toBe(false)
  })

  it('asks of a list of 100,000 for no more than can be chosen, in either direction', () => {
    expect(rangeOf(5, 8)).toEqual({ places: [5, 6, 7, 8], isCut: false })
    expect(rangeOf(8, 5)).toEqual({ places: [8, 7, 6, 5], isCut: false })
    const far = rangeOf(0, 99_999)
    expect([far.places.length, far.places.at(-1), far.isCut]).toEqual([40, 39, true])
    expect(rangeOf(99_999, 0).places.at(-1)).toBe(99_960)
    expect(rangeOf(0, 39).isCut).toBe(false)
  })
})

describe('choosing the first', () => {
  it('[DEL-5] takes 40 of a longer list and says so, and all of a shorter one', () => {
    const long = firstOf(rows(1, 60), 100_000)
    expect([long.chosen.size, long.overfull, long.anchor]).toEqual([40, true, 'c1'])
    const short = firstOf(rows(1, 3), 3)
    expect([ids(short), short.overfull]).toEqual([['c1', 'c2', 'c3'], false])
    expect(firstOf<Row>([], 0).anchor).toBeNull()
  })
})

describe('what is chosen and changes', () => {
  it('is known as it is now, in its place', () => {
    const selection = firstOf(rows(1, 3), 3)
    const changed = renewed(selection, 'c2', { id: 'c2', text: 'new' })
    expect([...changed.chosen.values()]).toEqual([{ id: 'c1' }, { id: 'c2', text: 'new' }, { id: 'c3' }])
  })

  it('is not chosen any more when it has left the list, and no range goes from there', () => {
    const selection = firstOf(rows(1, 3), 3)
    const left = renewed(selection, 'c1', null)
    expect([ids(left), left.anchor]).toEqual([['c2', 'c3'], null])
    expect(renewed(selection, 'c3', null).anchor).toBe('c1')
  })

  it('makes room for another, and whoever was never chosen changes nothing', () => {
    const over = toggled(full, row(41))
    expect(renewed(over, 'c5', null)).toMatchObject({ overfull: false })
    expect(renewed(over, 'c41', null)).toBe(over)
  })
})
