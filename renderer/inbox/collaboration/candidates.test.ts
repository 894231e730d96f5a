import { describe, expect, it } from 'vitest'
import { Member } from '../../../backend/domain/rows.ts'
import type { Conversation } from '../../../backend/domain/rows.ts'
import { MemberId } from '../../../backend/domain/ids.ts'
import { sampleConversation } from '../sample.ts'
import { candidates } from './candidates.ts'

const member = (id: string, name: string, more: Partial<Member> = {}): Member =>
  Member.parse({
    id,
    name,
    email: `${id}@example.com`,
    phone: '0912-345-678',
    role: 'cs_agent',
    storeIds: [],
    active: true,
    ...more,
  })
const members = [
  member('ads', '林行銷', { role: 'marketer' }),
  member('mei', '林美玲'),
  member('gone', '林已離', { active: false }),
  member('han', '陳志翰', { phone: '0987-000-111' }),
  member('boss', '林主管', { role: 'supervisor' }),
]
const ids = (...names: string[]) => names.map((name) => MemberId.parse(name))
function found(typed: string, more: Partial<Conversation> = {}, picked: MemberId[] = []) {
  return candidates(members, { ...sampleConversation, followerId: null, ...more }, typed, picked).map(
    ({ member: one, refusal }) => [one.id, refusal?.code ?? null],
  )
}

describe('[COL-2] who can be added', () => {
  it('is found by name, email (full width too) and phone however it is written', () => {
    const names = (typed: string) => found(typed).map(([id]) => id)
    expect([names('志翰'), names('ＨＡＮ@'), names('0987 000'), names('zz')]).toEqual([['han'], ['han'], ['han'], []])
  })

  it('stands before who cannot, each of whom has the reason', () => {
    const [mei] = ids('mei')
    expect(found('', { followerId: mei ?? null })).toEqual([
      ['han', null],
      ['boss', null],
      ['ads', 'transfer.toRole'],
      ['mei', 'collaboration.isMember'],
      ['gone', 'transfer.toInactive'],
    ])
  })

  it('is first of all who asks', () => {
    expect(found('', { askingIds: ids('boss') })[0]).toEqual(['boss', null])
  })

  it('is nobody more once those chosen and those in it are five, and nobody changes places for it', () => {
    const full = { collaboratorIds: ids('a', 'b', 'c', 'd') }
    const before = found('', full).map(([id]) => id)
    const after = found('', full, ids('mei'))
    expect(after.map(([id]) => id)).toEqual(before)
    expect(after.slice(0, 3)).toEqual([
      ['mei', null],
      ['han', 'collaboration.full'],
      ['boss', 'collaboration.full'],
    ])
  })
})
