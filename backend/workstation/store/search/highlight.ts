/** Where the searched words stand in a text, as pieces; the text itself is never changed into markup (CNV-11). */
import type { Highlight } from '../../views.ts'
import { fold } from './words.ts'

/** How much of a long text is shown, and how much of it ahead of the first hit; in UTF-16 units. */
const EXCERPT = 120
const AHEAD = 30
const CLUSTER = /\P{M}\p{M}*/gu
const BETWEEN = '[^\\p{L}\\p{N}]{0,3}'

/** What joins with its neighbours when folded, or vanishes. */
const JOINING = /[\p{M}\p{Cf}\u1100-\u11ff]/u

/** A text, folded, with the place in the original that each folded unit came from. */
function folding(text: string): { folded: string; from: number[] } {
  const whole = fold(text)
  if (whole.length === text.length && !JOINING.test(text)) {
    return { folded: whole, from: Array.from({ length: text.length + 1 }, (_, i) => i) }
  }
  let folded = ''
  const from: number[] = []
  for (const match of text.matchAll(CLUSTER)) {
    const piece = fold(match[0])
    for (let i = 0; i < piece.length; i++) from.push(match.index)
    folded += piece
  }
  from.push(text.length)
  return { folded, from }
}

/** Finds the parts of a query in folded text. Digits match through separators, words through punctuation. */
function patternOf(parts: readonly string[]): RegExp | null {
  const alternatives = parts.map((part) => {
    const runs = part.match(/\p{N}+|[^\P{L}]+|\p{M}+|\p{Extended_Pictographic}+/gu) ?? []
    return runs.map((run) => (/^\p{N}+$/u.test(run) ? Array.from(run).join('[-‐‑–. ()]{0,2}') : run)).join(BETWEEN)
  })
  const wanted = alternatives.filter((alternative) => alternative !== '').sort((a, b) => b.length - a.length)
  return wanted.length === 0 ? null : new RegExp(wanted.join('|'), 'gu')
}

/** The hits as [start, end) in the original text, in order, not overlapping. */
function hitsIn(text: string, parts: readonly string[]): [number, number][] {
  const pattern = patternOf(parts)
  if (!pattern) return []
  const { folded, from } = folding(text)
  const hits: [number, number][] = []
  for (const match of folded.matchAll(pattern)) {
    if (match[0] === '') continue
    const start = from[match.index] ?? 0
    const lastStart = from[match.index + match[0].length - 1] ?? start
    // The end is where the next cluster of the original begins.
    let after = match.index + match[0].length
    while (after < from.length - 1 && from[after] === lastStart) after++
    const end = from[after] ?? text.length
    const earlier = hits.at(-1)
    if (earlier && start <= earlier[1]) earlier[1] = Math.max(earlier[1], end)
    else hits.push([start, end])
  }
  return hits
}

function pieces(text: string, hits: readonly [number, number][], from: number, to: number): Highlight {
  const result: Highlight = []
  let at = from
  for (const [start, end] of hits) {
    if (end <= from || start >= to) continue
    if (start > at) result.push({ text: text.slice(at, start), hit: false })
    result.push({ text: text.slice(Math.max(start, from), Math.min(end, to)), hit: true })
    at = Math.min(end, to)
  }
  if (at < to) result.push({ text: text.slice(at, to), hit: false })
  return result
}

/** The whole text with its hits; null when it has none. */
export function highlight(text: string, parts: readonly string[]): Highlight | null {
  const hits = hitsIn(text, parts)
  return hits.length === 0 ? null : pieces(text, hits, 0, text.length)
}

/** One line around the first hit; the text's beginning when there is none. `…` stands for what was left off. */
export function excerpt(text: string, parts: readonly string[]): Highlight {
  const line = text.replace(/\s/g, ' ')
  const hits = hitsIn(line, parts)
  const first = hits[0]?.[0] ?? 0
  const from = boundary(line, first <= AHEAD ? 0 : first - AHEAD)
  const to = boundary(line, Math.min(line.length, from + EXCERPT))
  const result = pieces(line, hits, from, to)
  if (from > 0) result.unshift({ text: '…', hit: false })
  if (to < line.length) result.push({ text: '…', hit: false })
  return result
}

/** The nearest place at or before `at` that cuts no character with its marks in two. */
function boundary(text: string, at: number): number {
  let place = at
  while (place > 0 && place < text.length && /^[\udc00-\udfff\p{M}\u200d\ufe0f]/u.test(text.slice(place, place + 2)))
    place--
  const before = text.charCodeAt(place - 1)
  return place > 0 && place < text.length && before >= 0xd800 && before <= 0xdbff ? place - 1 : place
}
