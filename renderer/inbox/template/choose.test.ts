import { describe, expect, it } from 'vitest'
import { ChannelId, TemplateId } from '../../../backend/domain/ids.ts'
import type { Template } from '../../../backend/domain/rows.ts'
import { VALUE_MAX, fitsHeader, placeholdersOf } from '../../../backend/domain/templates/template.ts'
import { buttonPart, fieldProblem, templatesFor } from './choose.ts'

const channelId = ChannelId.parse('wa')
function template(
  name: string,
  more: Partial<Template> = {},
  components: Partial<Template['components']> = {},
): Template {
  return {
    id: TemplateId.parse(`${name}-${more.language ?? 'zh'}`),
    channelId,
    name,
    language: 'zh_TW',
    category: 'utility',
    approved: true,
    components: { header: null, body: '您的訂單 {{1}} 可以取貨了', footer: '', buttons: [], ...components },
    ...more,
  }
}
const names = (templates: Template[]) => templates.map(({ name, language }) => `${name} ${language}`)

describe('the templates that are offered', () => {
  const all = [
    template('sale', {}, { body: '週年慶全館 8 折' }),
    template('pickup', { language: 'zh_TW' }),
    template('pickup', { language: 'en_US' }, { body: 'Order {{1}} is ready' }),
    template('draft', { approved: false }),
    template('place', {}, { header: { kind: 'location' } }),
    template('elsewhere', { channelId: ChannelId.parse('other') }),
  ]

  it('are those of the channel that can be sent, by name', () => {
    expect(names(templatesFor(all, channelId, ''))).toEqual(['pickup en_US', 'pickup zh_TW', 'sale zh_TW'])
  })

  it('are found by every word of the name or the text, in any width or case', () => {
    expect(names(templatesFor(all, channelId, ' ＰＩＣＫ  ready '))).toEqual(['pickup en_US'])
    expect(names(templatesFor(all, channelId, '取貨'))).toEqual(['pickup zh_TW'])
    expect(templatesFor(all, channelId, '沒有的')).toEqual([])
  })
})

describe('[REP-5] what is filled in', () => {
  const asking = template(
    'asking',
    {},
    {
      header: { kind: 'media', media: 'image' },
      body: '{{1}}，{{name}} 到貨',
      buttons: [
        { kind: 'quickReply', text: '好' },
        { kind: 'url', text: '查看', url: 'https://shop.example/{{1}}' },
        { kind: 'copyCode', text: '折扣碼' },
      ],
    },
  )

  it('is judged by the rule, one value at a time', () => {
    expect(fieldProblem('林小姐')).toBeNull()
    expect(fieldProblem('  ')).toEqual({ type: 'empty' })
    expect(fieldProblem('a\nb')).toEqual({ type: 'form' })
    expect(fieldProblem('a     b')).toEqual({ type: 'form' })
    expect(fieldProblem('x'.repeat(VALUE_MAX + 3))).toEqual({
      type: 'tooLong',
      max: VALUE_MAX,
      over: 3,
    })
  })

  it('tells the end of an address from a code to copy', () => {
    const parts = placeholdersOf(asking).filter(({ at }) => at === 'button')
    expect(parts.map((part) => [part.key, buttonPart(asking, part)])).toEqual([
      ['button.1', 'link'],
      ['button.2', 'code'],
    ])
  })

  it('has a file of the kind that the header shows', () => {
    const mimes = ['image/png', 'video/mp4', 'application/pdf', 'audio/mpeg'] as const
    expect(
      (['image', 'video', 'document'] as const).map((media) => mimes.map((mime) => fitsHeader(media, mime))),
    ).toEqual([
      [true, false, false, false],
      [false, true, false, false],
      [false, false, true, false],
    ])
  })
})
