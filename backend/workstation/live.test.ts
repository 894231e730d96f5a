import { expect, it } from 'vitest'
import { ConversationId } from '../domain/ids.ts'
import { keyOf } from './live.ts'
import type { LiveEvent } from './views.ts'

it('of what is stale only the last word waits for a window, while each notice is told', () => {
  const [one, two] = ['one', 'two'].map((id) => ConversationId.parse(id)) as [ConversationId, ConversationId]
  const asked = { kind: 'asked', conversationId: one, contactName: '', by: 'wang' } as const
  const events = [
    { type: 'lists' },
    { type: 'lists' },
    { type: 'conversation', conversationId: one },
    { type: 'conversation', conversationId: one },
    { type: 'conversation', conversationId: two },
    { type: 'gone', conversationId: one },
    { type: 'notice', notice: { ...asked, id: '1' } },
    { type: 'notice', notice: { ...asked, id: '2' } },
  ] as LiveEvent[]
  expect(new Set(events.map(keyOf)).size).toBe(6)
})
