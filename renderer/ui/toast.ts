/** Short tellings of what was done, with a way back for five seconds. Shown by `ToastStack.vue`. */
import { onScopeDispose, shallowRef, watch } from 'vue'
import type { Ref, ShallowRef } from 'vue'
import { newId } from '../api/id.ts'

export type Toast = {
  id: string
  /** Whom or what it is about, over the text; null for none. */
  about: string | null
  text: string
  kind: 'plain' | 'bad'
  undo: (() => void) | null
  /** Where it leads, and the word for it. */
  link: { label: string; run: () => void } | null
}
/** How long a toast stays, in ms: undo is offered for 5 s; what went wrong stays longer, for it has to be read. */
export const UNDO_MS = 5_000
const BAD_MS = 10_000
const MOST = 3

const toasts: ShallowRef<readonly Toast[]> = shallowRef([])
const timers = new Map<string, ReturnType<typeof setTimeout>>()

function dismiss(id: string): void {
  clearTimeout(timers.get(id))
  timers.delete(id)
  toasts.value = toasts.value.filter((toast) => toast.id !== id)
}

type ToastOptions = {
  kind?: Toast['kind']
  undo?: () => void
  link?: NonNullable<Toast['link']>
  about?: string
}

function show(text: string, options: ToastOptions = {}): () => void {
  const id = newId()
  const kind = options.kind ?? 'plain'
  const dropped = toasts.value.slice(0, Math.max(0, toasts.value.length - MOST + 1))
  for (const old of dropped) dismiss(old.id)
  toasts.value = [
    ...toasts.value,
    { id, text, kind, undo: options.undo ?? null, link: options.link ?? null, about: options.about ?? null },
  ]
  // What leads somewhere came unasked and has to be noticed first.
  const stays = kind === 'bad' || options.link ? BAD_MS : UNDO_MS
  timers.set(
    id,
    setTimeout(() => dismiss(id), stays),
  )
  return () => dismiss(id)
}

/** Takes all toasts away: whoever comes next to the window must not read them. */
function clear(): void {
  for (const { id } of toasts.value) dismiss(id)
}

/** `show` returns the function that takes the toast away. */
export function useToast(): { toasts: typeof toasts; show: typeof show; dismiss: typeof dismiss; clear: typeof clear } {
  return { toasts, show, dismiss, clear }
}

const places: ShallowRef<readonly HTMLElement[]> = shallowRef([])

/** Over whose lower edge toasts stand: the innermost part that asked for it; null for the window's own. */
export function toastPlace(): HTMLElement | null {
  return places.value.at(-1) ?? null
}

/** Has toasts stand over the lower edge of an element for as long as the component lives. */
export function useToastPlace(element: Readonly<Ref<HTMLElement | null>>): void {
  const leave = (left: HTMLElement | null): void => {
    places.value = places.value.filter((place) => place !== left)
  }
  watch(element, (now, before) => {
    leave(before)
    if (now) places.value = [...places.value, now]
  })
  onScopeDispose(() => leave(element.value))
}
