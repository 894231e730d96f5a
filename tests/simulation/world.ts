/** One simulated run: the plan's steps one after the other, then peace, until everybody is in step again. */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import type { CommandArgs, CommandName } from '../../backend/domain/commands.ts'
import { ContactId, ConversationId, MemberId, MessageId, TeamId } from '../../backend/domain/ids.ts'
import { TABLE_NAMES } from '../../backend/domain/rows.ts'
import { SnapshotLine, TableRow } from '../../backend/sync/protocol.ts'
import { SampleTeam, WEBCHAT } from '../../backend/sync/sample-team.ts'
import { openMemberStore } from '../../backend/workstation/store/open.ts'
import { Chance } from './chance.ts'
import { SimClock } from './clock.ts'
import { SimDevice } from './device.ts'
import type { DeviceWorld } from './device.ts'
import { SimHub } from './hub.ts'
import type { Backup } from './hub.ts'
import { NO_FAULTS, Network } from './network.ts'
import { CUSTOMERS, TEAMS } from './plan.ts'
import type { Plan, Step } from './plan.ts'
import { KEY } from './templates.ts'
import type { Templates } from './templates.ts'

const START = Date.UTC(2026, 2, 2, 4)
/** More than are deleted of one customer in a run. */
const CONVERSATIONS_MAX = 12
const DAY = 24 * 3_600_000
/** The team's only folder of saved replies, and for whom they may be. */
const FOLDER = 'folder'
const VISIBILITIES = [
  { to: 'all' },
  { to: 'owner' },
  { to: 'roles', roles: ['cs_agent', 'salesperson'] },
  { to: 'stores', storeIds: ['xinyi'] },
] as const
/** How long peace may take, in simulated ms: some back-offs and a token's life. */
const PEACE = 30 * 60_000

/** What a customer wrote, given to the hub again and again until it has it, as a channel's webhook does. */
export type Inbound = { teamId: TeamId; args: CommandArgs<'message.receive'>; answer: string | null }

export class World {
  readonly hub: SimHub
  readonly devices: SimDevice[]
  readonly problems: string[] = []
  readonly inbound: Inbound[] = []
  /** How often the hub was put back to a backup. */
  restores = 0
  readonly #plan: Plan
  readonly #templates: Templates
  readonly #clock: SimClock
  readonly #network: Network
  readonly #folder: string
  readonly #chance: Chance
  #backup: Backup | null = null
  #messages = 0

