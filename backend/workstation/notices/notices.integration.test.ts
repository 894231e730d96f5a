import { describe, expect, it, onTestFinished } from 'vitest'
import { ConversationId, MemberId, MessageId, TeamId } from '../../domain/ids.ts'
import { lastMessageOf } from '../../domain/messages/append.ts'
import type { Conversation, Event, Message } from '../../domain/rows.ts'
import { newTeam } from '../../domain/team/team.ts'
import type { TableRow } from '../../sync/protocol.ts'
import { openStore } from '../session/store-file.ts'
import { MEMBER, StandInHub } from '../stand-ins/hub.ts'
import { QUICK, SILENT, folder, until } from '../stand-ins/place.ts'
import { conversationRows, messageOf, snapshotOf } from '../stand-ins/rows.ts'
import type { Notice } from '../views.ts'
import { LocalWorkstation } from '../workstation.ts'

const [wang, lin] = ['wang', 'lin'].map((id) => MemberId.parse(id)) as [MemberId, MemberId]
const NAMES = ['one', 'two', 'three']

/** The rows by which a patch brings a system line as the conversation's `ordinal`-th message. */
function line(name: string, ordinal: number, event: Event, now: Partial<Conversation> = {}): TableRow[] {
  const [contact, conversation] = conversationRows(name, ordinal)
  const message: Message = {
    ...messageOf(name, ordinal),
    id: MessageId.parse(`${name}-${ordinal}-${event.type}`),
    author: { type: 'system' },
    body: { kind: 'event', event },
  }
  return [
    ['contact', contact],
    ['conversation', { ...conversation, lastMessage: lastMessageOf(message), ...now }],
    ['message', message],
  ]
}
const joined = { type: 'joined', by: wang } as const
const shared = { collaboratorIds: [wang] }

async function setUp(snapshotEvent?: TableRow[]) {
  const hub = await StandInHub.start()
  onTestFinished(() => hub.stop())
  const team = newTeam({ id: TeamId.parse('team'), name: '測試隊', collaboration: { from: 0, omoFrom: 0 } })
  hub.snapshotLines = snapshotOf(NAMES).map((one) => {
    if (one.type === 'reference')
      return { ...one, rows: one.rows.map((row): TableRow => (row[0] === 'team' ? ['team', team] : row)) }
    return snapshotEvent && one.type === 'conversations' && one.last === 'one' ? { ...one, rows: snapshotEvent } : one
  })
  const parts = { hub: hub.url, home: folder(), openStore, keychain: null, log: SILENT, timing: QUICK }
  const workstation = await LocalWorkstation.open(parts)
  onTestFinished(() => workstation.close())
  const notices: Notice[] = []
  workstation.onLive('a', (event) => {
    if (event.type === 'notice') notices.push(event.notice)
  })
  /** Lets the device have these rows, in a patch of their own. */
  const tell = (puts: TableRow[]): void => {
    hub.version += 1
    hub.tell({ ...hub.patch(), puts })
  }
  /** Has these rows come as what the device missed, right after the next welcome. */
  const missed = (puts: TableRow[]): void => {
    hub.version += 1
    hub.onHello = () => {
      hub.onHello = null
      hub.tell(hub.welcome())
      hub.tell({ ...hub.patch(), puts })
    }
  }
  const isOnline = () => workstation.state('a').connection.state === 'online'
  const signIn = async () => {
    await workstation.signIn('a', MEMBER.email, hub.password)
    await until(isOnline)
  }
  return { hub, workstation, notices, tell, missed, isOnline, signIn }
}

describe('notices', () => {
  it('[COL-11] are told once each as others do something, and never for what the member did', async () => {
    const { notices, tell, signIn } = await setUp()
    await signIn()
    tell(line('one', 1, { type: 'added', by: MEMBER.id, members: [wang] }, shared))
    tell(line('one', 2, { type: 'added', by: wang, members: [lin] }, { collaboratorIds: [wang, lin] }))
    tell(line('two', 1, joined, shared))
    await until(() => notices.length === 2)
    expect(notices).toMatchObject([
      { kind: 'collaboration', conversationId: 'one', contactName: 'one', event: { type: 'added', by: wang } },
      { kind: 'collaboration', conversationId: 'two', event: joined },
    ])
  })

  it('[COL-11] count what one colleague hands over at one go', async () => {
    const { notices, tell, signIn } = await setUp()
    await signIn()
    for (const name of NAMES) tell(line(name, 1, { type: 'transferred', by: wang, to: MEMBER.id }))
    tell(line('four', 1, { type: 'transferred', by: lin, to: MEMBER.id }))
    await until(() => notices.length === 2)
    expect(notices).toMatchObject([
      { kind: 'transferred', by: wang, conversationIds: NAMES, contactName: null },
      { kind: 'transferred', by: lin, conversationIds: ['four'], contactName: 'four' },
    ])
  })

  it('[COL-11] tell after the network came back of what happened meanwhile', async () => {
    const { hub, workstation, notices, missed, isOnline, signIn } = await setUp()
    await signIn()
    // What waits on the device has the same place in the thread as what comes: it hides nothing.
    hub.takes = false
    hub.failure = { status: 503, body: '' }
    hub.cut()
    await until(() => !isOnline())
    workstation.command({
      name: 'note.add',
      args: { conversationId: ConversationId.parse('one'), messageId: 'n1', text: '備註' },
    })
    missed(line('one', 1, joined, shared))
    hub.failure = null
    workstation.wake()
    await until(() => notices.length === 1)
    expect(notices).toMatchObject([{ kind: 'collaboration', event: joined }])
  })

  it('are not told of what a snapshot brings, nor of what changed while it came', async () => {
    const { notices, tell, missed, signIn, workstation } = await setUp(line('one', 1, joined, shared))
    missed(line('two', 1, joined, shared))
    await signIn()
    const has = (id: string) => {
      const view = workstation.conversation(ConversationId.parse(id))
      return view.ok && view.value.lastEvent?.type === 'joined'
    }
    await until(() => has('one') && has('two'))
    // What comes now is news, and nothing before it was.
    tell(line('three', 1, joined, shared))
    await until(() => notices.length > 0)
    expect(notices).toMatchObject([{ conversationId: 'three' }])
  })

  it('are not told to a window that is locked', async () => {
    const { workstation, notices, tell, signIn } = await setUp()
    await signIn()
    await workstation.lock()
    tell(line('one', 1, joined, shared))
    await until(() => {
      const view = workstation.conversation(ConversationId.parse('one'))
      return view.ok && view.value.lastEvent?.type === 'joined'
    })
    expect(notices).toEqual([])
  })
})
