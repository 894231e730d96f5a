/** What the core promises whatever the database: run over PGlite and over a real PostgreSQL server. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { sql } from 'kysely'
import { refuse } from '../../domain/refusal.ts'
import type { QueuedCommand } from '../../sync/protocol.ts'
import type { Commit } from '../core.ts'
import { sampleDatabase } from '../store/sample-database.ts'
import type { OpenDatabase } from '../store/database.ts'
import { SampleTeam } from '../../sync/sample-team.ts'
import { SampleDevice } from './sample-device.ts'
import { SampleHub, idOf } from './sample-hub-team.ts'
import type { HubTeam } from './sample-hub-team.ts'

const START_WITHIN = 120_000

/** Declares the tests. `open` is called once. */
export function coreRules(open: () => Promise<OpenDatabase> = () => sampleDatabase()): void {
  vi.setConfig({ testTimeout: 60_000 })
  let hub: SampleHub
  beforeAll(async () => {
    hub = await SampleHub.start(await open())
  }, START_WITHIN)
  afterAll(() => hub.stop(), START_WITHIN)

  const push = (team: HubTeam, member: string, command: Partial<QueuedCommand>) =>
    hub.core.runPushed(team.identity(member), { seq: 1, name: 'conversation.take', args: {}, at: 0, ...command })
  const row = (team: HubTeam, who: string) => hub.core.row(team.id, 'conversation', idOf(who))
  const seqOf = async (team: HubTeam) =>
    (await hub.core.db.selectFrom('team_seq').select('seq').where('team_id', '=', team.id).executeTakeFirstOrThrow())
      .seq

  it('[SYN-3] a command that is pushed again runs once', async () => {
    const team = await hub.team()
    await team.customer('lin')
    const take = { args: { conversationId: idOf('lin'), messageId: 'take-1' } }
    const answers = [await push(team, 'cs_agent', take), await push(team, 'cs_agent', take)]
    expect(answers).toEqual([
      { type: 'taken', refusal: null },
      { type: 'taken', refusal: null },
    ])
    expect((await row(team, 'lin'))?.messageCount).toBe(2)
    const reordered = { args: { messageId: 'take-1', conversationId: idOf('lin') } }
    expect(await push(team, 'cs_agent', reordered)).toEqual({ type: 'taken', refusal: null })
  })

  it('[SYN-3] the same number with other content is refused and changes nothing', async () => {
    const team = await hub.team()
    await team.customer('lin')
    await team.customer('wang')
    await push(team, 'cs_agent', { args: { conversationId: idOf('lin'), messageId: 'take-1' } })
    const before = await seqOf(team)
    const answer = await push(team, 'cs_agent', { args: { conversationId: idOf('wang'), messageId: 'take-1' } })
    expect(answer).toMatchObject({ type: 'conflict', refusal: { code: 'sync.conflictingRepeat' } })
    expect([await seqOf(team), (await row(team, 'wang'))?.status]).toEqual([before, 'pending_person'])
  })

  it('[SYN-3] a number that does not follow is a gap', async () => {
    const team = await hub.team()
    expect(await push(team, 'cs_agent', { seq: 3 })).toMatchObject({
      type: 'gap',
      refusal: { code: 'sync.gap', params: { expected: 1 } },
    })
  })

  it('[SYN-4] a refusal uses up its number, keeps its reason, and raises no version', async () => {
    const team = await hub.team()
    await team.customer('lin')
    const before = await seqOf(team)
    const take = { args: { conversationId: idOf('nobody'), messageId: 'take-1' } }
    const refused = { type: 'taken', refusal: { code: 'conversation.notVisible' } }
    expect(await push(team, 'cs_agent', take)).toMatchObject(refused)
    expect(await push(team, 'cs_agent', take)).toMatchObject(refused)
    expect(await seqOf(team)).toBe(before)
    const next = { seq: 2, args: { conversationId: idOf('lin'), messageId: 'take-2' } }
    expect(await push(team, 'cs_agent', next)).toEqual({ type: 'taken', refusal: null })
  })

  it('what a queue may not give is refused: unknown names, and commands of the hub itself', async () => {
    const team = await hub.team()
    const names = ['nothing.like\u0000it', 'message.receive', 'toString', 'message.progress']
    const answers = []
    for (const [index, name] of names.entries()) answers.push(await push(team, 'admin', { seq: index + 1, name }))
    expect(answers).toEqual(
      names.map((name) => ({ type: 'taken', refusal: refuse('request.unknownCommand', { name }) })),
    )
  })

  it('arguments that do not fit are refused with the field', async () => {
    const team = await hub.team()
    for (const [index, args] of [null, 7, { conversationId: '../etc' }, { conversationId: 'x', more: 1 }].entries()) {
      expect(await push(team, 'admin', { seq: index + 1, args })).toMatchObject({
        type: 'taken',
        refusal: { code: 'request.invalid' },
      })
    }
  })

  it('[CNV-2] of two who take at once exactly one wins, and the other is told who has it', async () => {
    const team = await hub.team()
    for (let round = 0; round < 25; round++) {
      const who = `customer${round}`
      await team.customer(who)
      const answers = await Promise.all([team.take('cs_agent', who), team.take('cs_agent2', who)])
      expect(answers.toSorted()).toEqual(['conversation.takenBy', 'ok'])
      expect((await row(team, who))?.followerId).toBe(answers[0] === 'ok' ? 'cs_agent' : 'cs_agent2')
    }
  })

  it('[CNV-2] of two who take at once at two hubs exactly one wins, and no version is given twice', async () => {
    const team = await hub.team()
    const other = hub.otherCore()
    const versions: number[] = []
    const stops = [hub.core, other].map((core) => core.onCommit(({ version }) => versions.push(version)))
    const first = (await seqOf(team)) + 1
    for (let round = 0; round < 15; round++) {
      await team.customer(`customer${round}`)
      const args = { conversationId: idOf(`customer${round}`), messageId: `take-${round}` }
      const take = { seq: round + 1, name: 'conversation.take', args, at: 0 }
      const late = { ...take, args: { ...args, messageId: `late-${round}` } }
      const answers = await Promise.all([
        hub.core.runPushed(team.identity('cs_agent'), take),
        other.runPushed(team.identity('cs_agent2'), late),
      ])
      const codes = answers.map((one) => one.refusal?.code ?? 'ok')
      expect(codes.toSorted()).toEqual(['conversation.takenBy', 'ok'])
    }
    for (const stop of stops) stop()
    expect(versions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, index) => first + index))
  })

  it('[SYN-6] what another hub committed reaches a device with the next commit here', async () => {
    const team = await hub.team()
    await team.customer('lin')
    const device = await SampleDevice.live(team, 'admin')
    const take = { conversationId: idOf('lin'), messageId: 'elsewhere' }
    await hub.otherCore().runPushed(team.identity('cs_agent'), { seq: 1, name: 'conversation.take', args: take, at: 0 })
    await team.customer('wang')
    await device.caughtUp()
    const fresh = new SampleDevice(team, 'admin', 'fresh-device')
    await fresh.snapshot()
    expect(device.held()).toEqual(fresh.held())
  })

  it('[SYN-6] commits are told in the order of their versions, without a gap', async () => {
    const team = await hub.team()
    const told: number[] = []
    const stop = hub.core.onCommit((commit: Commit) => {
      if (commit.teamId === team.id) told.push(commit.version)
    })
    const first = (await seqOf(team)) + 1
    await Promise.all(Array.from({ length: 40 }, (_, index) => team.customer(`customer${index % 7}`, `${index}`)))
    stop()
    expect(told).toEqual(Array.from({ length: 40 }, (_, index) => first + index))
    expect(await seqOf(team)).toBe(first + 39)
    const counts = await Promise.all(Array.from({ length: 7 }, (_, index) => row(team, `customer${index}`)))
    expect(counts.map((one) => one?.messageCount)).toEqual([6, 6, 6, 6, 6, 5, 5])
  })

  it('[DEL-1] a deleted conversation takes its messages and marks with it, and leaves one word of it: its id', async () => {
    const team = await hub.team()
    await team.customer('lin')
    await team.customer('wang')
    await team.reply('cs_agent', 'lin')
    await team.as('cs_agent', 'conversation.pin', { conversationId: idOf('lin'), pinned: true })
    expect(await team.as('supervisor', 'conversation.delete', { conversationId: idOf('lin') })).toBe('ok')
    const left = await Promise.all(
      (['conversation', 'message', 'mark'] as const).map(async (table) => {
        const rows = await hub.core.db.selectFrom(table).select('id').where('team_id', '=', team.id).execute()
        return rows.length
      }),
    )
    expect(left).toEqual([1, 1, 0])
    const tombstones = hub.core.db.selectFrom('tombstone').select(['table_name', 'id']).where('team_id', '=', team.id)
    expect(await tombstones.execute()).toEqual([{ table_name: 'conversation', id: 'chat-lin' }])
  })

  it('[DEL-7] every device is told of it, also one whose member saw it no more, and one that fetches everything anew', async () => {
    const team = await hub.team()
    await team.customer('lin')
    await team.take('cs_agent', 'lin')
    const live = await Promise.all(['admin', 'cs_agent', 'cs_agent2'].map((who) => SampleDevice.live(team, who)))
    const away = new SampleDevice(team, 'cs_agent2', 'away')
    await away.snapshot()
    await team.as('supervisor', 'conversation.delete', { conversationId: idOf('lin') })
    for (const device of live) await device.caughtUp()
    const told = live.map(({ frames }) =>
      frames.flatMap((frame) => (frame.type === 'patch' ? frame.removes : [])).map(([table, id]) => `${table} ${id}`),
    )
    expect(told).toEqual(Array.from({ length: 3 }, () => ['conversation chat-lin']))
    const { lines } = await away.snapshot()
    expect(lines.flatMap((line) => (line.type === 'scope' ? line.deletedIds : []))).toEqual(['chat-lin'])
    expect(live.map((device) => device.ids('message'))).toEqual([[], [], []])
  })

  it('[DEL-8] what somebody on the blacklist writes raises a count, and reaches no device', async () => {
    const team = await hub.team()
    await team.customer('lin')
    const device = await SampleDevice.live(team, 'admin')
    expect(await team.as('supervisor', 'conversation.blacklist', { conversationId: idOf('lin') })).toBe('ok')
    await team.customer('lin', '又是我')
    await team.customer('wang')
    await device.caughtUp()
    const contact = await hub.core.row(team.id, 'contact', 'contact-lin')
    expect([contact?.blocked?.suppressed, contact?.subscribed]).toEqual([1, false])
    expect([device.ids('conversation'), device.held().some(([, row]) => row.id === 'contact-lin')]).toEqual([
      ['chat-wang'],
      false,
    ])
  })

  it('[COL-10] a member who is deactivated leaves what they share, whatever they followed', async () => {
    const sample = new SampleTeam({}, { collaboration: { from: 0, omoFrom: 0 } })
    const team = await hub.team(sample)
    for (const who of ['lin', 'wang', 'chen']) {
      await team.customer(who)
      await team.take(who === 'wang' ? 'supervisor' : 'cs_agent', who)
    }
    const add = (member: string, who: string, other: string) =>
      team.as(member, 'collaboration.add', {
        conversationId: idOf(who),
        messageId: team.messageId(),
        memberIds: [team.identity(other).memberId],
      })
    expect([await add('cs_agent', 'lin', 'cs_agent2'), await add('supervisor', 'wang', 'cs_agent')]).toEqual([
      'ok',
      'ok',
    ])
    expect(
      await team.as('admin', 'member.update', { memberId: team.identity('cs_agent').memberId, active: false }),
    ).toBe('ok')
    const people = await Promise.all(
      ['lin', 'wang', 'chen'].map(async (who) => {
        const conversation = await row(team, who)
        return [conversation?.followerId, ...(conversation?.collaboratorIds ?? [])].join(' ')
      }),
    )
    expect(people).toEqual(['cs_agent2', 'supervisor', 'cs_agent'])
  })

  it('[SYN-3] a bug in the middle of a command undoes it, is logged without text, and lets the queue go on', async () => {
    const team = await hub.team()
    await team.customer('lin')
    const before = await row(team, 'lin')
    hub.failNext = new Error('broken at 王小姐的祕密')
    expect(await team.reply('cs_agent', 'lin', '王小姐的祕密')).toBe('internal.error')
    expect(await row(team, 'lin')).toEqual(before)
    expect(hub.logged.some((line) => line.includes('a command failed'))).toBe(true)
    expect(hub.logged.join('')).not.toContain('祕密')
    expect(await team.reply('cs_agent', 'lin')).toBe('ok')
  })

  it('[SYN-3] when the database is in trouble the number is not used up', async () => {
    const team = await hub.team()
    await team.customer('lin')
    const content = { kind: 'text', text: '有的' }
    const send = { name: 'message.send', args: { conversationId: idOf('lin'), messageId: 'send-1', content } }
    hub.failNext = Object.assign(new Error('disk full'), { code: '53100' })
    await expect(push(team, 'cs_agent', send)).rejects.toThrow('disk full')
    expect(await push(team, 'cs_agent', send)).toEqual({ type: 'taken', refusal: null })
  })

  it('[SYN-3] a transaction that PostgreSQL wants repeated is repeated', async () => {
    const team = await hub.team()
    await team.customer('lin')
    hub.failNext = Object.assign(new Error('could not serialize'), { code: '40001' })
    expect(await team.reply('cs_agent', 'lin')).toBe('ok')
    expect((await row(team, 'lin'))?.messageCount).toBe(2)
  })

  it('an inactive member takes nothing and uses up no number', async () => {
    const team = await hub.team()
    await team.customer('lin')
    const { memberId } = team.identity('cs_agent')
    expect(await team.as('admin', 'member.update', { memberId, active: false })).toBe('ok')
    const take = { args: { conversationId: idOf('lin'), messageId: 'take-1' } }
    expect(await push(team, 'cs_agent', take)).toMatchObject({ type: 'inactive', refusal: { code: 'signIn.inactive' } })
    await team.as('admin', 'member.update', { memberId, active: true })
    expect(await push(team, 'cs_agent', take)).toEqual({ type: 'taken', refusal: null })
  })

  it('a message whose attachment is not there is refused', async () => {
    const team = await hub.team()
    await team.customer('lin')
    hub.attachment = () => refuse('attachment.missing', { name: '報價.pdf' })
    const file = { kind: 'file', attachmentId: 'a1', name: '報價.pdf', size: 10, mime: 'application/pdf' }
    const send = { name: 'message.send', args: { conversationId: idOf('lin'), messageId: 'send-1', content: file } }
    expect(await push(team, 'cs_agent', send)).toMatchObject({ refusal: { code: 'attachment.missing' } })
    expect((await row(team, 'lin'))?.messageCount).toBe(1)
    hub.attachment = () => null
  })

  it('[ROL-6] every action of a member leaves an audit entry, which holds no text', async () => {
    const team = await hub.team()
    await team.customer('lin')
    await team.reply('cs_agent', 'lin', '銀行帳號是八八八')
    await team.as('cs_agent', 'note.add', {
      conversationId: idOf('lin'),
      messageId: team.messageId(),
      text: '八八八要保密',
    })
    await team.take('cs_agent2', 'lin')
    const entries = await hub.core.db
      .selectFrom('audit')
      .selectAll()
      .where('team_id', '=', team.id)
      .orderBy('n')
      .execute()
    expect(entries.map((one) => [one.member_id, one.workstation_id, one.command, one.subject_id, one.code])).toEqual([
      ['cs_agent', 'counter-1', 'message.send', 'chat-lin', null],
      ['cs_agent', 'counter-1', 'note.add', 'chat-lin', null],
      ['cs_agent2', 'counter-1', 'conversation.take', 'chat-lin', 'conversation.takenBy'],
    ])
    const { rows } = await sql<{ text: string }>`select a::text as text from audit a`.execute(hub.core.db)
    expect(rows.map(({ text }) => text).join('')).not.toContain('八八八')
  })
}