  constructor(plan: Plan, pglite: PGlite, templates: Templates, folder: string) {
    this.#plan = plan
    this.#templates = templates
    this.#chance = new Chance(plan.seed)
    this.#clock = new SimClock(START, () => this.hub.busy)
    this.#network = new Network(this.#chance, () => this.#clock.now)
    this.#folder = folder
    this.hub = new SimHub(pglite, this.#network, () => this.#clock.now, this.#settled)
    const world = this.#deviceWorld()
    this.devices = plan.devices.map(
      ({ team, member }, n) => new SimDevice(world, `device-${n}`, teamId(team), MemberId.parse(member)),
    )
  }

  /** Plays the plan, then lets everything come to rest. @throws when it does not */
  async play(): Promise<void> {
    this.hub.start()
    for (let team = 0; team < TEAMS; team++) await this.hub.importTeam(teamId(team), sampleRows())
    await this.#openWorkstations()
    await this.#clock.pass(3_000)
    this.#network.faults = this.#plan.faults
    for (const step of this.#plan.steps) {
      await this.#perform(step)
      await this.#clock.rest()
      // Some things happen at once, others with a while between them.
      if (this.#chance.is(0.5))
        await this.#clock.pass(this.#chance.between(0, 3 * this.#plan.faults.delay), this.#someoneDied)
      await this.#bury()
    }
    await this.#peace()
  }

  /** The file of a new workstation of the same member, filled by the hub as it is now. */
  async fresh({ teamId: team, memberId }: SimDevice): Promise<string> {
    const path = join(this.#folder, `fresh-${team}-${memberId}.db`)
    if (existsSync(path)) return path
    this.#templates.empty(path, 'client-fresh', memberId)
    const opened = openMemberStore({ path, key: KEY, log: { info: () => undefined, warn: () => undefined } })
    if (!opened.ok) throw new Error(`a fresh store does not open: ${opened.reason}`)
    for (const line of await this.hub.snapshot(team, memberId)) {
      opened.store.applySnapshotLine(SnapshotLine.parse(JSON.parse(line)))
    }
    opened.store.close()
    return path
  }

  async end(): Promise<void> {
    for (const device of this.devices) await device.stop()
    await this.hub.end()
    await this.#clock.rest()
    this.#clock.end()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get now(): number {
    return this.#clock.now
  }

  readonly #settled = async <T>(ending: Promise<T>): Promise<T> => {
    let over = false
    const end = () => (over = true)
    ending.then(end, end)
    await this.#clock.rest()
    while (!over) await this.#clock.pass(1_000, () => over)
    return await ending
  }

  /** Most have been in step before; some are new. */
  async #openWorkstations(): Promise<void> {
    for (const device of this.devices) {
      const { memberId } = device
      if (this.#chance.is(0.8)) {
        const lines = this.#templates.has(memberId) ? [] : await this.hub.snapshot(device.teamId, memberId)
        this.#templates.filled(device.path, device.clientId, memberId, memberId, lines)
      }
      device.start()
    }
  }

  #deviceWorld(): DeviceWorld {
    return {
      network: this.#network,
      chance: this.#chance,
      wall: () => this.#clock.now,
      folder: this.#folder,
      templates: this.#templates,
      problems: this.problems,
      settled: this.#settled,
    }
  }

  readonly #someoneDied = () => this.devices.some(({ isDead }) => isDead)

