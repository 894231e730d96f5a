import { describe, expect, it } from 'vitest'
import { AttachmentId, MemberId, ReplyId, StoreId } from '../../backend/domain/ids.ts'
import type { Reply } from '../../backend/domain/rows.ts'
import type { Upload } from '../inbox/composer/uploads.ts'
import { argsOf, draftOf, isFine, isSaved, moved, newDraft, problemsOf, roomIn, visibilityOf } from './draft.ts'
import type { DraftMessage, ReplyDraft } from './draft.ts'

const reply: Reply = {
  id: ReplyId.parse('r'),
  folderId: null,
  name: '菜單',
  messages: [
    { kind: 'text', text: '{{customer.name}}您好' },
    {
      kind: 'image',
      attachmentId: AttachmentId.parse('a'),
      name: '菜單.png',
      mime: 'image/png',
      size: 10,
      width: 4,
      height: 3,
    },
  ],
  visibility: { to: 'all' },
  ownerId: MemberId.parse('mei'),
  updatedAt: 1,
}
const saying = (...texts: string[]): DraftMessage[] =>
  texts.map((text, index) => ({ key: String(index), kind: 'text', text }))
const draft = (more: Partial<ReplyDraft> = {}): ReplyDraft => ({ ...draftOf(reply), ...more })
const wrong = (text: string) => problemsOf(draft({ messages: saying(text) })).messages.get('0')

describe('the form of a saved reply', () => {
  it('holds what was saved, and saves just that again', () => {
    const { id: replyId, folderId, name, messages, visibility } = reply
    expect(argsOf(draft())).toEqual({ replyId, folderId, name, messages, visibility })
    expect(isSaved(draft(), reply)).toBe(true)
    expect(isSaved(draft({ name: '新菜單' }), reply)).toBe(false)
    expect(isSaved(draft({ messages: draft().messages.toReversed() }), reply)).toBe(false)
  })

  it('[REP-1] says what is wrong with a text: nothing in it, too long as people count, a variable that there is not', () => {
    expect(wrong(' \n')).toEqual({ type: 'empty' })
    expect(wrong('𠮷'.repeat(1_000))).toBeUndefined()
    expect(wrong('𠮷'.repeat(1_002))).toEqual({ type: 'tooLong', over: 2 })
    expect(wrong('{{custmer.name}}您好')).toEqual({ type: 'variable', name: 'custmer.name' })
    expect(wrong('{{ customer.name }}您好')).toBeUndefined()
  })

  it('[REP-1] wants a name, at least one message, and somebody for whom it is', () => {
    expect(problemsOf(draft({ name: ' \u202e ' })).name).toBe(true)
    expect(problemsOf(draft({ messages: [] })).none).toBe(true)
    const nobody = draft({ visibility: { to: 'stores', roles: ['admin'], storeIds: [] } })
    expect([problemsOf(nobody).visibility, argsOf(nobody)]).toEqual([true, null])
    const some = { to: 'stores', roles: [], storeIds: [StoreId.parse('xinyi')] } as const
    expect(visibilityOf({ visibility: { ...some, roles: [], storeIds: [...some.storeIds] } })).toEqual({
      to: 'stores',
      storeIds: ['xinyi'],
    })
  })

  it('is not saved while a file is on its way, or was refused', () => {
    const upload = (state: Upload['state']): DraftMessage => {
      const one: Upload = { key: 'u', name: '型錄.pdf', size: 1, file: null, preview: null, state }
      return { key: 'u', kind: 'file', upload: one }
    }
    const attachment = { attachmentId: AttachmentId.parse('b'), name: '型錄.pdf', size: 1, width: null, height: null }
    const problem = (state: Upload['state']) => problemsOf(draft({ messages: [upload(state)] })).messages.get('u')?.type
    expect(problem({ step: 'uploading', progress: 0.5 })).toBe('uploading')
    expect(problem({ step: 'ready', attachment: { ...attachment, mime: 'text/html' } })).toBe('failed')
    expect(problem({ step: 'ready', attachment: { ...attachment, mime: 'application/pdf' } })).toBeUndefined()
  })

  it('[REP-1] takes five messages, and changes their order', () => {
    expect([roomIn({ messages: [] }), roomIn(newDraft(null)), roomIn({ messages: saying(...'12345') })]).toEqual([
      5, 4, 0,
    ])
    const texts = (messages: DraftMessage[]) => messages.map((one) => (one.kind === 'text' ? one.text : ''))
    expect(texts(moved(saying('一', '二', '三'), 0, 2))).toEqual(['二', '三', '一'])
    expect(texts(moved(saying('一', '二', '三'), 2, 0))).toEqual(['三', '一', '二'])
    expect(texts(moved(saying('一', '二'), 1, 2))).toEqual(['一', '二'])
  })

  it('[REP-1] begins for its writer alone, with a text to write', () => {
    const { visibility, messages } = newDraft(null)
    expect([visibility.to, messages]).toEqual(['owner', [expect.objectContaining({ kind: 'text', text: '' })]])
    expect(isFine(problemsOf(newDraft(null)))).toBe(false)
  })
})
