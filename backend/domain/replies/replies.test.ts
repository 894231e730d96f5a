import { describe, expect, it } from 'vitest'
import { QINMEI, SampleTeam, XINYI, codeOf } from '../../sync/sample-team.ts'
import type { CommandArgs } from '../commands.ts'
import { AttachmentId, ReplyFolderId, ReplyId } from '../ids.ts'
import { ROLES } from '../rows.ts'
import type { Reply, Visibility } from '../rows.ts'
import { REPLY_FILE_MAX } from './files.ts'
import { mayEditReply, maySeeReply } from './permissions.ts'

type Save = CommandArgs<'reply.save'>
const ID = ReplyId.parse('r1')
const FOLDER = ReplyFolderId.parse('f1')
const text = (content: string) => ({ kind: 'text', text: content }) as const
const file = (id: string, size = 1_000) =>
  ({ kind: 'file', attachmentId: AttachmentId.parse(id), name: '型錄.pdf', mime: 'application/pdf', size }) as const

function saving(more: Partial<Save> = {}): Save {
  return { replyId: ID, folderId: null, name: '營業時間', messages: [text('十一點到九點')], visibility: OWN, ...more }
}
const OWN: Visibility = { to: 'owner' }
const seenBy = (team: SampleTeam, reply: Reply) => ROLES.filter((role) => maySeeReply(reply, team.member(role)))
const reply = (team: SampleTeam) => team.row('reply', ID)

describe('what a reply holds', () => {
  it('[REP-1] one to five messages', () => {
    const team = new SampleTeam()
    expect(codeOf(team.as('cs_agent', 'reply.save', saving({ messages: Array(5).fill(text('好')) })))).toBe('ok')
    for (const messages of [[], Array(6).fill(text('好'))]) {
      expect(codeOf(team.as('cs_agent', 'reply.save', saving({ messages })))).toBe('request.invalid')
    }
    expect(reply(team).messages).toHaveLength(5)
  })

  it('[REP-1] a text of 1,000 characters as people count them, and not one more', () => {
    const team = new SampleTeam()
    const rare = '𠮷'.repeat(1_000)
    expect(team.as('cs_agent', 'reply.save', saving({ messages: [text(rare)] }))).toMatchObject({ ok: true })
    expect(reply(team).messages).toEqual([text(rare)])
    expect(team.as('cs_agent', 'reply.save', saving({ messages: [text(`${rare}。`)] }))).toMatchObject({
      refusal: { code: 'text.tooLong', params: { length: 1_001, max: 1_000 }, instead: 'shorten' },
    })
    for (const empty of ['', ' \n\u0000']) {
      expect(codeOf(team.as('cs_agent', 'reply.save', saving({ messages: [text(empty)] })))).toBe('text.empty')
    }
    expect(codeOf(team.as('cs_agent', 'reply.save', saving({ name: ' \u202e ' })))).toBe('reply.name')
  })

  it('[REP-1] files of up to 8 MB; what it no longer shows is removed', () => {
    const team = new SampleTeam()
    const save = (...messages: Save['messages']) => team.as('cs_agent', 'reply.save', saving({ messages }))
    expect(codeOf(save(file('a', REPLY_FILE_MAX + 1)))).toBe('attachment.tooLarge')
    expect(save(file('a', REPLY_FILE_MAX), file('b'))).toMatchObject({ ok: true, effects: [] })
    const removed = { type: 'attachment.remove', attachmentId: 'a' }
    expect(save(file('b'), file('c'))).toMatchObject({ effects: [removed] })
    expect(team.as('cs_agent', 'reply.remove', { replyId: ID })).toMatchObject({
      effects: [{ attachmentId: 'b' }, { attachmentId: 'c' }],
    })
  })

  it('[REP-1] a variable that there is not is refused with its name', () => {
    const team = new SampleTeam()
    for (const [written, name] of [
      ['{{ customer.nmae }}您好', 'customer.nmae'],
      ['{{ 50% }}', '50%'],
      ['{{}}', ''],
    ] as const) {
      expect(team.as('cs_agent', 'reply.save', saving({ messages: [text(written)] }))).toMatchObject({
        refusal: { code: 'reply.variable', params: { name } },
      })
    }
    const fine = text('{{ customer.name }}您好 {50%} {{ {')
    expect(codeOf(team.as('cs_agent', 'reply.save', saving({ messages: [fine] })))).toBe('ok')
  })
})