  #device(n: number): SimDevice {
    const device = this.devices[n % this.devices.length]
    if (!device) throw new Error('a plan has devices')
    return device
  }

  async #perform(step: Step): Promise<void> {
    switch (step.type) {
      case 'customer':
        this.inbound.push({ teamId: teamId(step.team), args: this.#customers(step), answer: null })
        return this.#bring()
      case 'act':
        return this.#act(step)
      case 'draft':
        return this.#device(step.device).type(this.#chatOn(this.#device(step.device), step.who), step.text)
      case 'settle':
        return this.#device(step.device).settle(step.how)
      case 'wait':
        await this.#clock.pass(step.ms, this.#someoneDied)
        return this.#bring()
      case 'cut':
        return this.#network.cut(this.#device(step.device).name)
      case 'reach':
        return this.#network.setReach(this.#device(step.device).name, step.reaches)
      case 'killDevice':
        return this.#device(step.device).dieAt(step.changes, step.moment)
      case 'stopDevice':
        return this.#device(step.device).stop()
      case 'startDevice':
        return this.#device(step.device).start()
      case 'old':
        this.#device(step.device).old = step.old
        return this.#network.cut(this.#device(step.device).name)
      case 'killHub':
        return this.hub.killAt(step.commits, step.moment)
      case 'stopHub':
        return this.hub.kill()
      case 'startHub':
        return this.hub.start()
      case 'role':
        return this.#console(step, { role: step.role })
      case 'stores':
        return this.#console(step, { storeIds: step.stores })
      case 'active':
        return this.#console(step, { active: step.active })
      case 'collaboration': {
        const from = step.from === null ? null : this.#clock.now + step.from
        return this.#asOwner(step.team, 'team.update', { collaboration: { from: null, omoFrom: from } })
      }
      case 'lift':
        return this.#asOwner(step.team, 'contact.lift', { contactId: `contact-${step.who}` })
      case 'progress':
        return this.#progress(step)
      case 'backup':
        this.#backup = await this.hub.backup()
        return
      case 'restore':
        if (!this.#backup) return
        await this.hub.restore(this.#backup)
        this.restores += 1
        return
      case 'prune':
        return this.hub.prune()
      case 'days':
        return this.#clock.sleep(step.days * DAY)
    }
  }

  #customers({ who, text }: Extract<Step, { type: 'customer' }>): Inbound['args'] {
    return {
      channelId: WEBCHAT,
      externalId: `${who}`,
      name: `${who}`,
      contactId: ContactId.parse(`contact-${who}`),
      conversationId: chat(who),
      messageId: this.#messageId(),
      content: { kind: 'text', text: text === '' ? '嗨' : text },
    }
  }

  /** What customers wrote and the hub has not answered. */
  async #bring(): Promise<void> {
    for (const message of this.inbound) {
      if (message.answer !== null) continue
      const answer = await this.hub.system(message.teamId, 'message.receive', message.args)
      if (answer === undefined) return
      message.answer = answer
    }
  }

  #act({ device: n, what, who, to, text }: Extract<Step, { type: 'act' }>): void {
    const device = this.#device(n)
    const conversationId = this.#chatOn(device, who)
    const about = { conversationId, messageId: this.#messageId() }
    switch (what) {
      case 'take':
      case 'close':
      case 'reopen':
        device.act(`conversation.${what}`, about)
        return
      case 'transfer':
        device.act('conversation.transfer', { ...about, toMemberId: to })
        return
      case 'add':
        device.act('collaboration.add', { ...about, memberIds: to === 'marketer' ? ['cs_agent', 'supervisor'] : [to] })
        return
      case 'join':
      case 'leave':
      case 'takeOver':
        device.act(`collaboration.${what}`, about)
        return
      case 'ask':
        device.act('collaboration.ask', { conversationId })
        return
      case 'decline':
        device.act('collaboration.decline', { conversationId, memberId: to })
        return
      case 'remove':
        device.act('collaboration.remove', { ...about, memberId: to })
        return
      case 'delete':
      case 'blacklist':
        device.act(`conversation.${what}`, { conversationId, batch: { position: 1 + text.length } })
        return
      case 'note':
        device.act('note.add', { ...about, text })
        return
      case 'read':
        device.act('conversation.markRead', { conversationId, readInbound: text.length })
        return
      case 'pin':
      case 'unpin':
        device.act('conversation.pin', { conversationId, pinned: what === 'pin' })
        return
      case 'saveReply': {
        const messages = [{ kind: 'text', text }]
        const visibility = VISIBILITIES[text.length % VISIBILITIES.length]
        const folderId = who === 0 ? null : FOLDER
        device.act('reply.save', { replyId: `reply-${who}`, folderId, name: `第${who}句`, messages, visibility })
        return
      }
      case 'removeReply':
        device.act('reply.remove', { replyId: `reply-${who}` })
        return
      case 'saveFolder': {
        const shared = text.length % 2 === 0
        device.act('replyFolder.save', { replyFolderId: FOLDER, name: `第${who}夾`, shared, position: who })
        return
      }
      case 'removeFolder':
        device.act('replyFolder.remove', { replyFolderId: FOLDER })
        return
      default:
        device.act('message.send', { ...about, content: { kind: 'text', text } })
    }
  }

  /** The admin changes a colleague, from elsewhere; an admin of a workstation here may be that colleague. */
  async #console({ team, member }: { team: number; member: string }, change: Record<string, unknown>): Promise<void> {
    await this.#asOwner(team, 'member.update', { memberId: member, ...change })
  }

  async #asOwner(team: number, name: CommandName, args: Record<string, unknown>): Promise<void> {
    await this.hub.console(teamId(team), MemberId.parse('owner'), name, args, this.#clock.now)
  }

  /** The customer's conversation as the device has it: after one that was deleted there is another. */
  #chatOn({ store }: SimDevice, who: number): ConversationId {
    for (let n = CONVERSATIONS_MAX; n > 0; n--) {
      const later = ConversationId.parse(`${chat(who)}~${n}`)
      if (store?.conversation(later)) return later
    }
    return chat(who)
  }

  /** A channel reports how far one of the members' messages has come. */
  async #progress({ team, nth, state }: Extract<Step, { type: 'progress' }>): Promise<void> {
    const sent = this.hub.history.flatMap(({ effects, teamId: of }) => (of === teamId(team) ? effects : []))
    const effect = sent.filter(({ type }) => type === 'channel.send').at(-1 - nth)
    if (effect?.type !== 'channel.send') return
    const delivery = state === 'failed' ? ({ state, code: 'channel.failed', platformCode: null } as const) : { state }
    await this.hub.system(teamId(team), 'message.progress', { messageIds: [effect.messageId], delivery })
  }

  /** Whoever died is cleared away; their programs start again by themselves, as the shell starts them. */
  async #bury(): Promise<void> {
    for (const device of this.devices) {
      if (!device.isDead) continue
      await device.stop()
      device.start()
    }
  }

  async #peace(): Promise<void> {
    this.#network.faults = NO_FAULTS
    this.hub.spare()
    this.hub.start()
    await this.#bury()
    for (const device of this.devices) {
      device.spare()
      this.#network.setReach(device.name, true)
      device.old = false
      // A member who was inactive for a while signs in again.
      if (device.isSignedOut) await device.stop()
      device.start()
      this.#network.cut(device.name)
    }
    // Everybody has noticed.
    await this.#clock.pass(1_000)
    await this.#bring()
    const active = []
    for (const device of this.devices) {
      if ((await this.hub.member(device.teamId, device.memberId))?.active) active.push(device)
    }
    await this.#untilInStep(active)
    if (this.inbound.some(({ answer }) => answer === null)) throw new Error('a customer is still not heard')
  }

  async #untilInStep(devices: readonly SimDevice[]): Promise<void> {
    const versions = new Map<TeamId, number>()
    const lagging = () => devices.filter((device) => !isInStep(device, versions.get(device.teamId) ?? 0))
    const from = this.#clock.now
    for (;;) {
      for (const device of devices) device.wake()
      for (let team = 0; team < TEAMS; team++) versions.set(teamId(team), await this.hub.version(teamId(team)))
      if (lagging().length === 0) return
      if (this.#clock.now - from > PEACE) throw new Error(`not in step: ${lagging().map(standing).join('; ')}`)
      await this.#clock.pass(1_000, () => lagging().length === 0)
      await this.#bury()
    }
  }

  #messageId(): MessageId {
    return MessageId.parse(`message-${++this.#messages}`)
  }
}

