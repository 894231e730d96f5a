/**
 * How text becomes the words of the search index, and a query an expression over them. Chinese (and kana, hangul)
 * has no spaces, so each pair of neighbours is a word; the last character of a run also stands alone, so that a query
 * of one character, which asks for words that begin with it, finds every place. Folding is done here, for the index,
 * the query and the highlight alike.
 */
const PAIRED =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Bopomofo}\\u3005\\u30fc\\p{Extended_Pictographic}'
const RUN = new RegExp(`[${PAIRED}]+|[[\\p{L}\\p{N}\\p{M}]--[${PAIRED}]]+`, 'gv')
const IS_PAIRED = new RegExp(`^[${PAIRED}]`, 'v')
const ACCENTED = /[\u00c0-\u024f\u1e00-\u1eff]/g
/** What has no width of its own: joiners, direction marks, variation selectors. */
const UNSEEN = /[\p{Cf}\ufe00-\ufe0f]/gu
/** A number as it is written: groups of digits with single separators. */
const NUMBER = /\d+(?:[-‐‑–. ()]{1,2}\d+)+/g
const PLAIN = /^[\x20-\x7e]*$/

/** Case, width and Latin accents are told apart no more. */
export function fold(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase()
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(UNSEEN, '')
    .replace(ACCENTED, (letter) => letter.normalize('NFD').charAt(0))
}

type Run = { text: string; paired: boolean }

/** The runs of letters of a folded text. With `pairAll`, Latin and digits are paired too (found by any part). */
function runsOf(folded: string, pairAll: boolean): Run[] {
  return (folded.match(RUN) ?? []).map((text) => ({ text, paired: pairAll || IS_PAIRED.test(text) }))
}

function pairs(text: string, alone: boolean): string[] {
  const characters = Array.from(text)
  const words: string[] = []
  for (let i = 0; i + 1 < characters.length; i++) words.push(`${characters[i]}${characters[i + 1]}`)
  const last = characters.at(-1)
  if (last !== undefined && (alone || characters.length === 1)) words.push(last)
  return words
}

function joinedNumbers(folded: string): string[] {
  return (folded.match(NUMBER) ?? []).map((number) => number.replace(/\D/g, ''))
}

/** The words of a message, separated by spaces; a number with separators also stands there without them. */
export function messageWords(text: string): string {
  const folded = fold(text)
  const words: string[] = []
  for (const run of runsOf(folded, false)) {
    if (run.paired) words.push(...pairs(run.text, true))
    else words.push(run.text)
  }
  words.push(...joinedNumbers(folded))
  return words.join(' ')
}

/** The words of a contact's fields: everything in pairs, so that any part of a number or an address is found. */
export function contactWords(fields: readonly string[]): string {
  return fields.flatMap((field) => runsOf(fold(field), true).flatMap(({ text }) => pairs(text, true))).join(' ')
}

/** What a query asks for: parts separated by spaces must all be there. Empty when it has no letter or digit. */
export function queryParts(query: string): string[] {
  const folded = fold(query).trim()
  const number = /^[+(]?\d[\d\-‐‑–. ()]*$/.test(folded) && folded.replace(/\D/g, '').length >= 6
  const parts = number ? [folded] : folded.split(/\s+/)
  return parts.filter((part) => part.match(RUN) !== null)
}

/** Nothing in here can be read as query syntax: words have letters and digits alone, and stand in quotes. */
function phrase(words: readonly string[], open: boolean): string {
  return `"${words.join(' ')}"${open ? ' *' : ''}`
}

/** The expression that finds the messages with every part; the last word of a part may go on. */
export function messageExpression(parts: readonly string[]): string {
  return parts
    .map((part) => {
      const runs = runsOf(part, false)
      const words = runs.flatMap((run, i) => (run.paired ? pairs(run.text, i < runs.length - 1) : [run.text]))
      const last = runs.at(-1)
      const open = last !== undefined && (!last.paired || Array.from(last.text).length === 1)
      const wanted = [phrase(words, open), ...joinedNumbers(part).map((number) => phrase([number], true))]
      return wanted.length === 1 ? phrase(words, open) : `(${wanted.join(' OR ')})`
    })
    .join(' AND ')
}

/** The expression that finds the contacts with every part in one of their fields. */
export function contactExpression(parts: readonly string[]): string {
  return parts
    .map((part) => {
      const number = /^[+(]?\d[\d\-‐‑–. ()]*$/.test(part)
      const text = number ? part.replace(/\D/g, '') : part
      const runs = runsOf(text, true)
      const words = runs.flatMap((run, i) => pairs(run.text, i < runs.length - 1))
      return phrase(words, Array.from(runs.at(-1)?.text ?? '').length === 1)
    })
    .join(' AND ')
}
