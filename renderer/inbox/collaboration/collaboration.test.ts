import { enableAutoUnmount, flushPromises, mount } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Component } from 'vue'
import { MemberId, TeamId } from '../../../backend/domain/ids.ts'
import type { Conversation, Member, Role } from '../../../backend/domain/rows.ts'
import { newTeam } from '../../../backend/domain/team/team.ts'
import { i18n, setLocale } from '../../i18n/index.ts'
import { useReference } from '../../session/reference.ts'
import { useSession } from '../../session/session.ts'
import { useToast } from '../../ui/toast.ts'
import { sampleContact, sampleConversation, sampleMember } from '../sample.ts'
import { EMPTY_DRAFT } from '../composer/draft-saver.ts'
import { actionsFor } from '../conversation/actions.ts'
import ThreadHead from '../thread/ThreadHead.vue'
import AddDialog from './AddDialog.vue'
import AskingBar from './AskingBar.vue'
import JoinPlace from './JoinPlace.vue'
import PeoplePanel from './PeoplePanel.vue'
import { peopleIn } from './people.ts'
import { useCollaboration } from './use-collaboration.ts'
import { useNoticeWords } from './notice-words.ts'
import type { ConversationView } from '../../../backend/workstation/views.ts'

const person = (id: string, name: string, role: Role = 'cs_agent'): Member => ({
  ...sampleMember,
  id: MemberId.parse(id),
  name,
  email: `${id}@example.test`,
  role,
})
const [wang, lin, boss] = [person('wang', '王大明'), person('lin', '林阿月'), person('boss', '陳主管', 'supervisor')]
const team = newTeam({ id: TeamId.parse('team'), name: '隊', collaboration: { from: 0, omoFrom: 0 } })

/** What was asked of the backend: commands by name, with their arguments. */
let asked: { name: string; args: Record<string, unknown> }[]
beforeEach(() => {
  setLocale('zh-Hant-TW')
  asked = []
  vi.stubGlobal('fetch', async (_url: string, init?: { body?: string }) => {
    // What is read beside it is given by each test.
    if (!init?.body) return new Promise(() => undefined)
    asked.push(JSON.parse(init.body))
    return Response.json({ ok: true, queueId: 1 })
  })
})
enableAutoUnmount(afterEach)
afterEach(() => {
  useToast().clear()
  document.body.innerHTML = ''
  vi.unstubAllGlobals()
})

/** The window of this member, in a team that collaborates unless it is said otherwise. */
function at(me: Member, ofTeam = team): void {
  setActivePinia(createPinia())
  useSession().state = {
    hub: 'http://hub',
    session: { state: 'open', clientId: 'w1', member: me },
    connection: { state: 'online', lastSyncAt: 0 },
    knownMembers: [],
    storeNotice: null,
  }
  useReference().reference = {
    team: ofTeam,
    stores: [],
    members: [sampleMember, wang, lin, boss],
    channels: [],
    tags: [],
    templates: [],
    clockAhead: 0,
  }
}
function viewOf(conversation: Partial<Conversation>, viewers: ConversationView['viewers'] = []): ConversationView {
  return {
    id: sampleConversation.id,
    conversation: { ...sampleConversation, ...conversation },
    contact: sampleContact,
    unread: 0,
    pinned: false,
    draft: '',
    lastEvent: null,
    waiting: 0,
    refused: 0,
    mark: null,
    draftWhole: EMPTY_DRAFT,
    draftAttachments: [],
    viewers,
    customerTyping: false,
  }
}
function show<C extends Component>(component: C, props: Record<string, unknown>) {
  return mount(component as Component, { props, global: { plugins: [i18n] }, attachTo: document.body })
}
const toasts = () => useToast().toasts.value.map(({ text }) => text)

describe('the head', () => {
  const viewers = [{ memberId: wang.id, typing: true }]
  const head = (conversation: Partial<Conversation>) =>
    show(ThreadHead, { view: viewOf(conversation, viewers), busy: null, panel: false })

  it('[CNV-12] names everyone in it, the follower as such, and who types', () => {
    at(sampleMember)
    const shown = head({ followerId: wang.id, collaboratorIds: [sampleMember.id, lin.id] })
    expect(shown.get('.people').text()).toContain('協作成員：王大明（跟進者、正在輸入）、林小美、林阿月')
    expect(shown.find('.viewers').exists()).toBe(false)
  })

  it('[COL-1] has nothing of it while the team does not collaborate', () => {
    at(sampleMember, newTeam({ id: team.id, name: '隊' }))
    const shown = head({ followerId: sampleMember.id })
    expect(shown.find('.people').exists()).toBe(false)
    expect(shown.text()).toContain('你跟進')
    expect(shown.get('.viewers').attributes('aria-label')).toContain('王大明')
    const off = { team: newTeam({ id: team.id, name: '隊' }), now: 1 }
    const offered = actionsFor({ ...sampleConversation, followerId: wang.id }, boss, off)
    expect(offered).toEqual(['take', 'close', 'transfer', 'pin'])
  })

  it('[COL-8] has a close that collaborators cannot use, with the reason', () => {
    at(boss)
    const shown = head({ followerId: wang.id, collaboratorIds: [boss.id] })
    const close = shown.findAll('button').find((button) => button.text().startsWith('結束'))
    expect(close?.attributes('aria-disabled')).toBe('true')
    expect(close?.text()).toContain('協作者無法結束對話')
  })
})

