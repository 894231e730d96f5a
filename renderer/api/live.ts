/** What the backend tells this window as it happens, over one socket that comes back by itself. */
import { onScopeDispose, ref } from 'vue'
import type { Ref } from 'vue'
import type { LiveEvent } from '../../backend/workstation/views.ts'

export type LiveType = LiveEvent['type']
export type EventOf<T extends LiveType> = Extract<LiveEvent, { type: T }>
type Handler = (event: LiveEvent) => void

/** The part of `WebSocket` that is used: `open`, `message` and `close` events. */
export type Socket = EventTarget & { close(): void }

export type LiveOptions = {
  open: () => Socket
  /** Runs `again` after so many ms; returns the function that calls it off. */
  later: (again: () => void, ms: number) => () => void
}

const FIRST_WAIT = 250
const LONGEST_WAIT = 5_000

export type Live = {
  /** Whether events arrive right now. */
  connected: Readonly<Ref<boolean>>
  /** Connects, and stays connected until {@link Live.stop}. */
  start(): void
  stop(): void
  on<T extends LiveType>(type: T, handler: (event: EventOf<T>) => void): () => void
  /** Called whenever events may have been missed: everything on the screen has to be asked for again. */
  onStale(handler: () => void): () => void
}

/** A live connection. Waits 0.25 s after a loss, then twice as long each time up to 5 s. */
export function createLive({ open, later }: LiveOptions): Live {
  const handlers = new Map<LiveType, Set<Handler>>()
  const staleHandlers = new Set<() => void>()
  const connected = ref(false)
  let socket: Socket | null = null
  let cancelWait: (() => void) | null = null
  let wait = FIRST_WAIT
  let openedBefore = false

  function connect(): void {
    cancelWait = null
    const opening = open()
    socket = opening
    opening.addEventListener('open', () => {
      wait = FIRST_WAIT
      connected.value = true
      if (openedBefore) everythingIsStale()
      openedBefore = true
    })
    opening.addEventListener('message', (message) => {
      const event = message instanceof MessageEvent ? readEvent(message.data) : null
      // An event that cannot be read may have said anything.
      if (event === null) return everythingIsStale()
      for (const handler of handlers.get(event.type) ?? []) handler(event)
    })
    opening.addEventListener('close', () => {
      if (socket !== opening) return
      socket = null
      connected.value = false
      cancelWait = later(connect, wait)
      wait = Math.min(wait * 2, LONGEST_WAIT)
    })
  }

  function everythingIsStale(): void {
    for (const handler of staleHandlers) handler()
  }

  return {
    connected,
    start() {
      if (socket === null && cancelWait === null) connect()
    },
    stop() {
      cancelWait?.()
      cancelWait = null
      const closing = socket
      socket = null
      connected.value = false
      closing?.close()
    },
    on(type, handler) {
      const set = handlers.get(type) ?? new Set()
      handlers.set(type, set)
      const general: Handler = (event) => {
        if (isOf(event, type)) handler(event)
      }
      set.add(general)
      return () => set.delete(general)
    },
    onStale(handler) {
      staleHandlers.add(handler)
      return () => staleHandlers.delete(handler)
    },
  }
}

function isOf<T extends LiveType>(event: LiveEvent, type: T): event is EventOf<T> {
  return event.type === type
}

const TYPES: ReadonlySet<string> = new Set<LiveType>([
  'state',
  'reference',
  'replies',
  'lists',
  'conversation',
  'gone',
  'queue',
  'presence',
  'notice',
])

/** The backend is ours: its events are checked as far as their type. */
function readEvent(data: unknown): LiveEvent | null {
  if (typeof data !== 'string') return null
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || !('type' in value)) return null
  return typeof value.type === 'string' && TYPES.has(value.type) ? (value as LiveEvent) : null
}

/** The window's one live connection. */
export const live: Live = createLive({
  open: () => new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/live`),
  later: (again, ms) => {
    const timer = setTimeout(again, ms)
    return () => clearTimeout(timer)
  },
})

/** Calls `handler` for every event of a type for as long as the component (or effect scope) lives. */
export function onLive<T extends LiveType>(type: T, handler: (event: EventOf<T>) => void): void {
  onScopeDispose(live.on(type, handler))
}

/** Calls `handler` when events may have been missed, for as long as the component (or effect scope) lives. */
export function onStale(handler: () => void): void {
  onScopeDispose(live.onStale(handler))
}

/** Both of the above in one. */
export function useLive(): { onLive: typeof onLive; onStale: typeof onStale } {
  return { onLive, onStale }
}
