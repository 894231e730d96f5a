/** What is chosen of a list, as plain values: at most as many as a batch takes (DEL-5), in the order they were chosen. */
import { SELECTION_MAX } from '../../../backend/domain/conversations/batch.ts'

export type Selection<T extends { id: string }> = {
  chosen: ReadonlyMap<T['id'], T>
  /** From where a range goes; null for nowhere. */
  anchor: T['id'] | null
  /** More was wanted than can be chosen. */
  overfull: boolean
}

/** Nothing is chosen. */
export function emptySelection<T extends { id: string }>(): Selection<T> {
  return { chosen: new Map(), anchor: null, overfull: false }
}

/** Chooses a row or lets it go; ranges go from it. */
export function toggled<T extends { id: string }>(selection: Selection<T>, row: T): Selection<T> {
  const chosen = new Map(selection.chosen)
  if (chosen.delete(row.id)) return { chosen, anchor: row.id, overfull: false }
  if (chosen.size >= SELECTION_MAX) return { ...selection, overfull: true }
  return { chosen: chosen.set(row.id, row), anchor: row.id, overfull: false }
}

/** Chooses the rows of a range too, those nearest to the anchor first. @param rows from the anchor to the other end */
export function extended<T extends { id: string }>(selection: Selection<T>, rows: readonly T[]): Selection<T> {
  const chosen = new Map(selection.chosen)
  let overfull = false
  for (const row of rows) {
    if (chosen.has(row.id)) continue
    if (chosen.size >= SELECTION_MAX) overfull = true
    else chosen.set(row.id, row)
  }
  return { chosen, anchor: selection.anchor, overfull }
}

/** Chooses the first of a list instead of what was chosen. @param total how many the list has */
export function firstOf<T extends { id: string }>(rows: readonly T[], total: number): Selection<T> {
  const first = rows.slice(0, SELECTION_MAX)
  return {
    chosen: new Map(first.map((row) => [row.id, row])),
    anchor: first[0]?.id ?? null,
    overfull: total > SELECTION_MAX,
  }
}

/** A row that was chosen is another now; null when it has left the list. */
export function renewed<T extends { id: string }>(selection: Selection<T>, id: T['id'], row: T | null): Selection<T> {
  if (!selection.chosen.has(id)) return selection
  const chosen = new Map(selection.chosen)
  if (row) chosen.set(id, row)
  else chosen.delete(id)
  const isLost = row === null && selection.anchor === id
  return {
    chosen,
    anchor: isLost ? null : selection.anchor,
    overfull: selection.overfull && chosen.size >= SELECTION_MAX,
  }
}

/** The places of a range, from the anchor on: no more than can be chosen, and one that shows that there were more. */
export function rangeOf(anchor: number, end: number): { places: number[]; isCut: boolean } {
  const step = end < anchor ? -1 : 1
  const wanted = Math.abs(end - anchor) + 1
  const places = Array.from({ length: Math.min(wanted, SELECTION_MAX) }, (_, n) => anchor + n * step)
  return { places, isCut: wanted > SELECTION_MAX }
}