describe('everyone in it', () => {
  const panel = async (me: Member, conversation: Partial<Conversation>) => {
    at(me)
    const view = viewOf(conversation)
    const people = peopleIn(view.conversation, [], me.id)
    show(PeoplePanel, { id: 'panel', view, people, anchor: document.body })
    await flushPromises()
    const rows = [...document.querySelectorAll('.panel li')]
    return rows.map((row) => [
      row.querySelector('.name bdi')?.textContent,
      ...[...row.querySelectorAll('button')].map(
        (one) =>
          `${one.getAttribute('aria-label') ?? one.textContent}${one.getAttribute('aria-disabled') ? ' no' : ''}`,
      ),
    ])
  }

  it('[COL-5] [COL-7] is removed and handed to by the follower', async () => {
    expect(await panel(sampleMember, { collaboratorIds: [lin.id] })).toEqual([
      ['林小美（你）', '離開協作'],
      ['林阿月', '移轉給 林阿月', '將 林阿月 移出協作'],
    ])
  })

  it('[ROL-4] has for a collaborator without a leading role what they may not do, with the reason', async () => {
    const rows = await panel(lin, { followerId: wang.id, collaboratorIds: [lin.id, boss.id] })
    expect(
      rows.map(([name, ...buttons]) => [name, buttons.length, buttons.filter((one) => one?.endsWith(' no')).length]),
    ).toEqual([
      ['王大明', 0, 0],
      ['林阿月（你）', 2, 1],
      ['陳主管', 2, 2],
    ])
    const panelText = document.querySelector('.panel')?.textContent
    expect(panelText).toContain('你的角色不能接手協作對話。')
    expect(panelText).toContain('只有跟進者 王大明 和管理角色可以移出協作者。')
    expect(panelText).toContain('只有跟進者 王大明 可以移轉協作對話。')
  })
})

describe('the place of the composer', () => {
  const place = (me: Member, conversation: Partial<Conversation> = {}) => {
    at(me)
    const open = { ...sampleConversation, followerId: wang.id, ...conversation }
    return show(JoinPlace, { conversation: open, kept: false, busy: false })
  }

  it('[COL-3] lets managing roles join by themselves, and others ask', () => {
    expect(place(boss).get('button').text()).toBe('加入協作')
    expect(place(lin).get('button').text()).toBe('請求加入')
  })

  it('says that it was asked, until there is an answer', () => {
    const shown = place(lin, { askingIds: [lin.id] })
    expect(shown.get('[role=status]').text()).toBe('已送出請求')
    expect(shown.findAll('button').map((button) => button.text())).toEqual(['寫備註'])
  })

  it('[ROL-4] says why nobody more can come in', () => {
    const ids = ['a', 'b', 'c', 'd', 'e'].map((id) => MemberId.parse(id))
    const shown = place(boss, { collaboratorIds: ids })
    expect(shown.get('button').attributes('aria-disabled')).toBe('true')
    expect(shown.text()).toContain('協作者最多 5 位。')
  })
})

describe('who asks', () => {
  it('is let in by one click of the follower, or declined', async () => {
    at(sampleMember)
    const shown = show(AskingBar, { view: viewOf({ askingIds: [wang.id, lin.id] }) })
    expect(shown.findAll('p').map((one) => one.text())).toEqual(['王大明 想加入協作', '林阿月 想加入協作'])
    const [admit, , , decline] = shown.findAll('button')
    await admit?.trigger('click')
    await flushPromises()
    await decline?.trigger('click')
    await flushPromises()
    expect(asked).toMatchObject([
      { name: 'collaboration.add', args: { memberIds: ['wang'] } },
      { name: 'collaboration.decline', args: { memberId: 'lin' } },
    ])
    expect(toasts()).toEqual(['林小美 將 王大明 加入了協作對話。', '已婉拒 林阿月 的請求。'])
  })

  it('does not show to those who cannot answer', () => {
    at(lin)
    const shared = viewOf({ followerId: wang.id, collaboratorIds: [lin.id], askingIds: [boss.id] })
    expect(show(AskingBar, { view: shared }).findAll('li')).toEqual([])
  })
})

