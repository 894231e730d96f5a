import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { MemberId, ReplyFolderId, ReplyId } from '../../domain/ids.ts'
import type { Visibility } from '../../domain/rows.ts'
import { QINMEI, XINYI } from '../../sync/sample-team.ts'
import { TableRow } from '../../sync/protocol.ts'
import { sampleDatabase } from '../store/sample-database.ts'
import { catchUp } from './catch-up.ts'
import { SampleDevice } from './sample-device.ts'
import { SampleHub } from './sample-hub-team.ts'
import type { HubTeam } from './sample-hub-team.ts'

// A database in WebAssembly on a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

let hub: SampleHub
beforeAll(async () => {
  hub = await SampleHub.start(await sampleDatabase())
}, 120_000)
afterAll(() => hub.stop())

const WHO = ['admin', 'cs_agent', 'cs_agent2', 'salesperson', 'marketer']
const FOLDER = ReplyFolderId.parse('greetings')

function save(team: HubTeam, member: string, id: string, visibility: Visibility, name = id) {
  const messages = [{ kind: 'text', text: '您好' }] as const
  return team.as(member, 'reply.save', {
    replyId: ReplyId.parse(id),
    folderId: FOLDER,
    name,
    messages: [...messages],
    visibility,
  })
}
function saveFolder(team: HubTeam, member: string, shared: boolean) {
  return team.as(member, 'replyFolder.save', { replyFolderId: FOLDER, name: '招呼', shared, position: 0 })
}

/** What each device has, after all that was committed. */
async function held(devices: readonly SampleDevice[]): Promise<Record<string, string[]>> {
  const entries: [string, string[]][] = []
  for (const device of devices) {
    await device.caughtUp()
    entries.push([device.member, [...device.ids('replyFolder'), ...device.ids('reply')]])
  }
  return Object.fromEntries(entries)
}
/** What devices that had this have after what the database says of the versions since then. */
async function read(team: HubTeam, since: Since): Promise<Record<string, string[]>> {
  const entries: [string, string[]][] = []
  for (const [member, before] of Object.entries(since.held)) {
    const answer = await catchUp(hub.core.db, team.identity(member), since.version, 0, 0)
    if (answer.type !== 'patch') throw new Error(answer.type)
    const { puts, removes } = answer.patch
    const now = new Set([...before, ...puts.map((put) => TableRow.parse(JSON.parse(put))[1].id)])
    for (const [, id] of removes) now.delete(id)
    entries.push([member, [...now].toSorted(byFolder)])
  }
  return Object.fromEntries(entries)
}
type Since = { version: number; held: Record<string, string[]> }
const byFolder = (a: string, b: string) => Number(b === FOLDER) - Number(a === FOLDER) || (a < b ? -1 : 1)
const nothing = () => Object.fromEntries(WHO.map((member) => [member, []]))

/** What a new device of each member is given. */
async function fresh(team: HubTeam): Promise<Record<string, string[]>> {
  const devices = WHO.map((member) => new SampleDevice(team, member, `fresh-${member}`))
  for (const device of devices) await device.snapshot()
  return Object.fromEntries(
    devices.map((device) => [device.member, [...device.ids('replyFolder'), ...device.ids('reply')]]),
  )
}

it('[REP-1] [ROL-2] each member has the replies that are for them and no others: by snapshot, live and after an absence', async () => {
  const team = await hub.team()
  const live = await Promise.all(WHO.map((member) => SampleDevice.live(team, member)))
  const away = await Promise.all(WHO.map((member) => SampleDevice.live(team, member, `away-${member}`)))
  for (const device of away) await device.close()
  const since = { version: live[0]?.version ?? 0, held: nothing() }

  expect(await saveFolder(team, 'admin', true)).toBe('ok')
  await save(team, 'admin', 'everyone', { to: 'all' })
  await save(team, 'admin', 'agents', { to: 'roles', roles: ['cs_agent'] })
  await save(team, 'admin', 'xinyi', { to: 'stores', storeIds: [XINYI] })
  await save(team, 'admin', 'qinmei', { to: 'stores', storeIds: [QINMEI] })
  await save(team, 'cs_agent', 'mine', { to: 'owner' })

  const expected = {
    admin: ['greetings', 'agents', 'everyone', 'qinmei', 'xinyi'],
    cs_agent: ['greetings', 'agents', 'everyone', 'mine'],
    cs_agent2: ['greetings', 'agents', 'everyone'],
    salesperson: ['greetings', 'everyone', 'xinyi'],
    marketer: ['greetings', 'everyone'],
  }
  for (const device of away) await device.connect()
  expect(await held(live)).toEqual(expected)
  expect(await held(away)).toEqual(expected)
  expect(await read(team, since)).toEqual(expected)
  expect(await fresh(team)).toEqual(expected)
})

