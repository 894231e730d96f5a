import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { TagId } from '../../domain/ids.ts'
import { TableRow } from '../../sync/protocol.ts'
import { sampleDatabase } from '../store/sample-database.ts'
import { writeChanges } from '../store/rows.ts'
import { TOMBSTONES_KEPT, pruneTombstones } from './prune.ts'
import { SampleDevice } from './sample-device.ts'
import { HOUR, SampleHub, idOf } from './sample-hub-team.ts'
import type { HubTeam } from './sample-hub-team.ts'

// A database in WebAssembly on a busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 })

let hub: SampleHub
beforeAll(async () => {
  hub = await SampleHub.start(await sampleDatabase())
}, 120_000)
afterAll(() => hub.stop())

const tag = (id: string) => TableRow.parse(['tag', { id, name: id, colour: 'red' }])

/** Removes a tag under the team's next version, as a rule does that removes rows. */
async function removeTag(team: HubTeam, id: string): Promise<void> {
  const before = await hub.core.row(team.id, 'tag', TagId.parse(id))
  if (!before) throw new Error(`no tag ${id}`)
  await hub.core.db.transaction().execute(async (trx) => {
    const { seq } = await trx
      .selectFrom('team_seq')
      .select('seq')
      .where('team_id', '=', team.id)
      .forUpdate()
      .executeTakeFirstOrThrow()
    await writeChanges(trx, team.id, seq + 1, [{ table: 'tag', id, before, after: null }], hub.now)
    await trx
      .updateTable('team_seq')
      .set({ seq: seq + 1 })
      .where('team_id', '=', team.id)
      .execute()
  })
}

const tombstones = async (team: HubTeam) =>
  (await hub.core.db.selectFrom('tombstone').select('id').where('team_id', '=', team.id).execute()).map(({ id }) => id)

/** What is kept of a queue's commands: their numbers. */
const results = async (team: HubTeam, device: SampleDevice) =>
  (
    await hub.core.db
      .selectFrom('client_result')
      .select('seq')
      .where('team_id', '=', team.id)
      .where('client_id', '=', device.clientId)
      .orderBy('seq')
      .execute()
  ).map(({ seq }) => seq)

async function sameAsFresh(device: SampleDevice): Promise<void> {
  const fresh = new SampleDevice(device.team, device.member, 'fresh-device')
  await fresh.snapshot()
  expect(device.held()).toEqual(fresh.held())
}

it('[SYN-6] a device that was away past the pruning gets a snapshot, one that was not gets a patch', async () => {
  const team = await hub.team()
  await hub.core.importRows(team.id, [tag('old'), tag('young'), tag('stays')])
  const [away, later] = [await SampleDevice.live(team, 'admin'), await SampleDevice.live(team, 'supervisor')]
  await away.close()
  await removeTag(team, 'old')
  await team.customer('lin')
  await later.caughtUp()
  await later.close()
  hub.now += TOMBSTONES_KEPT - HOUR
  await removeTag(team, 'young')
  expect(await pruneTombstones(hub.core.db, hub.now)).toBe(0)
  expect(await tombstones(team)).toEqual(['old', 'young'])
  hub.now += 2 * HOUR
  expect(await pruneTombstones(hub.core.db, hub.now)).toBe(1)
  expect(await tombstones(team)).toEqual(['young'])

  await later.open()
  expect(await later.hello()).toMatchObject({ snapshot: false })
  await later.caughtUp()
  await away.open()
  expect(await away.hello()).toMatchObject({ snapshot: true })
  await away.snapshot()
  await away.hello()
  await away.caughtUp()
  for (const device of [later, away]) {
    expect(device.ids('tag')).toEqual(['stays'])
    await sameAsFresh(device)
  }
})

