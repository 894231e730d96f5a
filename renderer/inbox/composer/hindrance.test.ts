import { describe, expect, it } from 'vitest'
import { TeamId } from '../../../backend/domain/ids.ts'
import { newTeam } from '../../../backend/domain/team/team.ts'
import type { ChannelKind, Conversation } from '../../../backend/domain/rows.ts'
import { sampleContact, sampleConversation, sampleMember } from '../sample.ts'
import { hindrance } from './hindrance.ts'
import type { Hindrance } from './hindrance.ts'

const HOUR = 3_600_000

function asked(
  kind: ChannelKind | null,
  more: { conversation?: Partial<Conversation>; blockedAt?: number; contact?: 'group' },
  content: 'template' | 'other' = 'other',
): Hindrance | null {
  return hindrance(
    {
      conversation: { ...sampleConversation, lastInboundAt: 0, ...more.conversation },
      contact: { kind: more.contact ?? sampleContact.kind, platformBlockedAt: more.blockedAt ?? null },
      channel: kind && { kind },
      member: sampleMember,
      moment: { team: newTeam({ id: TeamId.parse('team'), name: '隊' }), now: 25 * HOUR },
    },
    content,
  )
}
const code = (hindered: Hindrance | null) => (hindered?.type === 'refused' ? hindered.refusal.code : hindered)

describe('what stands in the way of a reply', () => {
  it('[CNV-9] is the closed window, for all but templates on WhatsApp, and only where the channel has one', () => {
    const kinds = ['whatsapp', 'facebook', 'line', 'webchat', null] as const
    expect(kinds.map((kind) => code(asked(kind, {})))).toEqual(['window.closed', null, null, null, null])
    expect(asked('whatsapp', {})).toMatchObject({ refusal: { instead: 'send-template' } })
    expect(asked('whatsapp', {}, 'template')).toBeNull()
    expect(asked('whatsapp', { conversation: { lastInboundAt: HOUR + 1 } })).toBeNull()
    const longAgo = { conversation: { lastInboundAt: -8 * 24 * HOUR } }
    expect(asked('facebook', longAgo, 'template')).toMatchObject({
      refusal: { code: 'window.closed', instead: 'none' },
    })
  })

  it('is a block, and being out of a group, whatever would be sent', () => {
    expect(asked('line', { blockedAt: 7 })).toEqual({ type: 'blocked', since: 7 })
    expect(asked('whatsapp', { blockedAt: 7 }, 'template')).toEqual({ type: 'blocked', since: 7 })
    expect(asked('line', { blockedAt: 7, contact: 'group' })).toEqual({ type: 'outOfGroup', since: 7 })
  })

  it('is first of all what the member can change', () => {
    expect(code(asked('whatsapp', { blockedAt: 7, conversation: { status: 'closed' } }))).toBe('conversation.closed')
  })
})
