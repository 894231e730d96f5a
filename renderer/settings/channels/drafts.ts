/**
 * What an admin has typed into the settings of channels and not saved. It outlives the page, so that a lock of the
 * workstation costs nothing, but not the member: nothing of it is written anywhere.
 */
import { defineStore } from 'pinia'
import { ref, watch } from 'vue'
import { useSession } from '../../session/session.ts'
import type { AccountFields, ChannelChange, ChannelView } from '../../../backend/workstation/views.ts'
import type { Channel } from '../../../backend/domain/rows.ts'
import { ACCOUNT_FIELDS, isAccountKind } from './kinds.ts'

export type Draft = { settings: ChannelChange | null; account: AccountFields | null }

/** What of a channel's row is set here. */
export function settingsOf({ name, botOn, botKeywords, welcomeText }: Channel): ChannelChange {
  return { name, botOn, botKeywords, welcomeText }
}

/** Whether two settings say the same; no welcome and an empty one do. */
export function isSameSettings(one: ChannelChange, other: ChannelChange): boolean {
  const plain = (change: ChannelChange) =>
    JSON.stringify([change.name, change.botOn, change.botKeywords, change.welcomeText ?? ''])
  return plain(one) === plain(other)
}

/** The account's fields as the form begins with them: what is kept, what is usual, and secrets always empty. */
export function accountOf({ channel, account }: Pick<ChannelView, 'channel' | 'account'>): AccountFields {
  const fields = isAccountKind(channel.kind) ? ACCOUNT_FIELDS[channel.kind] : []
  return Object.fromEntries(
    fields.map(({ name, isSecret, usual }) => [name, isSecret ? '' : (account?.settings[name] ?? usual)]),
  )
}

/** Only what was changed: a secret that was left empty stays what it is. */
export function changedFields(view: Pick<ChannelView, 'channel' | 'account'>, typed: AccountFields): AccountFields {
  const kept = view.account ? accountOf(view) : {}
  return Object.fromEntries(
    Object.entries(typed)
      .map(([name, value]): [string, string] => [name, value.trim()])
      .filter(([name, value]) => value !== (kept[name] ?? '')),
  )
}

/** The names of the fields that have to be filled in and are not. */
export function missingFields(
  { channel, account }: Pick<ChannelView, 'channel' | 'account'>,
  typed: AccountFields,
): string[] {
  if (!isAccountKind(channel.kind)) return []
  return ACCOUNT_FIELDS[channel.kind]
    .filter(({ name, isSecret, isOptional }) => {
      const isKept = isSecret && (account?.secrets.includes(name) ?? false)
      return !isOptional && !isKept && (typed[name] ?? '').trim() === ''
    })
    .map(({ name }) => name)
}

export const useChannelDrafts = defineStore('channel-drafts', () => {
  const session = useSession()
  const drafts = ref<Record<string, Draft>>({})
  const of = (channelId: string): Draft => drafts.value[channelId] ?? { settings: null, account: null }

  function keep(channelId: string, part: Partial<Draft>): void {
    drafts.value = { ...drafts.value, [channelId]: { ...of(channelId), ...part } }
  }
  function forget(channelId: string): void {
    const { [channelId]: _, ...rest } = drafts.value
    drafts.value = rest
  }

  // A lock keeps them for the same member; whoever comes next must not see them.
  watch(
    () => {
      const now = session.state?.session
      return now === undefined || now.state === 'signed-out' ? null : now.member.id
    },
    () => (drafts.value = {}),
    { flush: 'sync' },
  )

  return { of, keep, forget }
})

/** Whether anything typed for the channel is not saved. */
export function isUnsaved(draft: Draft, view: ChannelView): boolean {
  const { settings, account } = draft
  return (
    (settings !== null && !isSameSettings(settings, settingsOf(view.channel))) ||
    (account !== null && !isUntouched(view, account))
  )
}

/** Whether the account's form says nothing that is not kept. */
export function isUntouched(view: Pick<ChannelView, 'channel' | 'account'>, typed: AccountFields): boolean {
  const begun = accountOf(view)
  return Object.entries(typed).every(([name, value]) => value.trim() === (begun[name] ?? ''))
}
