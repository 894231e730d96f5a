/** What to do about a step of a check that failed: by its code where that says it, else by the step. */
import type { CheckStep } from '../../../backend/workstation/views.ts'
import type { TextKey } from '../../i18n/index.ts'
import { CHECK_STEPS } from './kinds.ts'
import type { AccountKind } from './kinds.ts'

/** The text that says what to do; null for a step that passed. */
export function adviceKey(kind: AccountKind, { step, ok, code }: CheckStep): TextKey | null {
  if (ok) return null
  switch (code) {
    case 'channel.token':
      return `channels.check.advice.${kind}.token`
    case 'channel.restricted':
      return 'channels.check.advice.restricted'
    case 'channel.quota':
      return 'channels.check.advice.quota'
    case 'channel.rateLimited':
      return 'channels.check.advice.rateLimited'
    case 'channel.failed':
      return 'channels.check.advice.failed'
    default:
      break
  }
  switch (step) {
    case 'webhook':
      return `channels.check.advice.${kind}.webhook`
    case 'subscription':
      return `channels.check.advice.${kind}.subscription`
    case 'token':
      return `channels.check.advice.${kind}.token`
    case 'quota':
      return 'channels.check.advice.quota'
  }
}

/** The steps to show: those that were made, then those that a failed one kept from being made. */
export function shownSteps(
  kind: AccountKind,
  made: readonly CheckStep[],
): { step: CheckStep['step']; made: CheckStep | null }[] {
  const rest = made.every(({ ok }) => ok)
    ? []
    : CHECK_STEPS[kind].filter((name) => !made.some(({ step }) => step === name))
  return [...made.map((one) => ({ step: one.step, made: one })), ...rest.map((step) => ({ step, made: null }))]
}
