import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, describe, expect, it } from 'vitest'
import { KEYWORDS_MAX, KEYWORD_MAX } from '../../../backend/domain/channels/settings.ts'
import { FAILURES } from '../../../backend/domain/channels/failures.ts'
import { ChannelId, MemberId } from '../../../backend/domain/ids.ts'
import type { Channel, Member } from '../../../backend/domain/rows.ts'
import type { AppState, ChannelView, CheckStep } from '../../../backend/workstation/views.ts'
import { t } from '../../i18n/index.ts'
import { useSession } from '../../session/session.ts'
import { adviceKey, shownSteps } from './advice.ts'
import { stateOf } from './channel-state.ts'
import { chatSnippet } from './chat-snippet.ts'
import {
  accountOf,
  changedFields,
  isSameSettings,
  isUnsaved,
  isUntouched,
  missingFields,
  settingsOf,
  useChannelDrafts,
} from './drafts.ts'
import { CHECK_STEPS } from './kinds.ts'
import { hasSeveral, withKeywords } from './keywords.ts'

const channel: Channel = {
  id: ChannelId.parse('line-1'),
  kind: 'line',
  name: '信義店',
  botOn: false,
  botKeywords: [],
  welcomeText: null,
  connected: true,
  problem: null,
}
const settings = { channelId: '2001', loginChannelId: '' }
const kept = { settings, secrets: ['channelSecret', 'accessToken'], calledAt: null, templatesAt: null }
const view: ChannelView = { channel, account: kept, webhook: null, chat: null }
const fresh: ChannelView = { ...view, channel: { ...channel, kind: 'whatsapp', connected: false }, account: null }

describe('the state of a channel', () => {
  it('is connected, not connected, or a problem with its reason', () => {
    const problem = { code: 'channel.token', since: 1 } as const
    expect([
      stateOf(channel),
      stateOf({ connected: false, problem }),
      stateOf({ connected: true, problem }),
      stateOf({ connected: true, problem: { code: 'channel.media', since: 1 } }),
    ]).toEqual([
      { state: 'connected', reason: null },
      { state: 'unconnected', reason: null },
      { state: 'problem', reason: 'channels.problem.token' },
      { state: 'problem', reason: 'channels.problem.other' },
    ])
  })
})

describe('[CNV-4] keywords', () => {
  it('are added as they are typed, without blanks, each once whatever its capitals', () => {
    expect(withKeywords(['Menu'], '  營業時間 ')).toEqual({ keywords: ['Menu', '營業時間'], left: [] })
    expect(withKeywords(['Menu'], 'menu')).toEqual({ keywords: ['Menu'], left: [] })
    expect(withKeywords(['Menu'], ' ')).toEqual({ keywords: ['Menu'], left: [] })
  })

  it('are taken apart where several were pasted', () => {
    expect(withKeywords([], '地址、電話\n電話，停車;退貨')).toEqual({
      keywords: ['地址', '電話', '停車', '退貨'],
      left: [],
    })
    expect(['地址', '地址、電話', '地址\n電話'].map(hasSeveral)).toEqual([false, true, true])
  })

  it('that are too long or too many are given back instead of being lost', () => {
    const long = 'x'.repeat(KEYWORD_MAX + 1)
    expect(withKeywords([], `a,${long}`)).toEqual({ keywords: ['a'], left: [long] })
    const full = Array.from({ length: KEYWORDS_MAX }, (_, n) => `k${n}`)
    expect(withKeywords(full, 'one more')).toEqual({ keywords: full, left: ['one more'] })
  })
})

describe('the account’s form', () => {
  it('begins with what is kept and what is usual, and never with a secret', () => {
    expect(accountOf(view)).toEqual({
      channelId: '2001',
      channelSecret: '',
      accessToken: '',
      loginChannelId: '',
      loginChannelSecret: '',
    })
    expect(accountOf(fresh)).toEqual({
      phoneNumberId: '',
      businessAccountId: '',
      appSecret: '',
      accessToken: '',
      graphVersion: 'v23.0',
    })
  })

  it('sends only what was changed, so that a secret that was left alone stays', () => {
    const typed = { ...accountOf(view), accessToken: ' new ', loginChannelId: '2009' }
    expect(changedFields(view, typed)).toEqual({ accessToken: 'new', loginChannelId: '2009' })
    expect(changedFields(view, { ...accountOf(view), channelId: '' })).toEqual({ channelId: '' })
    const whole = { ...accountOf(fresh), phoneNumberId: '1', businessAccountId: '2', appSecret: 'a', accessToken: 'b' }
    expect(changedFields(fresh, whole)).toEqual(whole)
  })

  it('wants every field but the optional ones and secrets that are kept', () => {
    expect(missingFields(view, accountOf(view))).toEqual([])
    expect(missingFields({ ...view, account: null }, { channelId: ' ' })).toEqual([
      'channelId',
      'channelSecret',
      'accessToken',
    ])
    expect(missingFields(fresh, accountOf(fresh))).toEqual([
      'phoneNumberId',
      'businessAccountId',
      'appSecret',
      'accessToken',
    ])
  })

  it('is untouched until something else is typed', () => {
    expect(isUntouched(view, { ...accountOf(view), channelId: '2001 ' })).toBe(true)
    expect(isUntouched(view, { ...accountOf(view), channelSecret: 'x' })).toBe(false)
  })
})

