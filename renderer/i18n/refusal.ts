/** Refusals in the reader's words (ROL-4): what was refused, what to do instead, who could. */
import { t, useText } from './index.ts'
import type { TextKey, TextParams } from './index.ts'
import type { Refusal } from '../../backend/domain/refusal.ts'
import { formatBytes } from './size.ts'

export type RefusalText = { what: string; instead: string | null; who: string | null }

/** Which parameters are sizes in bytes, to be written as 25 MB. */
function worded(refusal: Refusal): TextParams {
  const { max } = refusal.params
  const inBytes = refusal.code === 'attachment.tooLarge' || refusal.code === 'request.tooLarge'
  return inBytes && typeof max === 'number' ? { ...refusal.params, max: formatBytes(max) } : refusal.params
}

/** Words a refusal in the language of the moment; inside a component's template it follows a change of language. */
export function refusalText(refusal: Refusal): RefusalText {
  const what: TextKey = `refusals.what.${refusal.code}`
  const roles = refusal.whoCould?.map((role) => t(`common.role.${role}`)) ?? []
  return {
    what: t(what, worded(refusal)),
    // Where the text itself says how long to wait, “try again later” adds nothing.
    instead:
      refusal.instead === 'none' || (refusal.instead === 'wait' && 'seconds' in refusal.params)
        ? null
        : t(`refusals.instead.${refusal.instead}`),
    who: roles.length === 0 ? null : t('refusals.who', { roles: roles.join(t('common.listComma')) }),
  }
}

/** All of a refusal's text in one piece. */
export function refusalSentence(refusal: Refusal): string {
  const { what, instead, who } = refusalText(refusal)
  const gap = useText().locale.value === 'en' ? ' ' : ''
  return [what, instead, who].filter((part) => part !== null).join(gap)
}

/** {@link refusalText}, for components. */
export function useRefusalText(): typeof refusalText {
  return refusalText
}
