/** Refusals in the reader's words (ROL-4): what was refused, what to do instead, who could. */
import { t, useText } from './index.ts'
import type { TextKey, TextParams } from './index.ts'
import type { Refusal } from '../../backend/domain/refusal.ts'
import { VARIABLES } from '../../backend/domain/replies/variables.ts'
import { ChannelKind, MODULES } from '../../backend/domain/rows.ts'
import { useReference } from '../session/reference.ts'
import { formatBytes } from './size.ts'

export type RefusalText = { what: string; instead: string | null; who: string | null }
/** The name of the member with an id; null for what is no member's id. */
export type NameOf = (id: string) => string | null

/** Parameters that name a person: the rules know people by their ids only. */
const PEOPLE: readonly string[] = ['follower', 'member']

/** Codes whose `max` is bytes. */
const IN_BYTES: readonly Refusal['code'][] = ['attachment.tooLarge', 'attachment.quota', 'request.tooLarge']

/** Sizes in bytes as 25 MB, people, modules, kinds of channels and variables by their names. */
function worded(refusal: Refusal, nameOf: NameOf): TextParams {
  const inBytes = IN_BYTES.includes(refusal.code)
  return Object.fromEntries(
    Object.entries(refusal.params).map(([key, value]) => {
      if (inBytes && key === 'max' && typeof value === 'number') return [key, formatBytes(value)]
      const kind = key === 'channel' ? ChannelKind.safeParse(value) : null
      if (kind?.success) return [key, t(`common.channel.${kind.data}`)]
      const variable = VARIABLES.find((one) => key === 'variable' && one === value)
      if (variable) return [key, t(`replies.variable.${variable}`)]
      const module = key === 'module' ? MODULES.find((one) => one === value) : undefined
      if (module) return [key, t(`team.module.${module}`)]
      return [key, PEOPLE.includes(key) ? (nameOf(String(value)) ?? value) : value]
    }),
  )
}

/** Words a refusal in the language of the moment; inside a component's template it follows a change of language. */
export function refusalText(refusal: Refusal, nameOf: NameOf = () => null): RefusalText {
  const what: TextKey = `refusals.what.${refusal.code}`
  const roles = refusal.whoCould?.map((role) => t(`common.role.${role}`)) ?? []
  return {
    what: t(what, worded(refusal, nameOf)),
    // Where the text itself says how long to wait, “try again later” adds nothing.
    instead:
      refusal.instead === 'none' || (refusal.instead === 'wait' && 'seconds' in refusal.params)
        ? null
        : t(`refusals.instead.${refusal.instead}`),
    who: roles.length === 0 ? null : t('refusals.who', { roles: roles.join(t('common.listComma')) }),
  }
}

/** All of a refusal's text in one piece. */
export function refusalSentence(refusal: Refusal, nameOf?: NameOf): string {
  const { what, instead, who } = refusalText(refusal, nameOf)
  const gap = useText().locale.value === 'en' ? ' ' : ''
  return [what, instead, who].filter((part) => part !== null).join(gap)
}

/** Both of the above for components, with the team's people by their names. */
export function useRefusalText(): {
  words: (refusal: Refusal) => RefusalText
  sentence: (refusal: Refusal) => string
} {
  const reference = useReference()
  // Whoever has left the team is not in its tables any more; before those are loaded nobody is.
  const nameOf: NameOf = (id) =>
    reference.members.find((member) => member.id === id)?.name ??
    (reference.reference === null ? null : t('common.unknownMember'))
  return {
    words: (refusal) => refusalText(refusal, nameOf),
    sentence: (refusal) => refusalSentence(refusal, nameOf),
  }
}
