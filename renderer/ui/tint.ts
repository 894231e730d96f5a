/** Calm colours for people without a picture: always the same one for the same id. */

const HUES = [8, 30, 48, 90, 150, 176, 200, 222, 255, 285, 320, 345] as const

/** A hue (degrees) that follows from an id. */
export function hueOf(id: string): number {
  let hash = 2166136261
  for (let i = 0; i < id.length; i += 1) hash = Math.imul(hash ^ id.charCodeAt(i), 16777619)
  return HUES[(hash >>> 0) % HUES.length] ?? HUES[0]
}

const graphemes = new Intl.Segmenter('zh-Hant', { granularity: 'grapheme' })

/** One sign for a Chinese name (its first), up to two for others (of the first and last word); `?` for an empty one. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const first = firstSign(words[0] ?? '')
  if (first === '') return '?'
  if (/\p{Script=Han}/u.test(first)) return first
  const last = words.length > 1 ? firstSign(words.at(-1) ?? '') : ''
  return (first + last).toLocaleUpperCase('en')
}

function firstSign(word: string): string {
  for (const { segment } of graphemes.segment(word)) return segment
  return ''
}
