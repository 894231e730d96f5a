/** The hub's `/sync`: hellos, pushes and presence, whole and broken, in any order and at any number. */
import fc from 'fast-check'
import { ClientFrame, FRAME_MAX, HubFrame } from '../../backend/sync/protocol.ts'
import { UNKNOWN_MAX } from '../../backend/hub/sync/sync.ts'
import { httpProblem, parseJson, refusalProblem } from './answers.ts'
import { badToken, clientIdOf, tokenOf } from './keys.ts'
import type { Seat } from './keys.ts'
import type { Ledger } from './ledger.ts'
import { changed, changes, damaged, textDamages } from './mutate.ts'
import type { Change, TextDamage } from './mutate.ts'
import { anyValue, framesOf, resolved, seen } from './pools.ts'
import { MEMBERS } from './sample.ts'
import type { MemberName } from './sample.ts'
import { FuzzSocket, frameBytes } from './socket.ts'
import type { RawFrame } from './socket.ts'
import { target } from './target.ts'
import type { Turn } from './target.ts'
import { standingOf } from './world.ts'
import type { World } from './world.ts'

type Frame = { t: 'frame'; value: unknown; changes: Change[]; damage: TextDamage; as: 'text' | 'binary' | 'pieces' }
type Step =
  | Frame
  | { t: 'bytes'; hex: string }
  | { t: 'ping'; hex: string }
  | { t: 'raw'; frame: RawFrame }
  | { t: 'silent'; sockets: number }
  | { t: 'flood'; frames: number; with: 'presence' | 'push' | 'ping' }
type Input = {
  member: MemberName
  team: 'shop' | 'rival'
  steps: Step[]
  end: 'probe' | 'cut' | 'reset' | 'close' | 'half-frame'
}

/** Nothing that a client says; whatever came before it has been dealt with when it is answered. */
const PROBE = '{"type":"end"}'
const SIZES = [FRAME_MAX - 1, FRAME_MAX, FRAME_MAX + 1, 4 * FRAME_MAX, 4 * FRAME_MAX + 1]
/** How long thousands of pushes may take, in ms: each is a transaction. */
const FLOOD_PATIENCE = 90_000
/** What a socket is closed with when its server has failed. */
const OUR_FAULT = 1011

const [helloSchema, ...others] = ClientFrame.options
const hello = framesOf(helloSchema)
// Pushes are what changes something.
const later = fc.oneof(
  ...others.map((one) => ({ weight: one.shape.type.value === 'push' ? 4 : 1, arbitrary: framesOf(one) })),
)

const frameOf = (values: fc.Arbitrary<unknown>, chance: fc.Arbitrary<Change[]>): fc.Arbitrary<Step> =>
  fc.record({
    t: fc.constant('frame' as const),
    value: values,
    changes: chance,
    damage: textDamages(SIZES),
    as: fc.oneof(
      { weight: 12, arbitrary: fc.constant<Frame['as']>('text') },
      { weight: 1, arbitrary: fc.constantFrom<Frame['as'][]>('binary', 'pieces') },
    ),
  })
