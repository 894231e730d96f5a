import { expect, it } from 'vitest'
import { pairRules } from './pair.ts'
import type { Test } from './pair.ts'
import { testsOf } from './reports.ts'
import { summaryOf, tableOf } from './table.ts'

const RULES = `# The rules

Text about \`it('[COL-4] …')\`.

## Not built yet

| rule           | what is missing |
| -------------- | --------------- |
| CNV-2          | the batch       |
| COL-1 to COL-3 | all             |

## 3. Conversation life

- **CNV-1** 待處理 → 跟進 (take) _(ours)_.
- **CNV-2** Transfer **移轉** by a cs_agent.
- **COL-1** One.
- **COL-2** Two.
- **COL-3** Three.
`
const test = (title: string, status = 'passed', file = 'a.test.ts'): Test => ({ title, file, status })
const enough = [test('[CNV-1] one'), test('[CNV-2] two')]
const problemsOf = (tests: readonly Test[], text = RULES) => pairRules(text, tests).problems

it('a rule is proven, proven in part, not built or without proof', () => {
  const tests = [test('[CNV-1] [CNV-2] a'), test('group [CNV-1] › b [CNV-1]', 'passed', 'b.test.ts'), test('no id')]
  const { ok, counts, rules, problems } = pairRules(RULES, tests)
  expect(rules.map(({ id, state, tests: passed }) => [id, state, passed.length])).toEqual([
    ['CNV-1', 'proven', 2],
    ['CNV-2', 'partly', 1],
    ['COL-1', 'not-built', 0],
    ['COL-2', 'not-built', 0],
    ['COL-3', 'not-built', 0],
  ])
  expect([ok, problems, counts]).toEqual([true, [], { proven: 1, partly: 1, 'not-built': 3, unproven: 0 }])
  expect(problemsOf([])).toEqual(['CNV-1 has no test that passed.', 'CNV-2 has no test that passed.'])
})

it('one title may name several, in one pair of brackets too', () => {
  expect(pairRules(RULES, [test('[CNV-1, CNV-2] both')]).ok).toBe(true)
})

it('a title that names no rule is wrong, also when the id is only written wrongly', () => {
  const titles = ['[CNV-9] x', '[cnv-1] x', '[CNV 1] x', '[CNV1] x', '[CNV-1 CNV-2] x']
  expect(problemsOf([...enough, ...titles.map((title) => test(title))])).toEqual(
    ['CNV-9', 'cnv-1', 'CNV 1', 'CNV1', 'CNV-1 CNV-2'].map(
      (id, n) => `“${titles[n]}” (a.test.ts) names ${id}, which is no rule.`,
    ),
  )
  expect(problemsOf([...enough, test('Host [::1]:80 gives 403'), test('[object Object]')])).toEqual([])
})

it('a test of a rule that failed or did not run is wrong and proves nothing, whatever else proves the rule', () => {
  const more = [
    test('[CNV-1] x', 'failed'),
    test('[COL-1] x', 'skipped'),
    test('[CNV-1] x', 'todo'),
    test('x', 'failed'),
  ]
  expect(problemsOf([...enough, ...more])).toEqual([
    '“[CNV-1] x” (a.test.ts) names a rule, but failed.',
    '“[COL-1] x” (a.test.ts) names a rule, but did not run.',
    '“[CNV-1] x” (a.test.ts) names a rule, but did not run.',
  ])
  expect(problemsOf([test('[CNV-1] x', 'failed'), test('[CNV-2] x')])).toContain('CNV-1 has no test that passed.')
})

it('what is listed as not built at all has no test, and is listed once and as the rule it is', () => {
  expect(problemsOf([...enough, test('[COL-2] x')])).toEqual([
    'COL-2 is listed as not built at all, but a test of it passed: [COL-2] x',
  ])
  expect(problemsOf(enough, RULES.replace('COL-1 to COL-3', 'COL-1 to COL-4'))).toEqual([
    'COL-4 is listed as not built yet, but is no rule.',
  ])
  expect(problemsOf(enough, RULES.replace('COL-1 to COL-3', 'COL-1, COL-1 to COL-3'))).toEqual([
    'COL-1 is listed twice as not built yet.',
  ])
})

it('a text that cannot be read as meant says so', () => {
  const [first] = problemsOf(enough, RULES.replace('COL-1 to COL-3', 'COL-1 to 3    '))
  expect(first).toBe('This line of “Not built yet” cannot be read: | COL-1 to 3     | all             |')
  expect(problemsOf(enough, RULES.replace('the batch', '         '))[0]).toContain('cannot be read: | CNV-2')
  expect(problemsOf(enough, RULES.replace('## Not built', '## Built'))[0]).toBe('There is no part “Not built yet”.')
  expect(problemsOf(enough, RULES.replace('**COL-3**', '**COL-2**'))).toContain('COL-2 is there twice.')
})

it('reads what vitest reports; a file that could not be loaded may have had any test', () => {
  const result = (file: string, status: string, ...assertionResults: object[]) => ({
    name: `/place/${file}`,
    status,
    assertionResults,
  })
  const passed = { ancestorTitles: ['group', '[CNV-1] inner'], title: 'x', status: 'passed' }
  const testResults = [result('in/a.test.ts', 'passed', passed), result('b.test.ts', 'failed')]
  expect(testsOf({ testResults }, '/place')).toEqual({
    tests: [{ title: 'group › [CNV-1] inner › x', file: 'in/a.test.ts', status: 'passed' }],
    trouble: ['b.test.ts could not be loaded.'],
  })
  expect(pairRules(RULES, enough, ['b.test.ts could not be loaded.'])).toMatchObject({ ok: false })
})

it('is shown as a line for each rule, in columns, and one for all', () => {
  const pairing = pairRules(RULES, [...enough, test('[CNV-1] x'), test('[CNV-1] y', 'passed', 'b.test.ts')])
  expect(tableOf(pairing).split('\n').slice(0, 3)).toEqual([
    'CNV-1   proven        3  待處理 → 跟進 (take) (ours).                   a.test.ts and 1 more',
    'CNV-2   partly        1  Transfer 移轉 by a cs_agent.                   a.test.ts; missing: the batch',
    'COL-1   not built        One.',
  ])
  expect(summaryOf(pairing)).toBe('Rules: 1 proven, 1 in part, 3 not built, 0 without proof; no problem')
})
