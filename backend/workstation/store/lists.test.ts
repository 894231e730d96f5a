/** How lists are read: whatever narrows them, no row of a conversation is read to count it or to find its page. */
import { expect, it, onTestFinished } from 'vitest'
import { ListQuery } from '../views.ts'
import type { Param, Reader } from './connection.ts'
import { Connection } from './connection.ts'
import { conversations } from './lists.ts'
import { CHANNEL, KEY, QUIET, STORE, VIP, conversationRows, filledStore } from './sample.ts'

it.each([
  ['nothing', {}],
  ['a channel', { channelId: CHANNEL }],
  ['a tag', { tagId: VIP }],
  ['a store', { storeId: STORE }],
  ['what is unread', { unread: 'true' }],
  ['days', { from: '1', to: '2' }],
  ['all of them', { channelId: CHANNEL, tagId: VIP, storeId: STORE, unread: 'true', from: '1' }],
])('a list narrowed by %s is counted and paged from indexes alone', (_, filters) => {
  const { path } = filledStore(onTestFinished, [conversationRows(1)])
  const connection = new Connection(path, KEY, QUIET, { readonly: true })
  onTestFinished(() => connection.close())
  const plans: string[] = []
  const watched: Reader = {
    get: (sql, ...params) => (explain(sql, params), connection.get(sql, ...params)),
    all: (sql, ...params) => (explain(sql, params), connection.all(sql, ...params)),
  }
  function explain(sql: string, params: Param[]): void {
    if (!/LIMIT \? OFFSET|count\(\*\) AS total/.test(sql)) return
    const steps = connection.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...params)
    plans.push(...steps.map(({ detail }) => detail))
  }
  conversations(watched, ListQuery.parse({ list: 'pending_person', ...filters }))
  const reads = plans.filter((step) => /^(SEARCH|SCAN) conversation\b/.test(step))
  expect(reads.length).toBeGreaterThan(0)
  expect(reads.filter((step) => !step.includes('USING COVERING INDEX'))).toEqual([])
  expect(plans.filter((step) => step.includes('TEMP B-TREE FOR ORDER BY'))).toEqual([])
})