describe('for whom a reply is', () => {
  it.each<[Visibility, string[]]>([
    [{ to: 'all' }, [...ROLES]],
    [OWN, ['admin']],
    // Who sees to what is shared has it too.
    [{ to: 'roles', roles: ['cs_agent'] }, ['admin', 'supervisor', 'cs_manager', 'cs_agent', 'marketing_cs']],
    [
      { to: 'stores', storeIds: [XINYI] },
      ['admin', 'supervisor', 'cs_manager', 'marketing_cs', 'sales_manager', 'salesperson'],
    ],
    [{ to: 'stores', storeIds: [QINMEI] }, ['admin', 'supervisor', 'cs_manager', 'marketing_cs']],
  ])('[REP-1] is there for whom it is for, and for who sees to what is shared: %o', (visibility, roles) => {
    const team = new SampleTeam()
    expect(codeOf(team.as('admin', 'reply.save', saving({ visibility })))).toBe('ok')
    expect(seenBy(team, reply(team))).toEqual(roles)
    expect(maySeeReply(reply(team), { ...team.member('admin'), active: false })).toBe(false)
  })

  it('[REP-1] [ROL-4] everybody keeps their own but marketers, who never write to customers', () => {
    for (const role of ROLES) {
      const team = new SampleTeam()
      const outcome = team.as(role, 'reply.save', saving())
      if (role !== 'marketer') expect(outcome).toMatchObject({ ok: true })
      else expect(outcome).toMatchObject({ refusal: { code: 'reply.roleMayNot', whoCould: expect.any(Array) } })
    }
  })

  it('[REP-1] [ROL-4] sharing is for some roles; a sales manager shares with stores of their own', () => {
    const team = new SampleTeam()
    const save = (who: string, visibility: Visibility) => team.as(who, 'reply.save', saving({ visibility }))
    expect(save('cs_agent', { to: 'all' })).toMatchObject({
      refusal: {
        code: 'reply.mayNotShare',
        whoCould: ['admin', 'supervisor', 'cs_manager', 'marketing_cs'],
        instead: 'keep-own',
      },
    })
    expect(save('salesperson', { to: 'stores', storeIds: [XINYI] })).toMatchObject({
      refusal: { whoCould: expect.arrayContaining(['sales_manager']) },
    })
    expect(codeOf(save('sales_manager', { to: 'stores', storeIds: [XINYI, QINMEI] }))).toBe('reply.mayNotShare')
    expect(codeOf(save('sales_manager', { to: 'all' }))).toBe('reply.mayNotShare')
    expect(codeOf(save('sales_manager', { to: 'stores', storeIds: [XINYI] }))).toBe('ok')
    expect(codeOf(save('marketing_cs', { to: 'all' }))).toBe('ok')
  })

  it('[REP-1] its owner changes it, and of a shared one who sees to what is shared; it stays its owner’s', () => {
    const team = new SampleTeam()
    team.as('sales_manager', 'reply.save', saving({ visibility: { to: 'stores', storeIds: [XINYI] } }))
    expect(team.as('salesperson', 'reply.save', saving({ name: '改' }))).toMatchObject({
      refusal: { code: 'reply.notYours', instead: 'keep-own' },
    })
    expect(codeOf(team.as('salesperson', 'reply.remove', { replyId: ID }))).toBe('reply.notYours')
    team.as('supervisor', 'reply.save', saving({ name: '改', visibility: { to: 'stores', storeIds: [XINYI] } }))
    expect(reply(team)).toMatchObject({ name: '改', ownerId: 'sales_manager', updatedAt: team.now })
    expect(mayEditReply(reply(team), team.member('marketer'))).toMatchObject({ allowed: false })
  })

  it('[REP-1] [ROL-2] what a colleague keeps for themself is not there for anybody else', () => {
    const team = new SampleTeam()
    team.as('cs_agent', 'reply.save', saving())
    expect(codeOf(team.as('admin', 'reply.save', saving({ name: '別人的' })))).toBe('request.notFound')
    expect(team.as('admin', 'reply.remove', { replyId: ID })).toEqual({ ok: true, changes: [], effects: [] })
    expect(reply(team)).toMatchObject({ name: '營業時間', ownerId: 'cs_agent' })
  })
})

describe('folders', () => {
  const folder = (more: Partial<CommandArgs<'replyFolder.save'>> = {}) => ({
    replyFolderId: FOLDER,
    name: '招呼',
    shared: false,
    position: 0,
    ...more,
  })

  it('[REP-1] one’s own for everybody who keeps replies, shared ones for those who share', () => {
    const team = new SampleTeam()
    expect(codeOf(team.as('cs_agent', 'replyFolder.save', folder({ shared: true })))).toBe('reply.mayNotShare')
    expect(codeOf(team.as('marketer', 'replyFolder.save', folder()))).toBe('reply.roleMayNot')
    expect(codeOf(team.as('cs_agent', 'replyFolder.save', folder()))).toBe('ok')
    expect(codeOf(team.as('admin', 'replyFolder.save', folder({ shared: true })))).toBe('request.notFound')
    expect(team.row('replyFolder', FOLDER)).toEqual({ id: FOLDER, name: '招呼', ownerId: 'cs_agent', position: 0 })
  })

  it('[REP-1] what was in a removed one stays; a folder that one does not have is none', () => {
    const team = new SampleTeam()
    team.as('admin', 'replyFolder.save', folder({ shared: true }))
    team.as('cs_agent', 'reply.save', saving({ folderId: FOLDER }))
    expect(reply(team).folderId).toBe(FOLDER)
    expect(codeOf(team.as('cs_agent', 'replyFolder.remove', { replyFolderId: FOLDER }))).toBe('reply.notYours')
    team.as('admin', 'replyFolder.remove', { replyFolderId: FOLDER })
    expect([reply(team).folderId, team.store.all('replyFolder')]).toEqual([null, []])
    team.as('cs_agent2', 'replyFolder.save', folder())
    team.as('cs_agent', 'reply.save', saving({ folderId: FOLDER }))
    expect(reply(team).folderId).toBeNull()
  })

  it('[REP-1] who changes a shared reply leaves it in its owner’s folder', () => {
    const team = new SampleTeam()
    team.as('sales_manager', 'replyFolder.save', folder())
    const visibility: Visibility = { to: 'stores', storeIds: [XINYI] }
    team.as('sales_manager', 'reply.save', saving({ folderId: FOLDER, visibility }))
    team.as('admin', 'reply.save', saving({ folderId: FOLDER, visibility, name: '改' }))
    expect(reply(team)).toMatchObject({ folderId: FOLDER, name: '改' })
  })
})
