import { describe, expect, it } from 'vitest'
import { ConversationId, MemberId, TeamId } from '../../../backend/domain/ids.ts'
import { newTeam } from '../../../backend/domain/team/team.ts'
import type { BatchAction } from '../../../backend/domain/conversations/batch.ts'
import type { Conversation } from '../../../backend/domain/rows.ts'
import { sampleConversation, sampleMember } from '../sample.ts'
import { verdictOnAll } from './verdict.ts'

const moment = { team: newTeam({ id: TeamId.parse('team'), name: '隊' }), now: 0 }
const supervisor = { ...sampleMember, role: 'supervisor' } as const
const some = (count: number, more: Partial<Conversation> = {}): Conversation[] =>
  Array.from({ length: count }, (_, n) => ({ ...sampleConversation, id: ConversationId.parse(`c${n}`), ...more }))
function code(action: BatchAction, conversations: Conversation[], online = true): string {
  const verdict = verdictOnAll(action, conversations, supervisor, moment, online)
  return verdict.allowed ? 'allowed' : verdict.refusal.code
}

describe('whether a batch can be begun', () => {
  it('[CNV-6] hands over at most 20, and [DEL-5] deletes 40', () => {
    expect([code('transfer', some(20)), code('transfer', some(21))]).toEqual(['allowed', 'batch.tooMany'])
    expect([code('delete', some(40)), code('blacklist', some(40)), code('close', some(40))]).toEqual([
      'allowed',
      'allowed',
      'allowed',
    ])
  })

  it('[DEL-6] deletes and blacklists with the hub alone; the rest is done without it', () => {
    const actions = ['close', 'transfer', 'delete', 'blacklist'] as const
    expect(actions.map((action) => code(action, some(2), false))).toEqual([
      'allowed',
      'allowed',
      'request.offline',
      'request.offline',
    ])
  })

  it('[CNV-6] is begun when any of them allows it; when none does, it says why', () => {
    const group = some(1, { kind: 'group' })
    expect([code('transfer', [...group, ...some(1)]), code('transfer', group)]).toEqual([
      'allowed',
      'batch.transferKind',
    ])
    expect(code('delete', group)).toBe('conversation.group')
    expect(code('delete', some(2, { followerId: MemberId.parse('hua') }))).toBe('batch.teamList')
  })
})