describe('what is not saved', () => {
  const member: Member = {
    id: MemberId.parse('mei'),
    name: '林小美',
    email: 'mei@example.test',
    phone: null,
    role: 'admin',
    storeIds: [],
    active: true,
  }
  const state = (session: AppState['session']): AppState => ({
    hub: '',
    session,
    connection: { state: 'offline', since: null, lastSyncAt: null, reason: null },
    knownMembers: [],
    storeNotice: null,
  })
  const open = (who: Member) => state({ state: 'open', member: who, clientId: 'c' })

  beforeEach(() => setActivePinia(createPinia()))

  it('is what differs from what is kept', () => {
    const drafted = (change: object) => ({ settings: { ...settingsOf(channel), ...change }, account: null })
    expect(isUnsaved({ settings: null, account: null }, view)).toBe(false)
    expect(isUnsaved(drafted({ welcomeText: '' }), view)).toBe(false)
    expect(isUnsaved(drafted({ name: '站前店' }), view)).toBe(true)
    expect(isUnsaved({ settings: null, account: { ...accountOf(view), accessToken: 'x' } }, view)).toBe(true)
    expect(isSameSettings(settingsOf(channel), { ...settingsOf(channel), botKeywords: ['a'] })).toBe(false)
  })

  it('[SHF-2] is there after a lock for the same member, and gone for the next', () => {
    const session = useSession()
    session.state = open(member)
    const drafts = useChannelDrafts()
    const typed = { ...accountOf(view), accessToken: 'x' }
    drafts.keep('line-1', { account: typed })
    const { id, name, email } = member
    session.state = state({ state: 'locked', member: { id, name, email } })
    session.state = open(member)
    expect(drafts.of('line-1').account).toEqual(typed)
    session.state = open({ ...member, id: MemberId.parse('wang') })
    expect(drafts.of('line-1')).toEqual({ settings: null, account: null })

    drafts.keep('line-1', { account: typed })
    session.state = state({ state: 'signed-out' })
    expect(drafts.of('line-1').account).toBeNull()
  })
})

describe('a check', () => {
  const step = (name: CheckStep['step'], code: CheckStep['code'], ok = false): CheckStep => ({
    step: name,
    ok,
    code,
    detail: '',
  })

  it('says what to do about every step that can fail, by its code or by the step', () => {
    for (const kind of ['line', 'whatsapp'] as const) {
      for (const name of ['token', 'webhook', 'subscription', 'quota'] as const) {
        for (const code of [null, ...FAILURES]) {
          const key = adviceKey(kind, step(name, code))
          expect([kind, name, code, key && t(key)]).toEqual([
            kind,
            name,
            code,
            expect.not.stringMatching(/^channels\./),
          ])
        }
      }
    }
    expect(adviceKey('line', step('webhook', null, true))).toBeNull()
    expect(adviceKey('line', step('webhook', null))).toBe('channels.check.advice.line.webhook')
    expect(adviceKey('line', step('webhook', 'channel.token'))).toBe('channels.check.advice.line.token')
    expect(adviceKey('whatsapp', step('subscription', 'channel.unconnected'))).toBe(
      'channels.check.advice.whatsapp.subscription',
    )
  })

  it('shows the steps that a failed one kept from being made, and no more', () => {
    const made = [step('token', null, true), step('webhook', null)]
    expect(shownSteps('line', made).map((one) => [one.step, one.made?.ok ?? null])).toEqual([
      ['token', true],
      ['webhook', false],
      ['subscription', null],
      ['quota', null],
    ])
    const all = CHECK_STEPS.line.map((name) => step(name, null, true))
    expect(shownSteps('line', all)).toHaveLength(4)
    expect(shownSteps('whatsapp', [step('token', null, true), step('subscription', null, true)])).toHaveLength(2)
  })
})

it('the web chat’s snippet is one element whose address stays one attribute', () => {
  expect(chatSnippet('https://hub.example/chat/c/embed.js')).toBe(
    '<script src="https://hub.example/chat/c/embed.js" async></script>',
  )
  expect(chatSnippet('https://hub.example/?a="b&c')).toContain('src="https://hub.example/?a=&quot;b&amp;c"')
})