function isInStep({ store, connection }: SimDevice, version: number): boolean {
  if (!store || connection?.state !== 'online') return false
  const position = store.position()
  return position.version === version && position.snapshot === null && store.queue().waiting.length === 0
}

function standing({ name, store, connection }: SimDevice): string {
  return `${name} ${JSON.stringify({ connection, position: store?.position(), waiting: store?.queue().waiting })}`
}

export function teamId(n: number): TeamId {
  return TeamId.parse(`team-${n}`)
}

export function chat(who: number): ConversationId {
  return ConversationId.parse(`chat-${who}`)
}

/** The sample team: with an owner, an admin whom nobody here is, and a first conversation of each customer. */
export function sampleRows(): TableRow[] {
  const sample = new SampleTeam({}, { collaboration: { from: null, omoFrom: START } })
  sample.now = START - 3_600_000
  for (let who = 0; who < CUSTOMERS; who++) sample.customer(`${who}`, `第${who}位客人`)
  sample.take('cs_agent', '1')
  sample.transfer('supervisor', '2', 'salesperson')
  const { store } = sample
  const admin = store.all('member').find(({ id }) => id === 'admin')
  if (!admin) throw new Error('the sample team has an admin')
  store.put('member', { ...admin, id: MemberId.parse('owner'), email: 'owner@shop.example' })
  return TABLE_NAMES.flatMap((table) => store.all(table).map((row) => TableRow.parse([table, row])))
}
