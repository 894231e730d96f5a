import { beforeEach, describe, expect, it } from 'vitest'
import { FAILURES } from '../../../backend/domain/channels/failures.ts'
import { AttachmentId, TemplateId } from '../../../backend/domain/ids.ts'
import { BODY_KINDS, MEDIA } from '../../../backend/domain/rows.ts'
import type { Body } from '../../../backend/domain/rows.ts'
import { setLocale, t } from '../../i18n/index.ts'
import { LOCALES } from '../../i18n/locales.ts'
import { bodyHeight } from './body-height.ts'
import { bodyWords } from './body-words.ts'

beforeEach(() => setLocale('zh-Hant-TW'))
const attachment = { attachmentId: AttachmentId.parse('a'), name: '報價單.pdf', mime: 'application/pdf', size: 3 }
const bodies: Exclude<Body, { kind: 'event' }>[] = [
  { kind: 'text', text: '您好' },
  { kind: 'image', ...attachment, mime: 'image/png', width: 640, height: 320 },
  { kind: 'file', ...attachment },
  { kind: 'media', media: 'audio', name: '', state: 'fetching' },
  { kind: 'media', media: 'video', name: '', state: 'lost' },
  { kind: 'sticker', label: '' },
  { kind: 'location', title: '', address: '台北市信義路五段 7 號', latitude: 25.03, longitude: 121.56 },
  {
    kind: 'template',
    templateId: TemplateId.parse('t'),
    name: 'pickup',
    language: 'zh_TW',
    text: '可以取貨了',
    values: {},
    media: null,
  },
  { kind: 'unsent' },
  { kind: 'other', what: 'poll' },
  { kind: 'note', text: '老客人' },
]

describe('what a message carries', () => {
  it('can be said in words, whatever it is', () => {
    expect(new Set([...bodies.map(({ kind }) => kind), 'event'])).toEqual(new Set(BODY_KINDS))
    expect(bodies.map(bodyWords)).toEqual([
      '您好',
      '圖片：報價單.pdf',
      '報價單.pdf',
      '語音下載中…',
      '無法從平台取得影片',
      '貼圖',
      '台北市信義路五段 7 號',
      '可以取貨了',
      '客人已收回訊息',
      '這類訊息（poll）只能在手機上查看',
      '老客人',
    ])
  })

  it('has a height before it is measured, the same while it is fetched and when it is lost', () => {
    for (const body of bodies) expect(bodyHeight(body)).toBeGreaterThanOrEqual(32)
    for (const media of MEDIA) {
      const [fetching, lost] = (['fetching', 'lost'] as const).map((state) =>
        bodyHeight({ kind: 'media', media, name: '', state }),
      )
      expect(fetching).toBe(lost)
    }
    expect(bodyHeight({ kind: 'text', text: '一\n二\n三' })).toBeGreaterThan(bodyHeight({ kind: 'text', text: '一' }))
  })
})

describe('[CNV-10] failures', () => {
  it.each(LOCALES)('have a text of their own each, in %s', (locale) => {
    setLocale(locale)
    const words = FAILURES.map((code) => t(`inbox.thread.failure.${code}`))
    expect(words.filter((word) => word.includes('failure.'))).toEqual([])
    expect(new Set(words).size).toBe(FAILURES.length)
  })
})