const hex = (maxLength: number) => fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString('hex'))
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 60, arbitrary: frameOf(later, changes(anyValue)) },
  { weight: 6, arbitrary: frameOf(hello, changes(anyValue)) },
  { weight: 3, arbitrary: fc.record({ t: fc.constant('bytes' as const), hex: hex(40) }) },
  { weight: 2, arbitrary: fc.record({ t: fc.constant('ping' as const), hex: hex(125) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      t: fc.constant('raw' as const),
      frame: fc.record({
        first: fc.nat(255),
        masked: fc.boolean(),
        payload: fc.string({ maxLength: 130 }),
        length: fc.option(fc.constantFrom(0, 125, 126, 65_535, 65_536, FRAME_MAX * 4 + 1, 2 ** 40), { nil: null }),
      }),
    }),
  },
)
const flood: fc.Arbitrary<Step> = fc.oneof<fc.MaybeWeightedArbitrary<Step>[]>(
  {
    weight: 2,
    arbitrary: fc.record({
      t: fc.constant('flood'),
      frames: fc.constantFrom(300, 2_100),
      with: fc.constantFrom('presence', 'push', 'ping'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ t: fc.constant('silent'), sockets: fc.constantFrom(20, UNKNOWN_MAX + 20) }) },
)
/** A hello that is right, so that most inputs get in. */
const right: fc.Arbitrary<Step> = frameOf(hello, fc.constant([])).map((step) => ({
  ...step,
  as: 'text',
  damage: { type: 'none' },
}))

export const hubSocketInputs: fc.Arbitrary<Input> = fc.record({
  member: fc.constantFrom(...MEMBERS),
  team: fc.oneof(
    { weight: 12, arbitrary: fc.constant('shop' as const) },
    { weight: 1, arbitrary: fc.constant('rival' as const) },
  ),
  steps: fc.oneof(
    {
      weight: 60,
      arbitrary: fc.tuple(right, fc.array(steps, { maxLength: 5 })).map(([first, rest]) => [first, ...rest]),
    },
    { weight: 20, arbitrary: fc.array(steps, { maxLength: 3 }) },
    {
      weight: 1,
      arbitrary: fc.oneof(
        { weight: 9, arbitrary: fc.array(steps, { maxLength: 8 }) },
        { weight: 1, arbitrary: fc.tuple(right, flood) },
      ),
    },
  ),
  end: fc.oneof(
    { weight: 12, arbitrary: fc.constant<Input['end']>('probe') },
    { weight: 1, arbitrary: fc.constantFrom<Input['end'][]>('cut', 'reset', 'close', 'half-frame') },
  ),
})

/** The newest version of a team that anybody was told of, and its epoch. */
const standings = new Map<string, { version: number; epoch: string }>()

class Play {
  readonly problems: string[] = []
  readonly #turn: Turn
  readonly #seat: Seat
  readonly #ledger: Ledger
  readonly #other: Ledger
  readonly #socket: FuzzSocket
  /** Whose tokens were said on this connection. */
  readonly #said = new Map<string, Seat>()
  /** Whose connection it is, and who it will be if the hello under way is taken. */
  #asking: Seat | null = null
  #identity: Seat | null = null
  #seq = 0
  #read = 0
  #isRaw = false
  #isFlood = false

  constructor(turn: Turn, input: Input) {
    this.#turn = turn
    const { shop, rival } = turn.world.playground
    ;[this.#ledger, this.#other] = input.team === 'shop' ? [shop, rival] : [rival, shop]
    this.#seat = { team: this.#ledger.team, member: input.member, slot: turn.slot }
    const url = `${turn.world.hub.url.replace('http', 'ws')}/sync`
    this.#socket = new FuzzSocket(url, { 'x-forwarded-for': turn.address })
  }

  async all({ steps: list, end }: Input): Promise<string[]> {
    if (!(await this.#socket.opened())) {
      const { refused } = this.#socket
      const answer = { method: 'GET', headers: {}, failure: 'no upgrade', status: refused?.status ?? null }
      return [httpProblem({ ...answer, text: refused?.text ?? '' }, true) ?? 'the connection was refused']
    }
    for (const step of list) {
      await this.#step(step)
      this.#readAnswers()
      if (!this.#socket.isOpen) break
    }
    await this.#finish(end)
    this.#readAnswers()
    return this.problems
  }

  async #step(step: Step): Promise<void> {
    const socket = this.#socket
    switch (step.t) {
      case 'frame':
        return this.#frame(step)
      case 'bytes':
        this.#isRaw = true
        return socket.send(Buffer.from(step.hex, 'hex'), { binary: false })
      case 'ping':
        return socket.ping(Buffer.from(step.hex, 'hex'))
      case 'raw':
        this.#isRaw = true
        return socket.raw(frameBytes(step.frame))
      case 'silent':
        return this.#silent(step.sockets)
      case 'flood': {
        const c = this.#turn.run % 30
        const text =
          step.with === 'push'
            ? JSON.stringify({ type: 'push', commands: [{ seq: this.#seq || 1, name: 'nothing', args: {}, at: 0 }] })
            : JSON.stringify({ type: 'presence', conversationId: `c${c}`, typing: true })
        this.#sends(text)
        this.#isFlood = true
        // So many pings make `ws` give up a connection by itself.
        if (step.with === 'ping') this.#isRaw = true
        for (let i = 0; i < step.frames; i++) {
          if (step.with === 'ping') socket.ping(Buffer.alloc(125))
          else socket.send(text)
        }
      }
    }
  }

  /** Connections that never say a word: no more than one address may have, and the rest are told so. */
  async #silent(count: number): Promise<void> {
    const url = `${this.#turn.world.hub.url.replace('http', 'ws')}/sync`
    const sockets = Array.from({ length: count }, () => new FuzzSocket(url, { 'x-forwarded-for': this.#turn.address }))
    const opened = await Promise.all(sockets.map((socket) => socket.opened()))
    const taken = opened.filter(Boolean).length
    if (taken > UNKNOWN_MAX) this.problems.push(`${taken} silent connections of one address`)
    for (const [n, socket] of sockets.entries()) {
      const { refused } = socket
      const answer = {
        method: 'GET',
        headers: {},
        failure: 'no upgrade',
        status: refused?.status ?? null,
        text: refused?.text ?? '',
      }
      const problem = opened[n] ? null : httpProblem(answer, true)
      if (problem) this.problems.push(problem)
      socket.cut()
    }
  }

  async #frame({ value, changes: list, damage, as }: Frame): Promise<void> {
    const socket = this.#socket
    const real = await resolved(changed(value, list), (sign) => this.#sign(sign))
    const text = damaged(JSON.stringify(real) ?? 'undefined', damage)
    if (Buffer.byteLength(text) > 4 * FRAME_MAX) this.#isRaw = true
    this.#sends(text)
    const before = socket.texts.length
    if (as === 'pieces') {
      const at = Math.floor(text.length / 2)
      // By bytes, as networks cut: half a surrogate pair would be sent as another character.
      const bytes = Buffer.from(text)
      socket.send(bytes.subarray(0, at), { fin: false, binary: false })
      socket.ping(Buffer.from('between'))
      socket.send(bytes.subarray(at), { fin: true, binary: false })
    } else socket.send(as === 'binary' ? Buffer.from(text) : text, { binary: as === 'binary' })
    if (Buffer.byteLength(text) > FRAME_MAX && !(await socket.until(() => !socket.isOpen))) {
      this.problems.push(`a frame of ${Buffer.byteLength(text)} bytes was taken`)
    }
    // Numbers of commands follow from the answer.
    if (text.includes('"hello"')) await socket.until(() => socket.texts.length > before || !socket.isOpen)
  }

  #sends(text: string): void {
    const clients = [...this.#said.keys()]
    this.#ledger.sends(text, clients, this.#turn.run)
    this.#other.sends(text, clients, this.#turn.run)
  }

  async #finish(end: Input['end']): Promise<void> {
    const socket = this.#socket
    if (!socket.isOpen && socket.closedWith !== null) return this.#judgeClose()
    if (end === 'cut' || end === 'reset' || end === 'half-frame') {
      if (end === 'half-frame') socket.raw(Buffer.from([0x81, 0xfe, 0x01]))
      return socket.cut(end === 'reset')
    }
    if (end === 'close') {
      socket.close(1000)
      if (!(await socket.until(() => socket.closedWith !== null))) this.problems.push('a close was not answered')
      return
    }
    socket.send(PROBE)
    // Half a frame of ours may have swallowed the probe: then nothing is owed.
    const over = await socket.until(
      () => socket.closedWith !== null,
      this.#isRaw ? 300 : this.#isFlood ? FLOOD_PATIENCE : undefined,
    )
    if (!over && !this.#isRaw) this.problems.push('the connection hangs')
    if (over) this.#judgeClose()
    else socket.cut()
  }

  #judgeClose(): void {
    const { closedWith, texts } = this.#socket
    const last = parseJson(texts.at(-1) ?? '')
    const isError = HubFrame.safeParse(last).data?.type === 'error'
    if (closedWith === 4000 && isError) return
    // Whoever breaks its protocol is answered by `ws`, in whose words there is none for a fault of ours.
    if (closedWith === 4001 || (this.#isRaw && closedWith !== OUR_FAULT)) return
    this.problems.push(`closed with ${closedWith} after ${texts.at(-1)?.slice(0, 100)}`)
  }

  #readAnswers(): void {
    const { texts } = this.#socket
    for (; this.#read < texts.length; this.#read++) this.#answer(texts[this.#read] ?? '')
  }

  #answer(text: string): void {
    const parsed = HubFrame.safeParse(parseJson(text))
    if (!parsed.success) return void this.problems.push(`not a frame of the hub: ${text.slice(0, 200)}`)
    const frame = parsed.data
    if (frame.type === 'error') {
      const problem = refusalProblem(frame.error)
      if (problem) this.problems.push(problem)
      return
    }
    if (frame.type === 'welcome') {
      this.#identity = this.#asking
      this.#seq = frame.lastClientSeq
    }
    const identity = this.#identity
    if (!identity) return void this.problems.push(`told before a hello was taken: ${text.slice(0, 100)}`)
    const ledger = identity.team === this.#ledger.team ? this.#ledger : this.#other
    this.#saw(ledger, identity, text)
    if (frame.type === 'presence') ledger.showsConversation(identity.member, frame.conversationId, this.#turn.run)
    if (frame.type !== 'patch') return
    const { version, epoch } = frame
    if (version > (standings.get(identity.team)?.version ?? 0)) standings.set(identity.team, { version, epoch })
    for (const { refusal } of frame.results) {
      const problem = refusalProblem(refusal)
      if (problem) this.problems.push(problem)
    }
    for (const [table, row] of frame.puts) {
      if (table === 'conversation') ledger.showsConversation(identity.member, row.id, this.#turn.run)
      if (table === 'message') ledger.showsConversation(identity.member, row.conversationId, this.#turn.run)
      if (table === 'mark' && row.memberId !== identity.member) this.problems.push(`${identity.member} got ${row.id}`)
    }
  }

  #saw(ledger: Ledger, { member }: Seat, text: string): void {
    const foreign = ledger.foreign(member, text)
    if (foreign) this.problems.push(foreign)
    ledger.shows(member, text, this.#turn.run)
  }

  async #sign(sign: string): Promise<unknown> {
    const other = { ...this.#seat, member: MEMBERS[(MEMBERS.indexOf(memberOf(this.#seat)) + 1) % MEMBERS.length] ?? '' }
    const rival = { ...this.#seat, team: this.#other.team }
    const [what = '', amount] = sign.slice(1).split(/(?=[+-])/)
    switch (what) {
      case 'token':
        return this.#token(this.#seat)
      case 'token:other':
        return this.#token(other)
      case 'token:rival':
        return this.#token(rival)
      case 'expired':
      case 'forged':
      case 'unsigned':
      case 'visitor':
        return badToken(what, this.#seat)
      case 'client':
        return clientIdOf(this.#seat)
      case 'client:other':
        return clientIdOf(other)
      case 'client:rival':
        return clientIdOf(rival)
      case 'seen':
        return seen(this.#ledger.seenBy(this.#seat.member), Number(amount))
      case 'fresh':
        return `m${this.#turn.run}-${fresh++}`
      case 'version':
        return Math.max(0, (await this.#standing()).version + Number(amount ?? 0))
      case 'epoch':
        return (await this.#standing()).epoch
      case 'seq':
        return amount === '+1' ? ++this.#seq : Math.max(1, this.#seq + Number(amount ?? 0))
      default:
        return sign
    }
  }

  async #standing(): Promise<{ version: number; epoch: string }> {
    const { team } = this.#seat
    const known = standings.get(team) ?? (await standingOf(this.#turn.world, team))
    standings.set(team, known)
    return known
  }

  async #token(seat: Seat): Promise<string> {
    this.#asking = seat
    this.#said.set(clientIdOf(seat), seat)
    return tokenOf(seat)
  }
}

let fresh = 0

function memberOf({ member }: Seat): MemberName {
  return MEMBERS.find((one) => one === member) ?? 'admin'
}

export const hubSocket = target<Input>(
  'hub-socket',
  hubSocketInputs,
  (turn, input) => new Play(turn, input).all(input),
  async ({ playground: { shop, rival } }: World) => [...(await shop.check()), ...(await rival.check())],
)