it('[REP-1] [ROL-2] one that is kept to its owner, or to others, leaves the devices of who no longer sees it', async () => {
  const team = await hub.team()
  const live = await Promise.all(WHO.map((member) => SampleDevice.live(team, member)))
  await saveFolder(team, 'admin', true)
  await save(team, 'admin', 'a', { to: 'all' })
  await save(team, 'admin', 'b', { to: 'all' })
  const since = { held: await held(live), version: live[0]?.version ?? 0 }
  const away = await Promise.all(WHO.map((member) => SampleDevice.live(team, member, `away-${member}`)))
  for (const device of away) await device.close()

  await save(team, 'admin', 'a', { to: 'stores', storeIds: [XINYI] })
  await save(team, 'admin', 'b', { to: 'owner' })
  await saveFolder(team, 'admin', false)
  const expected = { admin: ['greetings', 'a', 'b'], cs_agent: [], cs_agent2: [], salesperson: ['a'], marketer: [] }
  expect(await held(live)).toEqual(expected)
  for (const device of away) await device.connect()
  expect(await held(away)).toEqual(expected)
  expect(await read(team, since)).toEqual(expected)

  await team.as('admin', 'reply.remove', { replyId: ReplyId.parse('a') })
  await team.as('admin', 'replyFolder.remove', { replyFolderId: FOLDER })
  expect(await held(live)).toEqual({ admin: ['b'], cs_agent: [], cs_agent2: [], salesperson: [], marketer: [] })
  expect(await fresh(team)).toEqual(await held(live))
  expect(await team.hub.core.row(team.id, 'reply', ReplyId.parse('b'))).toMatchObject({ folderId: null })
})

it('[ROL-2] nobody is told of what a colleague keeps for themself, as long as it is known who had it', async () => {
  const team = await hub.team()
  const [own, other] = await Promise.all([SampleDevice.live(team, 'cs_agent'), SampleDevice.live(team, 'cs_agent2')])
  const before = other.frames.length
  await save(team, 'cs_agent', 'mine', { to: 'owner' })
  await save(team, 'cs_agent', 'mine', { to: 'owner' }, '改過的')
  await Promise.all([own.caughtUp(), other.caughtUp()])
  expect(own.ids('reply')).toEqual(['mine'])
  expect(JSON.stringify(other.frames.slice(before))).not.toContain('mine')
})

it('[ROL-2] with another role or store a member has other replies, and those that were theirs are gone', async () => {
  const team = await hub.team()
  await saveFolder(team, 'admin', true)
  await save(team, 'admin', 'agents', { to: 'roles', roles: ['cs_agent'] })
  await save(team, 'admin', 'xinyi', { to: 'stores', storeIds: [XINYI] })
  const live = await SampleDevice.live(team, 'cs_agent')
  const away = await SampleDevice.live(team, 'cs_agent', 'away-device')
  await away.close()
  expect(live.ids('reply')).toEqual(['agents'])

  await team.as('admin', 'member.update', {
    memberId: MemberId.parse('cs_agent'),
    role: 'salesperson',
    storeIds: [XINYI],
  })
  await live.until(() => live.frames.some(({ type }) => type === 'resync'))
  await live.snapshot()
  await away.connect()
  expect([live.ids('reply'), away.ids('reply')]).toEqual([['xinyi'], ['xinyi']])
})

it('[REP-1] a file that the reply does not have yet is asked for, one that it has is not', async () => {
  const team = await hub.team()
  const asked: unknown[] = []
  const { attachment } = hub
  hub.attachment = (content) => {
    asked.push(content)
    return null
  }
  try {
    const file = (id: string) => ({ kind: 'file', attachmentId: id, name: 'a.pdf', mime: 'application/pdf', size: 9 })
    const args = { replyId: 'with-file', folderId: null, name: '型錄', visibility: { to: 'owner' } }
    for (const [seq, messages] of [[file('a')], [file('a'), file('b')]].entries()) {
      const command = { seq: seq + 1, name: 'reply.save', args: { ...args, messages }, at: 0 }
      const taken = await hub.core.runPushed(team.identity('cs_agent'), command)
      expect(taken).toEqual({ type: 'taken', refusal: null })
    }
  } finally {
    hub.attachment = attachment
  }
  const of = (attachmentId: string) => ({
    replyId: 'with-file',
    attachmentId,
    name: 'a.pdf',
    mime: 'application/pdf',
    size: 9,
  })
  expect(asked).toEqual([of('a'), of('b')])
})
