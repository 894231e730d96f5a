/** Pairs each rule with the tests that carry its id in their title. */
import { ALL, readRules } from './text.ts'
import type { Rule } from './text.ts'

/** A test, as a report tells of it. */
export type Test = {
  /** With those of the groups it is in. */
  title: string
  /** From the project's folder. */
  file: string
  status: string
}

/**
 * `proven`: built, and a test passed. `partly`: what is built of it has a test that passed, the rest is in `missing`.
 * `not-built`: nothing of it is, and none is asked for. `unproven`: there is something built, and no test passed.
 */
export type State = 'proven' | 'partly' | 'not-built' | 'unproven'

/** What `npm run rules -- --json` prints. */
export type Pairing = {
  name: 'rules'
  /** Whether there is no problem. */
  ok: boolean
  counts: Record<State, number>
  rules: (Rule & {
    state: State
    /** Those that passed. */
    tests: { title: string; file: string }[]
  })[]
  /** What has to be put right, each in a sentence. */
  problems: string[]
}

/**
 * Pairs the rules' text with the tests of all reports.
 *
 * @param trouble what is already known to be wrong with the reports
 */
export function pairRules(text: string, tests: readonly Test[], trouble: readonly string[] = []): Pairing {
  const { rules: known, problems } = readRules(text)
  problems.push(...trouble)
  const passed = new Map(known.map(({ id }) => [id, [] as { title: string; file: string }[]]))
  for (const { title, file, status } of tests) {
    const ids = idsIn(title)
    if (ids.length > 0 && status !== 'passed') {
      problems.push(`“${title}” (${file}) names a rule, but ${status === 'failed' ? 'failed' : 'did not run'}.`)
    }
    for (const id of ids) {
      const ofRule = passed.get(id)
      if (!ofRule) problems.push(`“${title}” (${file}) names ${id}, which is no rule.`)
      else if (status === 'passed') ofRule.push({ title, file })
    }
  }
  const rules = known.map((rule) => {
    const ofRule = passed.get(rule.id) ?? []
    const state = stateOf(rule, ofRule.length)
    if (state === 'unproven') problems.push(`${rule.id} has no test that passed.`)
    if (state === 'not-built' && ofRule.length > 0) {
      problems.push(`${rule.id} is listed as not built at all, but a test of it passed: ${ofRule[0]?.title}`)
    }
    return { ...rule, state, tests: ofRule }
  })
  const counts = { proven: 0, partly: 0, 'not-built': 0, unproven: 0 }
  for (const { state } of rules) counts[state] += 1
  return { name: 'rules', ok: problems.length === 0, counts, rules, problems }
}

function stateOf({ missing }: Rule, passed: number): State {
  if (missing === ALL) return 'not-built'
  if (passed === 0) return 'unproven'
  return missing === null ? 'proven' : 'partly'
}

/** The ids that a title names, `[COL-4] [COL-8]` or `[COL-4, COL-8]`, and what was meant as one: `[col-4]`, `[COL 4]`. */
function idsIn(title: string): string[] {
  const groups = title.matchAll(/\[([A-Za-z]{3}[- ]?\d[^\]]*)\]/g)
  return [...new Set([...groups].flatMap(([, ids = '']) => ids.split(/, ?/)))]
}