describe('the dialog for adding', () => {
  it('[COL-2] adds several with keys alone, and not who is in it already', async () => {
    at(sampleMember)
    const on = viewOf({ collaboratorIds: [lin.id] })
    const shown = show(AddDialog, { on, viewers: [] })
    const field = document.querySelector<HTMLInputElement>('input')
    const press = async (key: string, ctrlKey = false) => {
      field?.dispatchEvent(new KeyboardEvent('keydown', { key, ctrlKey, bubbles: true, cancelable: true }))
      await flushPromises()
    }
    const options = [...document.querySelectorAll('[role=option]')]
    expect(options.map((one) => [one.querySelector('.name')?.textContent, one.getAttribute('aria-disabled')])).toEqual([
      ['王大明', null],
      ['陳主管', null],
      ['林小美', 'true'],
      ['林阿月', 'true'],
    ])
    await press('Enter')
    await press('ArrowDown')
    await press('Enter')
    await press('ArrowDown')
    await press('Enter')
    expect([...document.querySelectorAll('.chip bdi')].map((chip) => chip.textContent)).toEqual(['王大明', '陳主管'])
    expect(document.querySelector('.left')?.textContent).toBe('還能加入 2 位')
    await press('Enter', true)
    expect(asked).toMatchObject([{ name: 'collaboration.add', args: { memberIds: ['wang', 'boss'] } }])
    expect(toasts()).toEqual(['林小美 將 王大明、陳主管 加入了協作對話。'])
    expect(shown.emitted('close')).toHaveLength(1)
  })
})

describe('what was done', () => {
  const run = async (work: (one: ReturnType<typeof useCollaboration>) => Promise<boolean>) => {
    expect(await work(useCollaboration())).toBe(true)
  }
  const undo = async () => {
    useToast().toasts.value.at(-1)?.undo?.()
    await flushPromises()
  }

  it('can be undone where there is a way back', async () => {
    at(sampleMember)
    const on = viewOf({ collaboratorIds: [lin.id] })
    await run(({ add }) => add(on, [wang.id, boss.id]))
    await undo()
    await run(({ remove }) => remove(on, lin.id))
    await undo()
    expect(asked.map(({ name, args }) => [name, args['memberId'] ?? args['memberIds']])).toEqual([
      ['collaboration.add', ['wang', 'boss']],
      ['collaboration.remove', 'wang'],
      ['collaboration.remove', 'boss'],
      ['collaboration.remove', 'lin'],
      ['collaboration.add', ['lin']],
    ])
  })

  it('says who follows when the follower leaves, and has no way back', async () => {
    at(sampleMember)
    await run(({ leave }) => leave(viewOf({ collaboratorIds: [lin.id, wang.id] })))
    expect(useToast().toasts.value).toMatchObject([
      { text: '林小美 離開了協作對話。接下來由 林阿月 跟進。', undo: null },
    ])
  })
})

describe('[COL-11] notices', () => {
  it('say it word for word', () => {
    at(lin)
    const words = useNoticeWords()
    const about = { id: 'n', conversationId: sampleConversation.id, contactName: '王小明' }
    const { id: by } = wang
    const said = (event: Parameters<typeof words>[0] & { kind: 'collaboration' }) => words(event).text
    const events = [
      { type: 'added', by, members: [boss.id, lin.id] },
      { type: 'joined', by },
      { type: 'removed', by, member: boss.id },
      { type: 'removed', by, member: lin.id },
      { type: 'left', by },
      { type: 'tookOver', by },
    ] as const
    expect(
      events.map((event) =>
        said({
          kind: 'collaboration',
          ...about,
          event: 'members' in event ? { ...event, members: [...event.members] } : event,
        }),
      ),
    ).toEqual([
      '王大明 將 陳主管、林阿月 加入了協作對話。',
      '王大明 加入了協作對話。',
      '王大明 將 陳主管 移出了協作對話。',
      '王大明 將你移出了協作對話',
      '王大明 離開了協作對話。',
      '王大明 接手了對話。',
    ])
    const transferred = { kind: 'transferred', id: 'n', by: boss.id, contactName: null } as const
    const many = Array.from({ length: 20 }, () => sampleConversation.id)
    expect(words({ ...transferred, conversationIds: [sampleConversation.id] }).text).toBe(
      '陳主管 (主管) 已將 1 個對話移轉給你。',
    )
    expect(words({ ...transferred, conversationIds: many }).text).toBe('陳主管 (主管) 已將 20 個對話移轉給你。')
  })
})
