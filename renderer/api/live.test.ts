import { beforeEach, describe, expect, it } from 'vitest'
import { createLive } from './live.ts'
import type { Live } from './live.ts'

/** The network, in the test's hands: sockets that it opens and closes, and waits that it ends. */
class TestSocket extends EventTarget {
  closed = false
  close(): void {
    this.closed = true
  }
}
let sockets: TestSocket[]
let waits: { ms: number; over: () => void; cancelled: boolean }[]
let live: Live

beforeEach(() => {
  sockets = []
  waits = []
  live = createLive({
    open: () => {
      const socket = new TestSocket()
      sockets.push(socket)
      return socket
    },
    later: (over, ms) => {
      const wait = { ms, over, cancelled: false }
      waits.push(wait)
      return () => void (wait.cancelled = true)
    },
  })
})

const tell = (event: Event): void => void sockets.at(-1)?.dispatchEvent(event)
const opens = (): void => tell(new Event('open'))
const says = (data: unknown): void => tell(new MessageEvent('message', { data }))
const breaks = (): void => tell(new Event('close'))
const waitEnds = (): void => waits.at(-1)?.over()

describe('live events', () => {
  it('reach those who asked for them, until they stop asking', () => {
    const heard: string[] = []
    const stop = live.on('gone', ({ conversationId }) => heard.push(conversationId))
    live.on('queue', () => heard.push('queue'))
    live.start()
    opens()
    says(JSON.stringify({ type: 'gone', conversationId: 'c1' }))
    says(JSON.stringify({ type: 'queue' }))
    stop()
    says(JSON.stringify({ type: 'gone', conversationId: 'c2' }))
    expect(heard).toEqual(['c1', 'queue'])
  })

  it('that cannot be read make everything stale, for they may have said anything', () => {
    let heard = 0
    let stale = 0
    live.on('lists', () => (heard += 1))
    live.onStale(() => (stale += 1))
    live.start()
    opens()
    for (const data of ['{', '7', 'null', '{"type":"other"}', '{"type":7}', new ArrayBuffer(2), '{"type":"lists"}'])
      says(data)
    expect([heard, stale]).toEqual([1, 6])
  })

  it('come back by themselves after a loss, waiting longer each time up to 5 s', () => {
    live.start()
    for (let i = 0; i < 7; i += 1) {
      breaks()
      waitEnds()
    }
    expect(waits.map(({ ms }) => ms)).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000])
    opens()
    breaks()
    expect(waits.at(-1)?.ms).toBe(250)
  })

  it('make everything stale after a loss, not at the first connection', () => {
    let stale = 0
    const stop = live.onStale(() => (stale += 1))
    live.start()
    opens()
    expect([stale, live.connected.value]).toEqual([0, true])
    breaks()
    expect(live.connected.value).toBe(false)
    waitEnds()
    opens()
    expect([stale, live.connected.value]).toEqual([1, true])
    stop()
    breaks()
    waitEnds()
    opens()
    expect(stale).toBe(1)
  })

  it('end when stopped, also in the middle of a wait', () => {
    live.start()
    opens()
    live.stop()
    breaks()
    expect([sockets[0]?.closed, waits.length]).toEqual([true, 0])
    live.start()
    breaks()
    live.stop()
    expect(waits.at(-1)?.cancelled).toBe(true)
  })

  it('use one socket however often they are started', () => {
    live.start()
    live.start()
    breaks()
    live.start()
    expect(sockets.length).toBe(1)
  })
})
