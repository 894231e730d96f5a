import { describe, expect, it } from 'vitest'
import { AttachmentId, MemberId, ReplyFolderId, ReplyId } from '../../backend/domain/ids.ts'
import type { Reply, ReplyFolder } from '../../backend/domain/rows.ts'
import { sampleMember } from '../inbox/sample.ts'
import { glance, groupsFor } from './choose.ts'

const boss = MemberId.parse('boss')
const folder = (id: string, name: string): ReplyFolder => ({
  id: ReplyFolderId.parse(id),
  name,
  ownerId: null,
  position: 0,
})
const folders = [folder('hello', '招呼'), folder('after', '售後')]
let made = 0
function reply(name: string, folderId: string | null, more: Partial<Reply> = {}): Reply {
  made += 1
  return {
    id: ReplyId.parse(`r${made}`),
    folderId: folderId === null ? null : ReplyFolderId.parse(folderId),
    name,
    messages: [{ kind: 'text', text: `${name}的內容` }],
    visibility: { to: 'all' },
    ownerId: boss,
    updatedAt: 1,
    ...more,
  }
}
const forOthers: Partial<Reply> = { visibility: { to: 'roles', roles: ['salesperson'] } }
const replies = [
  reply('退貨', 'after'),
  reply('歡迎', 'hello'),
  reply('給銷售', 'hello', forOthers),
  reply('雜項', null),
  reply('舊資料夾', 'gone'),
]
const sketch = (typed: string) =>
  groupsFor({ folders, replies }, sampleMember, typed).map(({ key, replies: held }) => [
    key,
    held.map(({ name }) => name),
  ])

describe('the saved replies that are offered', () => {
  it('[REP-2] stand by folder, in the folders’ order; what is for others comes last, a folder that is not there is none', () => {
    expect(sketch('')).toEqual([
      ['hello', ['歡迎']],
      ['after', ['退貨']],
      ['none', ['舊資料夾', '雜項']],
      ['others', ['給銷售']],
    ])
  })

  it('[REP-2] begin with the best match for what was typed', () => {
    expect(sketch('退貨')).toEqual([['after', ['退貨']]])
    // By its name before the one whose text has the word.
    const withWord = reply('問候', 'hello', { messages: [{ kind: 'text', text: '想退貨嗎' }] })
    const groups = groupsFor({ folders, replies: [withWord, ...replies] }, sampleMember, '退貨')
    expect(groups.map(({ key }) => key)).toEqual(['after', 'hello'])
    expect(sketch('沒有這個')).toEqual([])
  })

  it('show the first line, and how many pictures and files there are', () => {
    const picture = { attachmentId: AttachmentId.parse('a'), name: '圖.png', mime: 'image/png', size: 1 }
    expect(glance({ messages: [{ kind: 'text', text: '\n第一行\n第二行' }] })).toEqual({
      line: '第一行',
      pictures: 0,
      files: 0,
    })
    expect(
      glance(
        reply('圖', null, {
          messages: [
            { kind: 'image', ...picture, width: 1, height: 1 },
            { kind: 'file', ...picture },
          ],
        }),
      ),
    ).toEqual({ line: '', pictures: 1, files: 1 })
  })
})