it('[DEL-7] that a conversation was deleted is never forgotten', async () => {
  const team = await hub.team()
  await hub.core.importRows(team.id, [tag('old')])
  await removeTag(team, 'old')
  await hub.core.db
    .insertInto('tombstone')
    .values({
      team_id: team.id,
      version: 1,
      table_name: 'conversation',
      id: 'gone',
      conversation_id: null,
      at: hub.now,
    })
    .execute()
  expect((await tombstones(team)).toSorted()).toEqual(['gone', 'old'])
  hub.now += 400 * 24 * HOUR
  await pruneTombstones(hub.core.db, hub.now)
  expect(await tombstones(team)).toEqual(['gone'])
  expect(await pruneTombstones(hub.core.db, hub.now)).toBe(0)
})

it('[SYN-6] many are pruned a part at a time, and a device from in between gets a snapshot', async () => {
  const team = await hub.team()
  await hub.core.importRows(team.id, [tag('first'), tag('second')])
  await removeTag(team, 'first')
  const between = await SampleDevice.live(team, 'admin')
  await between.close()
  await removeTag(team, 'second')
  const { db } = hub.core
  const many = Array.from({ length: 5_500 }, (_, n) => n)
  const { seq } = await db.selectFrom('team_seq').select('seq').where('team_id', '=', team.id).executeTakeFirstOrThrow()
  const values = many.map((n) => ({
    team_id: team.id,
    version: seq,
    table_name: 'tag' as const,
    id: `many-${n}`,
    conversation_id: null,
    at: hub.now,
  }))
  for (let at = 0; at < values.length; at += 500) {
    await db
      .insertInto('tombstone')
      .values(values.slice(at, at + 500))
      .execute()
  }
  hub.now += TOMBSTONES_KEPT + HOUR
  await pruneTombstones(db, hub.now)
  expect(await tombstones(team)).toEqual([])
  await between.open()
  expect(await between.hello()).toMatchObject({ snapshot: true })
})

it('[SYN-4] a refusal that nobody heard for months still reaches its device; what it has heard is forgotten', async () => {
  const team = await hub.team()
  await team.customer('lin')
  const device = new SampleDevice(team, 'cs_agent')
  const identity = team.identity('cs_agent', device.clientId)
  const note = (seq: number) => ({ conversationId: idOf('lin'), messageId: `${team.id}-${seq}`, text: '常客' })
  for (let seq = 1; seq <= 6; seq++) {
    const name = seq === 3 ? 'no.such' : 'note.add'
    await hub.core.runPushed(identity, { seq, name, args: note(seq), at: 0 })
  }
  hub.now += 200 * 24 * HOUR
  await pruneTombstones(hub.core.db, hub.now)
  await device.connect()
  await device.until(() => device.lastClientSeq === 6)
  expect([...device.results]).toEqual([[3, 'request.unknownCommand']])
  expect(await results(team, device)).toEqual([1, 2, 3, 4, 5, 6])

  await device.close()
  await device.connect()
  // The last one is what the next welcome tells; the refusal is for a copy of this device from before.
  await vi.waitFor(async () => expect(await results(team, device)).toEqual([3, 6]))
  const copy = new SampleDevice(team, 'cs_agent')
  await copy.connect()
  await copy.until(() => copy.lastClientSeq === 6)
  expect([...copy.results.keys()]).toEqual([3])

  // A number whose outcome is forgotten changes nothing more, whatever comes under it.
  copy.push({ seq: 2, name: 'note.add', args: note(2) })
  await copy.until(() => copy.results.has(2))
  expect(copy.results.get(2)).toBe('sync.conflictingRepeat')
  expect(copy.ids('message').filter((id) => id === `${team.id}-2`)).toHaveLength(1)
})

it('[SYN-4] a device that speaks of another history makes the hub forget nothing', async () => {
  const team = await hub.team()
  const device = new SampleDevice(team, 'cs_agent')
  const identity = team.identity('cs_agent', device.clientId)
  for (const seq of [1, 2, 3]) await hub.core.runPushed(identity, { seq, name: 'no.such', args: {}, at: 0 })
  await device.open()
  await device.hello({ resultsAfter: 5_000 })
  await device.snapshot()
  await device.hello({ resultsAfter: 5_000 })
  await device.close()
  expect(await results(team, device)).toEqual([1, 2, 3])
  // Nor does it forget the last thousand refusals at once.
  await device.connect()
  expect(await results(team, device)).toEqual([1, 2, 3])
})
