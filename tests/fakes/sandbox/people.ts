/** The people whose phones the sandbox has: always the same, so that a hub that remembers them meets them again. */
import { createHash } from 'node:crypto'

/** LINE's form of an id, made of a word. */
function lineId(letter: 'U' | 'C', word: string): string {
  return letter + createHash('sha256').update(`countertop sandbox ${word}`).digest('hex').slice(0, 32)
}

export const LINE_PEOPLE = [
  { id: lineId('U', 'yi-jun'), name: '林怡君', phone: '+886912000101', isFriend: true },
  { id: lineId('U', 'guan-yu'), name: '陳冠宇', phone: '+886912000102', isFriend: false },
  { id: lineId('U', 'shu-fen'), name: '王淑芬', phone: '+886912000103', isFriend: true },
  { id: lineId('U', 'pei-shan'), name: '佩珊☀️', phone: null, isFriend: true },
] as const

export const LINE_GROUP = {
  id: lineId('C', 'weekend'),
  name: '週末揪團買',
  members: [LINE_PEOPLE[0].id, LINE_PEOPLE[1].id, LINE_PEOPLE[2].id],
} as const

/** The numbers belong to nobody. */
export const WHATSAPP_PEOPLE = [
  { waId: '886912000201', userId: 'TW.200000000000201', name: '張家豪' },
  { waId: '447700900123', userId: 'GB.200000000000202', name: 'Emma Wilson' },
  { waId: '81309000000203', userId: 'JP.200000000000203', name: '佐藤 美咲' },
  { withoutPhone: true, userId: 'TW.200000000000204', name: '茶茶', username: 'tea.and.books' },
] as const
