/** A client of the hub, written from docs/protocol.md alone; without fingerprints, resumed snapshots and trimming. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { createWebSocketStream, WebSocket } from 'ws'

type Account = { email: string; password: string; workstation: { id: string; name: string } }
type Refusal = { code?: string; params?: { seconds?: number } }
type Command = { seq: number; name: string; args: object; at: number }
type Refused = Partial<Command> & { seq: number; refusal: Refusal }
type Row = [table: string, fields: { id: string; [field: string]: unknown }]
/** A line of a snapshot and a frame: each has those of these fields that the document gives it. */
type Line = { type: string; version: number; epoch: string; rows?: Row[] }
type Changes = { results: Refused[]; evicts: string[]; removes: string[][]; puts: Row[] }
type Frame = Line & Changes & { protocol: number; lastClientSeq: number; snapshot: boolean; n: number; more: boolean }

/** A member's device: a copy of what they may see, in memory, and a queue of what they do, in a file. */
export function openDevice(hub: string, file: string, account: Account, signal: AbortSignal) {
  /** What is in the file. The numbers up to `done` are done with; those of what waits follow. */
  const state = { clientId: '', refreshToken: '', done: 0, waiting: [] as Command[], refused: [] as Refused[] }
  if (existsSync(file)) Object.assign(state, JSON.parse(readFileSync(file, 'utf8')))
  const rows = new Map<string, Row>()
  /** What the rows are at; undefined when they have to be fetched. */
  let copy: { version: number; epoch: string } | undefined
  let live: WebSocket | undefined
  let renewing: Promise<string> | undefined
  let pause = 0.1

  const keyOf = ([table, { id }]: Row) => `${table} ${id}`
  const send = (frame: object) => live?.send(JSON.stringify(frame))
  const push = (command: Command) => send({ type: 'push', commands: [command] })
  const renumber = (done: number) =>
    save({ done, waiting: state.waiting.map((command, index) => ({ ...command, seq: done + 1 + index })) })
  /** Changes the tokens, one change at a time; answers with the access token. */
  const renew = () => (renewing ??= signIn().finally(() => (renewing = undefined)))

  /** Does something: it is in the file when this returns, and goes to the hub as soon as that can be reached. */
  function add(name: string, args: object): void {
    const command = { seq: state.done + state.waiting.length + 1, name, args, at: Date.now() }
    save({ waiting: [...state.waiting, command] })
    push(command)
  }

  function save(changes: Partial<typeof state>): void {
    writeFileSync(`${file}.new`, JSON.stringify({ ...state, ...changes }), { flush: true })
    renameSync(`${file}.new`, file)
    Object.assign(state, changes)
  }

  async function ask(path: string, init: RequestInit): Promise<string> {
    const answer = await fetch(new URL(path, hub), { ...init, signal })
    if (answer.ok) return (await answer.text()).trim()
    if (answer.status === 401) save({ refreshToken: '' })
    throw await answer.json()
  }

  async function signIn(): Promise<string> {
    const body = JSON.stringify(state.refreshToken ? { refreshToken: state.refreshToken } : { ...account, protocol: 1 })
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
    const session = JSON.parse(await ask(state.refreshToken ? '/auth/refresh' : '/auth/sign-in', init))
    if (session.clientId !== state.clientId) renumber(session.lastClientSeq)
    save({ clientId: session.clientId, refreshToken: session.refreshToken })
    send({ type: 'renew', accessToken: session.accessToken })
    return session.accessToken
  }

  async function fetchSnapshot(accessToken: string) {
    rows.clear()
    const text = await ask('/sync/snapshot', { headers: { authorization: `Bearer ${accessToken}` } })
    const lines = text.split('\n').map((line) => JSON.parse(line)) as [Line, ...Line[]]
    if (lines.at(-1)?.type !== 'end') throw new Error('The snapshot was cut.')
    for (const { rows: puts = [] } of lines) change(new Set(puts.map(keyOf)), puts)
    return { version: lines[0].version, epoch: lines[0].epoch }
  }

  /** Drops rows, with a conversation all that is under it, and puts rows; a contact goes with its last conversation. */
  function change(gone: Set<string>, puts: Row[]): void {
    for (const [key, [, { conversationId }]] of rows)
      if (gone.has(key) || gone.has(`conversation ${conversationId}`)) rows.delete(key)
    for (const row of puts) rows.set(keyOf(row), row)
    const contacts = new Set([...rows.values()].map(([, { contactId }]) => `contact ${contactId}`))
    for (const key of rows.keys()) if (key.startsWith('contact ') && !contacts.has(key)) rows.delete(key)
  }

  /** Goes on where the queue is, unless the hub has lost some of it or took some from a copy of this device. */
  function takeWelcome({ protocol, lastClientSeq: last, snapshot }: Frame, socket: WebSocket): void {
    const isOther = last < state.done || last > state.done + state.waiting.length
    if (isOther) renumber(last)
    if (isOther || snapshot || protocol !== 1) copy = undefined
    live = copy && socket
    state.waiting.slice(last - state.done).forEach(push)
  }

  function takePatch(frames: Frame[], { version, epoch, lastClientSeq: done }: Frame): void {
    const results = frames.flatMap((frame) => frame.results).filter(({ seq }) => seq > state.done)
    const refused = results.map((result) => ({ ...state.waiting[result.seq - state.done - 1], ...result }))
    save({ done, waiting: state.waiting.slice(done - state.done), refused: [...state.refused, ...refused] })
    const gone = frames.flatMap(({ evicts, removes }) => [...evicts.map((id) => ['conversation', id]), ...removes])
    const puts = frames.flatMap((frame) => frame.puts)
    change(new Set(gone.map((key) => key.join(' '))), puts)
    copy = { version, epoch }
    pause = 0.1
  }

  /** One connection, from its token to its end. */
  async function visit(): Promise<never> {
    const accessToken = await renew()
    copy ??= await fetchSnapshot(accessToken)
    const { clientId, done: resultsAfter } = state
    const socket = new WebSocket(new URL('/sync', hub), { perMessageDeflate: false })
    const quiet = setTimeout(() => socket.terminate(), 40_000).unref()
    const renewal = setInterval(() => void renew().catch(() => socket.terminate()), 300_000)
    for (const sign of ['message', 'ping']) socket.on(sign, () => quiet.refresh())
    socket.on('close', () => clearInterval(renewal))
    socket.on('close', (code) => (pause = code === 4001 ? 300 : pause))
    const stream = createWebSocketStream(socket, { readableObjectMode: true, decodeStrings: false, signal })
    stream.write(JSON.stringify({ type: 'hello', protocol: 1, accessToken, clientId, ...copy, resultsAfter }))
    const frames: Frame[] = []
    let n = 0
    for await (const text of stream) {
      const frame = JSON.parse(text) as Frame
      if (frame.type === 'error') throw frame
      if (frame.type === 'welcome') takeWelcome(frame, socket)
      if (frame.type === 'resync') copy = undefined
      if (!copy) throw new Error('The copy has to be fetched anew.')
      if (frame.type === 'patch' && frame.n !== ++n) throw new Error('A frame is missing.')
      if (frame.type === 'patch') frames.push(frame)
      if (frame.type === 'patch' && !frame.more) takePatch(frames.splice(0), frame)
    }
    stream.destroy()
    throw new Error('The connection was cut.')
  }

  /** Connects, and again after each cut, until the signal or a refusal for good; answers with the code of that. */
  async function run(): Promise<string> {
    for (;;) {
      const { code = '', params } = await visit().catch((failure?: { error?: Refusal }) => failure?.error ?? {})
      if (code === 'workstation.removed') rmSync(file)
      if (['signIn.wrong', 'signIn.inactive', 'workstation.removed', 'request.invalid'].includes(code)) return code
      await sleep((params?.seconds ?? pause) * (1_000 + 250 * Math.random()), undefined, { signal })
      pause = Math.min(30, 2 * pause)
    }
  }

  return { rows, state, add, renew, run }
}
