import { describe, expect, it } from 'vitest'
import { isOwnPage } from './links.ts'
import { isOwnSender, requests } from './requests.ts'

describe('what the page may ask of the shell', () => {
  it('is taken in its own form only', () => {
    const notice = { title: '王小明', body: '請問還有貨嗎？', conversationId: 'c1', silent: false }
    const fits = [
      requests.info.safeParse(null),
      requests.badge.safeParse(3),
      requests.notify.safeParse(notice),
      requests.openExternal.safeParse('https://example.com'),
      requests.language.safeParse('en'),
    ]
    expect(fits.map(({ success }) => success)).toEqual([true, true, true, true, true])
  })

  it('is refused in any other', () => {
    const wrong = [
      requests.info.safeParse({}),
      requests.badge.safeParse(-1),
      requests.badge.safeParse(Number.NaN),
      requests.badge.safeParse('3'),
      requests.notify.safeParse({ title: 'a', body: 'b', conversationId: '../x', silent: false }),
      requests.notify.safeParse({ title: 'a', body: 'b', conversationId: null, silent: false, icon: 'file:///x' }),
      requests.notify.safeParse({ title: 'a', body: 'b'.repeat(501), conversationId: null, silent: false }),
      requests.openExternal.safeParse(['https://example.com']),
      requests.language.safeParse('fr'),
    ]
    expect(wrong.map(({ success }) => success)).toEqual(wrong.map(() => false))
  })

  it('is heard from our own page only', () => {
    const own = { url: 'http://127.0.0.1:1/inbox', isMainFrame: true, isOurWindow: true }
    const ask = (change: Partial<typeof own>, origin: string | null = 'http://127.0.0.1:1') =>
      isOwnSender({ ...own, ...change }, origin, isOwnPage)
    expect([
      ask({}),
      ask({ url: 'http://127.0.0.1:2/' }),
      ask({ url: 'data:text/html,x' }),
      ask({ isMainFrame: false }),
      ask({ isOurWindow: false }),
      ask({}, null),
    ]).toEqual([true, false, false, false, false, false])
  })
})
