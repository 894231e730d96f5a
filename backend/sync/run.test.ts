import { expect, it } from 'vitest'
import { MarkId, MemberId, ConversationId } from '../domain/ids.ts'
import type { Mark } from '../domain/rows.ts'
import { get, list, put, reject, remove } from '../domain/rule.ts'
import type { Rule } from '../domain/rule.ts'
import { refuse } from '../domain/refusal.ts'
import { PlainStore } from './plain-store.ts'
import { collect } from './run.ts'
import type { Outcome } from './run.ts'

const lin = ConversationId.parse('lin')
const wang = ConversationId.parse('wang')

function mark(id: string, conversationId: ConversationId, readInbound = 0): Mark {
  return { id: MarkId.parse(id), memberId: MemberId.parse('me'), conversationId, readInbound, pinnedAt: null }
}

/** Runs a rule over a store that has the marks a (of lin) and b (of wang). */
function run(rule: () => Rule): { outcome: Outcome; store: PlainStore } {
  const store = new PlainStore()
  store.put('mark', mark('a', lin))
  store.put('mark', mark('b', wang))
  const steps = collect(rule())
  let step = steps.next()
  while (!step.done) {
    const ask = step.value
    step = steps.next(ask.op === 'get' ? store.get(ask.table, ask.id) : store.list(ask.table, ask.index, ask.value))
  }
  return { outcome: step.value, store }
}

it('a rule reads what it wrote, by id and by list, and the store has not changed yet', () => {
  const seen: unknown[] = []
  const { store } = run(function* () {
    yield* put('mark', mark('c', lin))
    yield* put('mark', mark('b', lin, 7))
    yield* put('mark', mark('d', wang))
    yield* remove('mark', MarkId.parse('a'))
    seen.push((yield* get('mark', MarkId.parse('a'))) ?? null, (yield* get('mark', MarkId.parse('b')))?.readInbound)
    seen.push((yield* list('mark', 'conversationId', lin)).map(({ id }) => id))
    seen.push((yield* list('mark', 'conversationId', wang)).map(({ id }) => id))
  })
  expect(seen).toEqual([null, 7, ['b', 'c'], ['d']])
  expect(store.all('mark').map(({ id }) => id)).toEqual(['a', 'b'])
})

it('the outcome has each row once, as it was before and is after; what came and went is not in it', () => {
  const { outcome } = run(function* () {
    yield* put('mark', mark('a', lin, 1))
    yield* put('mark', mark('a', lin, 2))
    yield* put('mark', mark('c', lin))
    yield* remove('mark', MarkId.parse('c'))
    yield* remove('mark', MarkId.parse('b'))
  })
  expect(outcome).toEqual({
    ok: true,
    changes: [
      { table: 'mark', id: 'a', before: mark('a', lin), after: mark('a', lin, 2) },
      { table: 'mark', id: 'b', before: mark('b', wang), after: null },
    ],
    effects: [],
  })
})

it('nothing of a refused rule is kept, and it does not go on', () => {
  let wentOn = false
  const { outcome } = run(function* () {
    yield* put('mark', mark('a', lin, 1))
    yield* reject(refuse('conversation.pending', {}))
    wentOn = true
  })
  expect([outcome, wentOn]).toEqual([{ ok: false, refusal: refuse('conversation.pending', {}) }, false])
})
