/** How long a customer has waited, as the list shows it: words and colour follow from the level, never colour alone. */

export type WaitingLevel = 'calm' | 'warn' | 'bad'

const MINUTE = 60_000
/** Milliseconds from which a wait is shown as a warning, and as bad (look.md). */
export const WARN_FROM = 5 * MINUTE
export const BAD_FROM = 15 * MINUTE

/** The level of a wait of `ms` milliseconds. */
export function waitingLevel(ms: number): WaitingLevel {
  if (ms >= BAD_FROM) return 'bad'
  return ms >= WARN_FROM ? 'warn' : 'calm'
}

export type WaitingFigure = { unit: 'minutes' | 'hours' | 'days'; count: number }

/** A wait in its largest whole unit; under a minute counts as 0 minutes. A clock that runs behind gives 0 as well. */
export function waitingFigure(ms: number): WaitingFigure {
  const minutes = Math.max(0, Math.floor(ms / MINUTE))
  if (minutes < 60) return { unit: 'minutes', count: minutes }
  if (minutes < 24 * 60) return { unit: 'hours', count: Math.floor(minutes / 60) }
  return { unit: 'days', count: Math.floor(minutes / 1_440) }
}
