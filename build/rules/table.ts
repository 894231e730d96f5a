/** Shows a pairing to people. */
import type { Pairing, State } from './pair.ts'

const WORDS: Record<State, string> = {
  proven: 'proven',
  partly: 'partly',
  'not-built': 'not built',
  unproven: 'NO PROOF',
}
/** How many columns the beginning of a rule may take. */
const BEGINNING = 44
/** Chinese characters and their punctuation take two columns each. */
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/

const columns = (text: string): number => [...text].reduce((sum, one) => sum + (WIDE.test(one) ? 2 : 1), 0)
const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - columns(text)))

function beginning(text: string): string {
  let begun = ''
  for (const one of text) {
    if (columns(begun + one) > BEGINNING) return `${begun.trimEnd()}…`
    begun += one
  }
  return begun
}

/** The file with the most tests, and how many others there are. */
function where(tests: readonly { file: string }[]): string {
  const files = [...Map.groupBy(tests, ({ file }) => file)].toSorted(([, a], [, b]) => b.length - a.length)
  const [most] = files
  if (!most) return ''
  return files.length === 1 ? most[0] : `${most[0]} and ${files.length - 1} more`
}

/** One line for each rule: id, state, tests that passed, its beginning, where they are, what is missing. */
export function tableOf({ rules }: Pairing): string {
  const lines = rules.map(({ id, state, tests, text, missing }) => {
    const count = tests.length === 0 ? '' : String(tests.length)
    const rest = state === 'partly' ? `${where(tests)}; missing: ${missing}` : where(tests)
    const cells = [
      id.padEnd(6),
      WORDS[state].padEnd(9),
      count.padStart(4),
      padded(beginning(text), BEGINNING + 1),
      rest,
    ]
    return cells.join('  ').trimEnd()
  })
  return lines.join('\n')
}

/** All of it in one line. */
export function summaryOf({ counts, problems }: Pairing): string {
  const { proven, partly, unproven } = counts
  const found = problems.length === 0 ? 'no problem' : `${problems.length} to put right`
  return `Rules: ${proven} proven, ${partly} in part, ${counts['not-built']} not built, ${unproven} without proof; ${found}`
}
