import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { MemberId, markId } from '../../domain/ids.ts'
import { ROLES } from '../../domain/rows.ts'
import { CLOSED_HELD_DAYS, MESSAGES_HELD } from '../../sync/protocol.ts'
import { sampleDatabase } from '../store/sample-database.ts'
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

/** Devices that were there all along hold what a new one is given. */
async function sameAsFresh(team: HubTeam, devices: readonly SampleDevice[]): Promise<void> {
  for (const device of devices) {
    await device.caughtUp()
    const fresh = new SampleDevice(team, device.member, `fresh-${device.member}`)
    await fresh.snapshot()
    expect({ [device.member]: device.held() }).toEqual({ [device.member]: fresh.held() })
  }
}

const SEEN: Record<string, string[]> = {
  admin: ['chat-agents', 'chat-closed', 'chat-pending', 'chat-sales'],
  supervisor: ['chat-agents', 'chat-closed', 'chat-pending', 'chat-sales'],
  cs_manager: ['chat-agents', 'chat-closed', 'chat-pending', 'chat-sales'],
  marketing_cs: ['chat-agents', 'chat-closed', 'chat-pending', 'chat-sales'],
  cs_agent: ['chat-agents', 'chat-pending'],
  sales_manager: ['chat-sales'],
  salesperson: ['chat-sales'],
  marketer: [],
}

it('[ROL-1] each role has its conversations, by snapshot and by patch alike, and nothing under others', async () => {
  const team = await hub.team()
  const live = await Promise.all(ROLES.map((role) => SampleDevice.live(team, role)))
  for (const who of ['pending', 'agents', 'sales', 'closed']) await team.customer(who)
  await team.take('cs_agent', 'agents')
  await team.take('supervisor', 'sales')
  await team.transfer('supervisor', 'sales', 'salesperson')
  await team.close('cs_agent2', 'closed')
  await team.reply('cs_agent', 'agents')

  for (const device of live) {
    await device.caughtUp()
    const seen = SEEN[device.member] ?? []
    expect({ [device.member]: device.ids('conversation') }).toEqual({ [device.member]: seen })
    expect(device.ids('contact').filter((id) => seen.includes(id.replace('contact', 'chat')))).toHaveLength(seen.length)
    const owners = [...device.rows.values()].flatMap(([table, row]) =>
      table === 'message' ? [row.conversationId] : [],
    )
    expect({ [device.member]: new Set(owners) }).toEqual({ [device.member]: new Set(seen) })
    expect(device.ids('member')).toHaveLength(ROLES.length + 1)
  }
  await sameAsFresh(team, live)
})

it('[ROL-2] a transfer takes the conversation, and everything under it, from one device and brings it whole to another', async () => {
  const team = await hub.team()
  await team.customer('lin', '先到的訊息')
  const [agent, sales] = await Promise.all([
    SampleDevice.live(team, 'cs_agent'),
    SampleDevice.live(team, 'salesperson'),
  ])
  await team.take('cs_agent', 'lin')
  await team.as('cs_agent', 'conversation.pin', { conversationId: idOf('lin'), pinned: true })
  await agent.caughtUp()
  expect([agent.ids('conversation'), agent.ids('mark').length, sales.ids('contact')]).toEqual([['chat-lin'], 1, []])

  await team.transfer('cs_agent', 'lin', 'salesperson')
  await Promise.all([agent.caughtUp(), sales.caughtUp()])
  expect([agent.ids('conversation'), agent.ids('message'), agent.ids('mark')]).toEqual([[], [], []])
  expect([sales.ids('conversation'), sales.ids('message').length, sales.ids('contact')]).toEqual([
    ['chat-lin'],
    3,
    ['contact-lin'],
  ])
  await sameAsFresh(team, [agent, sales])
})

it('[ROL-2] what left and what entered while a device was away is caught up with at its next hello', async () => {
  const team = await hub.team()
  await team.customer('lin')
  await team.customer('wang')
  const agent = await SampleDevice.live(team, 'cs_agent')
  const sales = await SampleDevice.live(team, 'salesperson')
  await Promise.all([agent.close(), sales.close()])
  await team.take('cs_agent2', 'lin')
  await team.take('supervisor', 'wang')
  await team.transfer('supervisor', 'wang', 'salesperson')
  await Promise.all([agent.connect(), sales.connect()])
  await Promise.all([agent.caughtUp(), sales.caughtUp()])
  expect([agent.ids('conversation'), sales.ids('conversation')]).toEqual([[], ['chat-wang']])
  await sameAsFresh(team, [agent, sales])
})

it("[ROL-2] a change of role or stores makes the device fetch anew, a sales manager's also that of a colleague", async () => {
  const team = await hub.team()
  await team.customer('lin')
  await team.take('supervisor', 'lin')
  await team.transfer('supervisor', 'lin', 'salesperson')
  const manager = await SampleDevice.live(team, 'sales_manager')
  const agent = await SampleDevice.live(team, 'cs_agent')
  expect(manager.ids('conversation')).toEqual(['chat-lin'])

  await team.as('admin', 'member.update', { memberId: MemberId.parse('salesperson'), storeIds: [] })
  await manager.until(() => manager.frames.some(({ type }) => type === 'resync'))
  await manager.snapshot()
  await manager.hello()
  await manager.caughtUp()
  expect(manager.ids('conversation')).toEqual([])
  expect(agent.frames.some(({ type }) => type === 'resync')).toBe(false)

  await team.as('admin', 'member.update', { memberId: MemberId.parse('cs_agent'), role: 'cs_manager' })
  await agent.until(() => agent.frames.some(({ type }) => type === 'resync'))
  await agent.close()
  await agent.connect()
  await agent.caughtUp()
  expect(agent.ids('conversation')).toEqual(['chat-lin'])
})

it("[CNV-7] nobody's device has another's marks", async () => {
  const team = await hub.team()
  await team.customer('lin')
  const devices = [await SampleDevice.live(team, 'cs_agent'), await SampleDevice.live(team, 'admin')]
  await team.as('cs_agent', 'conversation.pin', { conversationId: idOf('lin'), pinned: true })
  await team.as('admin', 'conversation.markRead', { conversationId: idOf('lin'), readInbound: 1 })
  await sameAsFresh(team, devices)
  expect(devices.map((device) => device.ids('mark'))).toEqual(
    devices.map(({ member }) => [markId(MemberId.parse(member), idOf('lin'))]),
  )
})

it('a device is given the newest messages of a conversation only', async () => {
  const team = await hub.team()
  const device = await SampleDevice.live(team, 'admin')
  for (let index = 0; index < MESSAGES_HELD + 5; index++) await team.customer('lin', `第 ${index} 則`)
  const fresh = await SampleDevice.live(team, 'admin', 'another-device')
  expect(fresh.ids('message')).toHaveLength(MESSAGES_HELD)
  await sameAsFresh(team, [device, fresh])
})

it('closed conversations from before the horizon are not on devices, and come back whole when reopened', async () => {
  const team = await hub.team()
  const before = hub.now
  await team.customer('lin')
  await team.customer('wang')
  await team.close('cs_agent', 'lin')
  hub.now += (CLOSED_HELD_DAYS + 2) * 24 * HOUR
  await team.close('cs_agent', 'wang')
  const device = await SampleDevice.live(team, 'admin')
  expect(device.ids('conversation')).toEqual(['chat-wang'])
  await team.customer('lin', '我又來了')
  await device.caughtUp()
  expect([device.ids('conversation'), device.ids('message').length]).toEqual([['chat-lin', 'chat-wang'], 5])
  await sameAsFresh(team, [device])
  hub.now = before
})
