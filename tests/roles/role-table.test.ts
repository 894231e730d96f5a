/** ROL-4: permissions, rules and the hub say the same, for every command in every situation. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MemberCommandName } from '../../backend/domain/commands.ts'
import { ContactId, ReplyFolderId, ReplyId } from '../../backend/domain/ids.ts'
import type { Contact } from '../../backend/domain/rows.ts'
import { sampleDatabase } from '../../backend/hub/store/sample-database.ts'
import { SampleHub } from '../../backend/hub/sync/sample-hub-team.ts'
import type { HubTeam } from '../../backend/hub/sync/sample-hub-team.ts'
import { PlainStore } from '../../backend/sync/plain-store.ts'
import type { TableRow } from '../../backend/sync/protocol.ts'
import { SampleTeam } from '../../backend/sync/sample-team.ts'
import { COMMANDS, NAMES, expected } from './commands.ts'
import { FLAGS, OTHER, actorOf, momentOf, named, rowsOf, sampleOf, situations, teamRows } from './situations.ts'
import type { Situation } from './situations.ts'

const ALL = situations()
/** What is about the team needs no more situations than there are roles and flags. */
function commandsIn({ status, membership, kind }: Situation): MemberCommandName[] {
  const isOne = status === 'open' && membership === 'mine' && kind === 'direct'
  return NAMES.filter((name) => isOne || COMMANDS[name].about === 'conversation')
}
/** Each situation has a conversation for each command. */
const numberOf = (situation: number, command: number) => situation * NAMES.length + command

/** What a command about the team is about. */
function besides(n: number): TableRow[] {
  const id = ReplyId.parse(`reply-${n}`)
  const folderId = ReplyFolderId.parse(`folder-${n}`)
  const messages = [{ kind: 'text' as const, text: '您好' }]
  const visibility = { to: 'all' as const }
  return [
    blocked(n),
    ['replyFolder', { id: folderId, name: '共用', ownerId: null, position: 0 }],
    ['reply', { id, folderId, name: '招呼', messages, visibility, ownerId: OTHER.id, updatedAt: 1 }],
  ]
}

/** Somebody on the blacklist. */
function blocked(n: number): TableRow {
  const contact: Contact = {
    ...sampleOf(ALL[0] as Situation, n).contact,
    id: ContactId.parse(`blocked-${n}`),
    externalId: `blocked-${n}`,
    blocked: { by: actorOf(ALL[0] as Situation).id, at: 1, suppressed: 0, lifting: false, platform: { state: 'none' } },
  }
  return ['contact', contact]
}

function rowsFor(flag: Situation['flag']): TableRow[] {
  const own = ALL.flatMap((situation, index) => {
    if (situation.flag !== flag) return []
    return commandsIn(situation).flatMap((name) => {
      const n = numberOf(index, NAMES.indexOf(name))
      return [...rowsOf(situation, n), ...(COMMANDS[name].about === 'team' ? besides(n) : [])]
    })
  })
  return [...teamRows(flag), ...own]
}

/** What each says, as `situation command: answer`. */
function expectedOf(situation: Situation, index: number, now: number): string[] {
  return commandsIn(situation).map((name) => {
    const command = NAMES.indexOf(name)
    const { conversation } = sampleOf(situation, numberOf(index, command))
    const answer = expected(name, conversation, actorOf(situation), momentOf(situation, now))
    return `${named(situation)} ${name}: ${answer}`
  })
}

describe('[ROL-4] every command, by role × status × membership × kind × flag', () => {
  it('the rules refuse what the permissions refuse, with the same code, and nothing else', () => {
    const stores = new Map(FLAGS.map((flag) => [flag, new PlainStore()]))
    for (const [flag, store] of stores) for (const [table, row] of rowsFor(flag)) store.put(table, row)
    for (const [index, situation] of ALL.entries()) {
      const store = stores.get(situation.flag) ?? new PlainStore()
      const said = commandsIn(situation).map((name) => {
        const actor = store.actor(actorOf(situation))
        const args = COMMANDS[name].args(numberOf(index, NAMES.indexOf(name)))
        const outcome = store.run(name, args, { actor, now: Date.now() })
        return `${named(situation)} ${name}: ${outcome.ok ? 'ok' : outcome.refusal.code}`
      })
      expect(said).toEqual(expectedOf(situation, index, Date.now()))
    }
  })

  it('covers every role, status, membership, kind and flag, and both answers of every command', () => {
    const seen = new Map<string, Set<string>>()
    for (const [index, situation] of ALL.entries()) {
      for (const line of expectedOf(situation, index, Date.now())) {
        const [, command = '', answer = ''] = / (\S+): (\S+)$/.exec(line) ?? []
        seen.set(command, (seen.get(command) ?? new Set()).add(answer === 'ok' ? 'ok' : 'refused'))
      }
    }
    expect(Object.fromEntries([...seen].map(([name, answers]) => [name, [...answers].toSorted()]))).toEqual(
      Object.fromEntries(NAMES.map((name) => [name, ['ok', 'refused']])),
    )
    for (const field of ['role', 'status', 'membership', 'kind', 'flag'] as const) {
      const values = new Set(ALL.map((situation) => situation[field]))
      expect([field, values.size]).toEqual([field, { role: 8, status: 4, membership: 6, kind: 2, flag: 2 }[field]])
    }
  })

  describe('at the hub', () => {
    let hub: SampleHub
    const teams = new Map<Situation['flag'], HubTeam>()
    beforeAll(async () => {
      hub = await SampleHub.start(await sampleDatabase())
      for (const flag of FLAGS) {
        const team = await hub.team(new SampleTeam())
        await hub.core.importRows(team.id, rowsFor(flag))
        teams.set(flag, team)
      }
    }, 180_000)
    afterAll(() => hub.stop(), 60_000)

    it('the same is answered', { timeout: 300_000 }, async () => {
      for (const [index, situation] of ALL.entries()) {
        const team = teams.get(situation.flag)
        if (!team) throw new Error('there is a team for each flag')
        const said: string[] = []
        for (const name of commandsIn(situation)) {
          const n = numberOf(index, NAMES.indexOf(name))
          const answer = await team.as(situation.role, name, COMMANDS[name].args(n))
          said.push(`${named(situation)} ${name}: ${answer}`)
        }
        expect(said).toEqual(expectedOf(situation, index, hub.now))
      }
    })
  })
})
