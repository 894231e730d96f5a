import { enableAutoUnmount, flushPromises, mount } from '@vue/test-utils'
import { Hono } from 'hono'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { AttachmentId, MemberId, ReplyId, TeamId } from '../../backend/domain/ids.ts'
import { Channel } from '../../backend/domain/rows.ts'
import type { Conversation, Reply, ReplyMessage } from '../../backend/domain/rows.ts'
import { newTeam } from '../../backend/domain/team/team.ts'
import type { ConversationView, ReplyUsed } from '../../backend/workstation/views.ts'
import { i18n, setLocale } from '../i18n/index.ts'
import { EMPTY_DRAFT } from '../inbox/composer/draft-saver.ts'
import { sampleContact, sampleConversation, sampleMember } from '../inbox/sample.ts'
import { useReference } from '../session/reference.ts'
import { useSession } from '../session/session.ts'
import { useReplies } from './replies.ts'
import ReplyPicker from './ReplyPicker.vue'

const line = Channel.parse({
  id: sampleContact.channelId,
  kind: 'line',
  name: '好日子 LINE',
  botOn: false,
  botKeywords: [],
  welcomeText: null,
  connected: true,
  problem: null,
})
const text = (words: string): ReplyMessage => ({ kind: 'text', text: words })
const file: ReplyMessage = {
  kind: 'file',
  attachmentId: AttachmentId.parse('a'),
  name: '型錄.pdf',
  mime: 'application/pdf',
  size: 10,
}
function reply(id: string, name: string, ...messages: ReplyMessage[]): Reply {
  const owner = { visibility: { to: 'all' } as const, ownerId: MemberId.parse('boss') }
  return { id: ReplyId.parse(id), folderId: null, name, messages, ...owner, updatedAt: 1 }
}
const hello = reply('hello', 'A 招呼', text('{{customer.name}}您好'), text('請稍候'))
const phone = reply('phone', 'B 電話', text('您的電話是{{customer.phone}}嗎'))
const catalogue = reply('catalogue', 'C 型錄', file)

const Asked = z.object({ conversationId: z.string(), mode: z.enum(['apply', 'send']) })
let asked: [string, string][]
beforeEach(() => {
  setLocale('zh-Hant-TW')
  asked = []
  const app = new Hono().post('/api/replies/:id/use', async (c) => {
    const { mode } = Asked.parse(await c.req.json())
    asked.push([c.req.param('id'), mode])
    const used: ReplyUsed =
      mode === 'apply'
        ? { mode, text: '您好', attachments: [], missing: [] }
        : { mode, departing: { id: 'd', messages: [], leavesAt: 1 } }
    return c.json(used)
  })
  vi.stubGlobal('fetch', (input: string, init?: RequestInit) => app.request(new URL(input).pathname, init))
})
enableAutoUnmount(afterEach)
afterEach(() => {
  vi.unstubAllGlobals()
  document.body.innerHTML = ''
})

function open(replies: Reply[], conversation: Partial<Conversation> = {}, channel: Partial<Channel> = {}) {
  setActivePinia(createPinia())
  useSession().state = {
    hub: 'http://hub',
    session: { state: 'open', clientId: 'w1', member: sampleMember },
    connection: { state: 'online', lastSyncAt: 0 },
    knownMembers: [],
    storeNotice: null,
  }
  useReference().reference = {
    team: newTeam({ id: TeamId.parse('team'), name: '隊' }),
    stores: [],
    members: [sampleMember],
    channels: [line],
    tags: [],
    templates: [],
    clockAhead: 0,
  }
  useReplies().saved = { folders: [], replies }
  const view: ConversationView = {
    id: sampleConversation.id,
    conversation: { ...sampleConversation, ...conversation },
    contact: sampleContact,
    unread: 0,
    pinned: false,
    lastEvent: null,
    draft: '',
    waiting: 0,
    refused: 0,
    mark: null,
    draftWhole: EMPTY_DRAFT,
    draftAttachments: [],
    viewers: [],
    customerTyping: false,
  }
  const shown = mount(ReplyPicker, {
    props: { view, channel: { ...line, ...channel } },
    global: { plugins: [i18n] },
    attachTo: document.body,
  })
  const find = shown.get('[role="combobox"]')
  return {
    shown,
    find,
    chosen: () => shown.get('[aria-selected="true"] .name').text(),
    /** The buttons 發送 and 套用, and whether they can be used. */
    ways: () =>
      shown
        .findAll('.ways .app-button .words')
        .map((words) => words.element.closest('button')?.getAttribute('aria-disabled') !== 'true'),
    why: () => (shown.find('.why').exists() ? shown.get('.why').text() : null),
  }
}

