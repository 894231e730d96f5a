import { describe, expect, it } from 'vitest'
import { INSTEAD, REFUSALS, refuse } from '../../backend/domain/refusal.ts'
import type { Refusal, RefusalCode } from '../../backend/domain/refusal.ts'
import { ROLES } from '../../backend/domain/rows.ts'
import { i18n, setLocale, t, texts } from './index.ts'
import { LOCALES } from './locales.ts'
import { refusalSentence, refusalText } from './refusal.ts'

function leaves(value: unknown, path = ''): Map<string, string> {
  if (typeof value === 'string') return new Map([[path, value]])
  if (typeof value !== 'object' || value === null) throw new Error(`${path} is neither a text nor a group of texts`)
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [...leaves(inner, path === '' ? key : `${path}.${key}`)]),
  )
}

function parameters(text: string): string[] {
  return [...new Set([...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''))].toSorted()
}

const chinese = leaves(texts['zh-Hant-TW'])
const english = leaves(texts.en)
const codes = Object.keys(REFUSALS) as RefusalCode[]

describe('texts', () => {
  it('has the same keys in every language', () => {
    expect([...english.keys()].toSorted()).toEqual([...chinese.keys()].toSorted())
  })

  it('uses the same parameters in every language', () => {
    for (const [key, text] of chinese)
      expect([key, parameters(english.get(key) ?? '')]).toEqual([key, parameters(text)])
  })

  it('has no empty text', () => {
    const all = [...chinese, ...english]
    expect(all.filter(([, text]) => text.trim() === '')).toEqual([])
  })

  it('can be composed in every language', () => {
    for (const locale of LOCALES) {
      i18n.global.locale.value = locale
      for (const [key, text] of leaves(texts[locale])) {
        const params = Object.fromEntries(parameters(text).map((name) => [name, `<${name}>`]))
        expect([key, i18n.global.t(key, params)]).toEqual([key, expect.not.stringMatching(/\{\w+\}/)])
      }
    }
  })

  it('puts a space between Chinese and Latin letters or figures', () => {
    // What stands in a parameter's place may be either, so those are left out.
    const written = [...chinese].map(([key, text]) => [key, text.replaceAll(/\{\w+\}/g, ' ')] as const)
    const crowded = written.filter(([, text]) => /\p{Script=Han}[A-Za-z0-9]|[A-Za-z0-9]\p{Script=Han}/u.test(text))
    expect(crowded).toEqual([])
  })
})

describe('[ROL-4] refusals', () => {
  const values: Record<string, string | number> = {
    max: 26_214_400,
    seconds: 30,
    length: 6_000,
    expected: 7,
  }

  /** Given word for word by the rules, without a name. */
  const GIVEN: readonly RefusalCode[] = ['collaboration.onlyFollowerCloses']

  it.each(LOCALES)('words every code, with every parameter, in %s', (locale) => {
    setLocale(locale)
    for (const code of codes) {
      const names: readonly string[] = REFUSALS[code]
      const params = Object.fromEntries(names.map((name) => [name, values[name] ?? `the ${name}`]))
      const { what } = refusalText({ code, params, whoCould: null, instead: 'none' })
      expect([code, what]).toEqual([code, expect.not.stringMatching(/refusals\.|[{}]/)])
      const inBytes = ['attachment.tooLarge', 'attachment.quota', 'request.tooLarge'].includes(code)
      if (GIVEN.includes(code)) continue
      for (const name of names) expect(what).toContain(inBytes && name === 'max' ? '25 MB' : String(params[name]))
    }
  })

  it.each(LOCALES)('says what to do instead and who could, in %s', (locale) => {
    setLocale(locale)
    for (const instead of INSTEAD.filter((one) => one !== 'none')) {
      const text = refusalText({ code: 'member.mayNot', params: {}, whoCould: [...ROLES], instead })
      expect(text.instead).toEqual(expect.not.stringContaining('refusals.'))
      for (const role of ROLES) expect(text.who).toContain(t(`common.role.${role}`))
    }
  })

  it('says it in one piece', () => {
    setLocale('zh-Hant-TW')
    const refusal = {
      code: 'conversation.takenBy',
      params: { follower: '陳志明' },
      whoCould: null,
      instead: 'ask-follower',
    } as const
    expect(refusalSentence(refusal)).toBe('陳志明 已經在跟進這則對話。可以請跟進者處理。')
    setLocale('en')
    expect(refusalSentence(refusal)).toBe(
      '陳志明 is already following this conversation. You can ask the follower to do it.',
    )
  })

  it('[ROL-4] names people, never their ids', () => {
    setLocale('zh-Hant-TW')
    const nameOf = (id: string) => (id === 'm1' ? '陳志明' : null)
    const refusal = (follower: string): Refusal => refuse('conversation.notFollower', { follower })
    expect(refusalSentence(refusal('m1'), nameOf)).toBe('只有跟進者 陳志明 可以這樣做。')
    expect(refusalSentence(refuse('transfer.already', { member: 'm1' }), nameOf)).toContain('陳志明')
    // Other parameters stay what they are, whatever they look like.
    expect(refusalText(refuse('attachment.empty', { name: 'm1' }), nameOf).what).toContain('m1')
  })

  it('[CNV-9] names kinds of channels as the reader knows them', () => {
    setLocale('zh-Hant-TW')
    const closed = refuse('window.closed', { channel: 'whatsapp' }, { instead: 'send-template' })
    expect(refusalSentence(closed)).toBe('客人太久沒有來訊，已超過 WhatsApp 可以自由回覆的時間。可以改用訊息範本。')
    expect(refusalText(refuse('channel.notBuilt', { channel: 'webchat' })).what).toContain('網站聊天')
  })

  it('[ROL-5] names modules of the plan as the reader knows them', () => {
    setLocale('zh-Hant-TW')
    const refusal = refuse('module.missing', { module: 'lineNotifications' })
    expect(refusalText(refusal).what).toBe('團隊的方案沒有包含「LINE 通知型訊息」。')
  })

  it('[REP-1] calls a variable by its label', () => {
    setLocale('zh-Hant-TW')
    const missing = refuse('reply.noValue', { variable: 'customer.phone' }, { instead: 'apply' })
    expect(refusalText(missing).what).toBe('變數「客人電話」在這則對話裡沒有內容。')
    setLocale('en')
    expect(refusalText(missing).what).toContain('Customer’s phone')
  })

  it('does not say twice that one has to wait', () => {
    expect(refusalText({ code: 'signIn.wrong', params: {}, whoCould: null, instead: 'none' }).instead).toBeNull()
    expect(
      refusalText({ code: 'signIn.slowed', params: { seconds: 30 }, whoCould: null, instead: 'wait' }).instead,
    ).toBeNull()
  })
})
