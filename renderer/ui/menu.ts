/** What a menu (`AppMenu.vue`) holds. */
import type { Component } from 'vue'

export type MenuItem =
  | {
      kind: 'action'
      id: string
      label: string
      icon?: Component
      keys?: string
      /** One of a set that is chosen, or not; absent for a plain action. */
      checked?: boolean
      danger?: boolean
      /** Why it cannot be done now (ROL-4). */
      disabledReason?: string | null
      run: () => void
    }
  | { kind: 'heading'; id: string; label: string }
  | { kind: 'line'; id: string }