describe('the picker of saved replies', () => {
  it('[REP-2] has the focus, finds as one types and is moved through with the arrows', async () => {
    const { find, chosen, shown } = open([catalogue, phone, hello])
    expect([document.activeElement, chosen()]).toEqual([find.element, 'A 招呼'])
    await find.trigger('keydown', { key: 'ArrowDown' })
    expect(chosen()).toBe('B 電話')
    await find.setValue('型錄')
    expect(chosen()).toBe('C 型錄')
    await find.setValue('沒有這個')
    expect(shown.text()).toContain('找不到符合的預存回覆')
    expect(asked).toEqual([])
  })

  it('[REP-3] Enter puts it in the composer, Ctrl-Enter sends it', async () => {
    const { find, shown } = open([hello])
    await find.trigger('keydown', { key: 'Enter' })
    await flushPromises()
    await find.trigger('keydown', { key: 'Enter', ctrlKey: true })
    await flushPromises()
    expect(asked).toEqual([
      ['hello', 'apply'],
      ['hello', 'send'],
    ])
    expect([shown.emitted('applied'), shown.emitted('sent')]).toMatchObject([[[{ text: '您好' }]], [[]]])
  })

  it('does nothing on keys of an input method', async () => {
    const { find, shown, chosen } = open([hello, phone])
    for (const key of ['Enter', 'ArrowDown', 'Escape']) {
      await find.trigger('keydown', { key, isComposing: true })
      await find.trigger('keydown', { key, keyCode: 229 })
    }
    await flushPromises()
    expect([asked, chosen(), shown.emitted('close')]).toEqual([[], 'A 招呼', undefined])
  })

  it('Esc closes, and is no key of the inbox', async () => {
    const { find, shown } = open([hello])
    const heard = vi.fn<() => void>()
    document.addEventListener('keydown', heard)
    await find.trigger('keydown', { key: 'Escape' })
    document.removeEventListener('keydown', heard)
    expect([shown.emitted('close'), heard.mock.calls]).toEqual([[[]], []])
  })

  it('[REP-1] shows it as this customer reads it, and what is missing by its name', async () => {
    const { find, shown, ways, why } = open([hello, phone])
    expect(shown.findAll('.preview li').map((one) => one.text())).toEqual(['王小明您好', '請稍候'])
    await find.trigger('keydown', { key: 'ArrowDown' })
    expect(shown.get('.preview mark').text()).toBe('客人電話')
    expect([ways(), why()]).toEqual([[false, true], '沒有客人電話，套用後再填寫。'])
    await find.trigger('keydown', { key: 'Enter', ctrlKey: true })
    await flushPromises()
    expect(asked).toEqual([])
  })

  it('[REP-3] in a group only puts it in the composer, and says so', () => {
    const { ways, why } = open([hello], { kind: 'group' })
    expect([ways(), why()]).toEqual([[false, true], '群組對話不能直接發送預存回覆。可以先套用到輸入框，修改後再傳送。'])
  })

  it('[REP-4] offers neither where the channel takes no files, and says so', async () => {
    const { find, ways, why } = open([catalogue], {}, { kind: 'instagram' })
    expect(ways()).toEqual([false, false])
    expect(why()).toContain('目標渠道不支援發送含有檔案類型的預存回覆')
    await find.trigger('keydown', { key: 'Enter' })
    await flushPromises()
    expect(asked).toEqual([])
  })
})
