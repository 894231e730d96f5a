import { expect, it } from 'vitest'
import { ConversationId, MessageId } from '../../domain/ids.ts'
import { FRAME_MAX, HubFrame } from '../../sync/protocol.ts'
import { patchFrames, rowTextOf } from './row-text.ts'

const NOTHING = { version: 7, epoch: 'first', lastClientSeq: 3, results: [], evicts: [], removes: [], puts: [] }

it('an empty patch is one frame', () => {
  expect(patchFrames(NOTHING, 4).map((text) => HubFrame.parse(JSON.parse(text)))).toEqual([
    { type: 'patch', n: 4, more: false, ...NOTHING },
  ])
})

it('a large patch is cut into frames within the limit, and nothing of it is lost or out of order', () => {
  const messages = Array.from({ length: 400 }, (_, index) => ({
    id: MessageId.parse(`m${index}`),
    conversationId: ConversationId.parse('chat'),
    ordinal: index + 1,
    author: { type: 'customer', from: null } as const,
    body: { kind: 'text', text: '字"\\\u0001😀'.repeat(250) } as const,
    delivery: null,
    at: 1,
  }))
  const evicts = Array.from({ length: 9_000 }, (_, index) => ConversationId.parse(`conversation-number-${index}`))
  const texts = patchFrames({ ...NOTHING, evicts, puts: messages.map((message) => rowTextOf('message', message)) }, 1)
  const frames = texts.map((text) => HubFrame.parse(JSON.parse(text)))
  const parts = frames.flatMap((frame) => (frame.type === 'patch' ? [frame] : []))
  expect(texts.length).toBeGreaterThan(4)
  expect(Math.max(...texts.map((text) => Buffer.byteLength(text)))).toBeLessThanOrEqual(FRAME_MAX)
  expect(parts.map(({ n }) => n)).toEqual(parts.map((_, index) => index + 1))
  expect(parts.map(({ more }) => more)).toEqual(parts.map((_, index) => index < parts.length - 1))
  expect(parts.flatMap((part) => part.evicts)).toEqual(evicts)
  expect(parts.flatMap((part) => part.puts.map(([, row]) => row))).toEqual(messages)
})
