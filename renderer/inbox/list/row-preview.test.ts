import { describe, expect, it } from 'vitest'
import { texts } from '../../i18n/index.ts'
import { LOCALES } from '../../i18n/locales.ts'
import { BODY_KINDS } from '../../../backend/domain/rows.ts'
import type { LastMessage } from '../../../backend/domain/rows.ts'
import { MessageId } from '../../../backend/domain/ids.ts'
import { sampleConversation, sampleMember } from '../sample.ts'
import { MARKED, markOf, rowPreview, saysKind } from './row-preview.ts'

const me = sampleMember.id
const shown = (author: LastMessage['author'], kind: LastMessage['kind'], preview: string, draft = '') =>
  rowPreview(
    {
      draft,
      conversation: {
        ...sampleConversation,
        lastMessage: { messageId: MessageId.parse('m'), author, kind, preview, at: 1 },
      },
    },
    me,
  )

describe("a row's one line", () => {
  it('is the draft before anything else', () => {
    expect(shown({ type: 'customer', from: null }, 'text', '在嗎', ' 您好 ')).toEqual({ kind: 'draft', text: '您好' })
  })

  it('tells every kind of message, and by whom it is', () => {
    for (const kind of BODY_KINDS) {
      expect(shown({ type: 'customer', from: 'U1' }, kind, '話')).toEqual({ kind, text: '話', by: 'customer' })
    }
    expect(shown({ type: 'member', memberId: me }, 'template', '話')).toMatchObject({ by: 'you' })
    expect(shown({ type: 'system' }, 'event', '')).toMatchObject({ by: null })
  })

  it('marks every kind but plain text and system lines, with a word for each in both languages', () => {
    expect(BODY_KINDS.filter((kind) => markOf(kind) === null)).toEqual(['text', 'event'])
    for (const locale of LOCALES) for (const kind of MARKED) expect(texts[locale].inbox.list[kind]).not.toBe('')
  })

  it('says the kind in words where there is nothing else to say, and of pictures always', () => {
    expect(saysKind('image', '茶.png')).toBe(true)
    expect([saysKind('sticker', ''), saysKind('sticker', '謝謝'), saysKind('text', '')]).toEqual([true, false, false])
    expect([saysKind('unsent', ''), saysKind('other', ''), saysKind('media', '')]).toEqual([true, true, true])
  })
})
