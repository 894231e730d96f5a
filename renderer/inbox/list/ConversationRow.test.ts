import { enableAutoUnmount, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { MemberId, MessageId, TeamId } from '../../../backend/domain/ids.ts'
import type { Event } from '../../../backend/domain/rows.ts'
import { newTeam } from '../../../backend/domain/team/team.ts'
import { i18n, setLocale } from '../../i18n/index.ts'
import { useReference } from '../../session/reference.ts'
import { useSession } from '../../session/session.ts'
import { sampleContact, sampleConversation, sampleMember } from '../sample.ts'
import ConversationRow from './ConversationRow.vue'

enableAutoUnmount(afterEach)
afterEach(() => vi.unstubAllGlobals())

const wang = { ...sampleMember, id: MemberId.parse('wang'), name: '王大明' }

/** A row whose last message is a system line, in a team that collaborates or not. */
function row(collaborates: boolean, lastEvent: Event | null) {
  setLocale('zh-Hant-TW')
  vi.stubGlobal('fetch', () => new Promise(() => undefined))
  setActivePinia(createPinia())
  useSession().state = {
    hub: 'http://hub',
    session: { state: 'open', clientId: 'w1', member: sampleMember },
    connection: { state: 'online', lastSyncAt: 0 },
    knownMembers: [],
    storeNotice: null,
  }
  const collaboration = collaborates ? { from: 0, omoFrom: 0 } : { from: null, omoFrom: null }
  useReference().reference = {
    team: newTeam({ id: TeamId.parse('team'), name: '隊', collaboration }),
    stores: [],
    members: [sampleMember, wang],
    channels: [],
    tags: [],
    templates: [],
    clockAhead: 0,
  }
  const author = { type: 'system' } as const
  const lastMessage = { messageId: MessageId.parse('m'), author, kind: 'event', preview: '', at: 1 } as const
  return mount(ConversationRow, {
    props: {
      row: {
        id: sampleConversation.id,
        conversation: { ...sampleConversation, collaboratorIds: [wang.id], lastMessage },
        contact: sampleContact,
        unread: 0,
        pinned: false,
        draft: '',
        lastEvent,
        waiting: 0,
        refused: 0,
      },
      open: false,
      cursor: false,
      chosen: false,
      choosing: false,
    },
    global: { plugins: [i18n] },
  })
}

describe('a row', () => {
  it('says what the last system line says, and who has it where the device does not hold the line', () => {
    const joined = { type: 'joined', by: wang.id } as const
    expect(row(true, joined).get('.preview').text()).toBe('王大明 加入了協作對話。')
    expect(row(true, null).get('.preview').text()).toBe('你跟進')
  })

  it('[COL-1] has the faces of all who are in it, and the follower’s alone while the team does not collaborate', () => {
    const faces = row(true, null).get('.faces[role=img]')
    expect([faces.attributes('aria-label'), faces.findAll('.avatar').length]).toEqual([
      '協作成員：林小美（跟進者）、王大明',
      2,
    ])
    const off = row(false, null)
    expect([off.find('.faces').exists(), off.findAll('.foot .avatar').length]).toEqual([false, 1])
  })
})
