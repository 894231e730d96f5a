import { enableAutoUnmount, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { Channel } from '../../../backend/domain/rows.ts'
import { TeamId } from '../../../backend/domain/ids.ts'
import { newTeam } from '../../../backend/domain/team/team.ts'
import type { Contact, Conversation } from '../../../backend/domain/rows.ts'
import { i18n, setLocale } from '../../i18n/index.ts'
import { useReference } from '../../session/reference.ts'
import { useSession } from '../../session/session.ts'
import { sampleContact, sampleConversation, sampleMember } from '../sample.ts'
import { EMPTY_DRAFT } from './draft-saver.ts'
import Composer from './Composer.vue'
import type { ConversationView } from '../../../backend/workstation/views.ts'

const HOUR = 3_600_000
const whatsapp = Channel.parse({
  id: sampleContact.channelId,
  kind: 'whatsapp',
  name: 'WhatsApp 海外客服',
  botOn: false,
  botKeywords: [],
  welcomeText: null,
  connected: true,
  problem: null,
})

// The window's one clock is started by the first that asks for the time.
beforeAll(() => {
  vi.useFakeTimers()
  // Nothing here needs an answer; drafts go on being saved while a test ends.
  vi.stubGlobal('fetch', () => new Promise(() => undefined))
})
afterAll(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})
beforeEach(() => setLocale('zh-Hant-TW'))
enableAutoUnmount(afterEach)
afterEach(() => {
  document.body.innerHTML = ''
})

type More = {
  clockAhead?: number
  channel?: Partial<Channel>
  conversation?: Partial<Conversation>
  contact?: Partial<Contact>
}
function composer({ clockAhead = 0, channel, conversation, contact }: More) {
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
    channels: [{ ...whatsapp, ...channel }],
    tags: [],
    templates: [],
    clockAhead,
  }
  const view: ConversationView = {
    id: sampleConversation.id,
    conversation: { ...sampleConversation, ...conversation },
    contact: { ...sampleContact, ...contact },
    unread: 0,
    pinned: false,
    draft: '',
    lastEvent: null,
    waiting: 0,
    refused: 0,
    mark: null,
    draftWhole: EMPTY_DRAFT,
    draftAttachments: [],
    viewers: [],
    customerTyping: false,
  }
  return mount(Composer, { props: { view }, global: { plugins: [i18n] }, attachTo: document.body })
}
const closingIn = (ms: number) => ({ conversation: { lastInboundAt: Date.now() - 24 * HOUR + ms } })

describe('the composer', () => {
  it('[CNV-9] tells the time left, and keeps what is typed when it runs out meanwhile', async () => {
    const shown = composer(closingIn(40_000))
    await shown.get('textarea').setValue('馬上寄出')
    expect(shown.get('.clock').text()).toContain('剩 1 分鐘以內可回覆')
    expect(shown.find('.cannot').exists()).toBe(false)
    vi.advanceTimersByTime(60_000)
    await nextTick()
    expect(shown.find('.clock').exists()).toBe(false)
    expect(shown.get('.cannot').text()).toContain('已超過 WhatsApp 可以自由回覆的時間')
    expect(shown.get('.cannot').text()).toContain('傳送訊息範本')
    expect(shown.get('textarea').element.value).toBe('馬上寄出')
    expect(shown.findAll('button').at(-1)?.attributes('aria-disabled')).toBe('true')
  })

  it('[CNV-9] counts by the clock of the hub, however wrong this one is', () => {
    const behind = { ...closingIn(3 * HOUR), clockAhead: 2 * HOUR }
    expect(composer(behind).get('.clock').text()).toContain('剩 1 小時 0 分可回覆')
    expect(
      composer({ ...behind, clockAhead: 4 * HOUR })
        .find('.cannot')
        .exists(),
    ).toBe(true)
  })

  it('[CNV-9] has a way on in a closed window only where the platform has one', () => {
    const longAgo = { conversation: { lastInboundAt: 0 } }
    expect(composer(longAgo).get('.cannot').text()).toContain('傳送訊息範本')
    const other = composer({ ...longAgo, channel: { kind: 'facebook' } })
    expect([other.find('textarea').exists(), other.text().includes('範本')]).toEqual([false, false])
  })

  it('says that nothing reaches who has blocked the account, or a group that it is out of', () => {
    const blocked = { channel: { kind: 'line' as const }, contact: { platformBlockedAt: 1 } }
    expect(composer(blocked).get('.cannot').text()).toContain('客人已封鎖這個帳號')
    const group = { ...blocked, contact: { ...blocked.contact, kind: 'group' as const } }
    expect(composer(group).get('.cannot').text()).toContain('官方帳號已不在這個群組')
  })

  it('has the longest text of its channel', async () => {
    const shown = composer({ ...closingIn(HOUR), channel: { kind: 'whatsapp' } })
    await shown.get('textarea').setValue('字'.repeat(4_097))
    expect(shown.get('[role="alert"]').text()).toBe('最多 4,096 字，還要刪去 1 字。文字都還在。')
  })

  it('says what is wrong with the channel, to those who reply', () => {
    const line = { kind: 'line', problem: { code: 'channel.quota', since: 1 } } as const
    expect(composer({ channel: line }).get('.problem').text()).toContain('額度或餘額已用完')
    expect(
      composer({ channel: { kind: 'line' } })
        .find('.problem')
        .exists(),
    ).toBe(false)
  })

  it('[REP-2] opens the saved replies with a slash in an empty reply, and Esc leaves the slash and gives the focus back', async () => {
    const shown = composer({ channel: { kind: 'line' } })
    const field = shown.get('textarea')
    field.element.focus()
    const type = async (value: string, isComposing = false): Promise<void> => {
      field.element.value = value
      field.element.dispatchEvent(new InputEvent('input', { data: '/', inputType: 'insertText', isComposing }))
      await nextTick()
    }
    const picker = () => shown.find('[role="dialog"]')
    await type('/', true)
    expect(picker().exists()).toBe(false)
    await type('')
    await type('1/')
    expect(picker().exists()).toBe(false)
    await type('')
    await type('/')
    expect(picker().exists()).toBe(true)
    await picker().trigger('keydown', { key: 'Escape' })
    await nextTick()
    await nextTick()
    expect([picker().exists(), field.element.value, document.activeElement]).toEqual([false, '/', field.element])
  })

  it('[REP-1] sends no text with something still to be filled in, and says what', async () => {
    const shown = composer({ channel: { kind: 'line' } })
    await shown.get('textarea').setValue('您的電話是{{customer.phone}}')
    expect(shown.get('.told').text()).toBe('還沒填寫：客人電話')
    expect(shown.findAll('button').at(-1)?.attributes('aria-disabled')).toBe('true')
    await shown.get('textarea').setValue('您的電話是 0912')
    expect(shown.find('.told').exists()).toBe(false)
  })
})
