import { enableAutoUnmount, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { MessageId } from '../../../backend/domain/ids.ts'
import type { Body, Message } from '../../../backend/domain/rows.ts'
import { i18n, setLocale } from '../../i18n/index.ts'
import { sampleContact, sampleConversation, sampleMember } from '../sample.ts'
import MessageBubble from './MessageBubble.vue'
import type { MessageItem } from './items.ts'

beforeEach(() => {
  setLocale('zh-Hant-TW')
  setActivePinia(createPinia())
})
enableAutoUnmount(afterEach)

const group = { ...sampleContact, kind: 'group' as const, name: '團購群', people: [{ externalId: 'U1', name: '阿芳' }] }
const text: Body = { kind: 'text', text: '我要 3 盒' }
function bubble(
  message: Partial<Message>,
  more: { first?: boolean; contact?: typeof group | typeof sampleContact } = {},
) {
  const item: MessageItem = {
    type: 'message',
    key: 'm1',
    message: {
      id: MessageId.parse('m1'),
      conversationId: sampleConversation.id,
      ordinal: 1,
      author: { type: 'customer', from: null },
      body: text,
      delivery: null,
      at: 0,
      waiting: false,
      ...message,
    },
    first: more.first ?? true,
    last: true,
    tellsState: false,
  }
  return mount(MessageBubble, {
    props: { item, contact: more.contact ?? sampleContact, lit: false },
    global: { plugins: [i18n] },
  })
}
const mine = { type: 'member', memberId: sampleMember.id } as const

describe('a bubble', () => {
  it('has the name of who wrote it over the first of their run, in a group alone', () => {
    const by = { author: { type: 'customer', from: 'U1' } } as const
    expect(bubble(by, { contact: group }).get('.author').text()).toBe('阿芳')
    expect(bubble(by, { contact: group, first: false }).find('.author').exists()).toBe(false)
    const unknown = { author: { type: 'customer', from: 'U2' } } as const
    expect(bubble(unknown, { contact: group }).get('.author').text()).toBe('群組成員')
    expect(bubble({}).find('.author').exists()).toBe(false)
  })

  it('loads nothing of a sticker, a place or what is still fetched', () => {
    const bodies: Body[] = [
      { kind: 'sticker', label: '謝謝' },
      { kind: 'location', title: '台北 101', address: '', latitude: 25.033964, longitude: 121.564468 },
      { kind: 'media', media: 'image', name: '', state: 'fetching' },
    ]
    const shown = bodies.map((body) => bubble({ body }))
    expect(shown.map((one) => one.findAll('img, iframe, a, audio, video').length)).toEqual([0, 0, 0])
    expect(shown.map((one) => one.get('.bubble').text().replaceAll(/\s+/g, ' '))).toEqual([
      '貼圖謝謝',
      '台北 10125.03396, 121.56447',
      '圖片下載中…',
    ])
  })

  it('[CNV-10] says why it failed, with the platform’s own code, and offers to send it again', async () => {
    const delivery = { state: 'failed', code: 'channel.uncertain', platformCode: '131000' } as const
    const shown = bubble({ author: mine, delivery })
    expect(shown.get('.failure').text()).toMatch(/客人可能已經收到.*（131000）.*重新傳送/s)
    await shown.get('.failure button').trigger('click')
    expect(shown.emitted('resend')).toHaveLength(1)
  })

  it('gives way to a line in the words of the platform where something happened', () => {
    const happened = (type: 'followed' | 'unfollowed' | 'joinedGroup' | 'leftGroup') =>
      bubble({ author: { type: 'system' }, body: { kind: 'event', event: { type } } })
        .get('bdi')
        .text()
    expect([happened('followed'), happened('unfollowed'), happened('joinedGroup'), happened('leftGroup')]).toEqual([
      '王小明加入了好友。',
      '王小明封鎖了官方帳號。',
      '官方帳號加入了群組「王小明」。',
      '官方帳號已離開群組「王小明」。',
    ])
  })
})
