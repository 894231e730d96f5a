/** A channel's settings: what everybody's rules go by. Accounts with the platforms, and their secrets, are the hub's alone. */
import { z } from 'zod'
import { ChannelId } from '../ids.ts'
import { ALLOWED, refuse, refused } from '../refusal.ts'
import type { Verdict } from '../refusal.ts'
import { allow, asMember, defineCommand, get, put, reject } from '../rule.ts'
import type { Rule } from '../rule.ts'
import { ChannelKind } from '../rows.ts'
import type { Channel, Member } from '../rows.ts'
import { cleanName, cleanText } from '../text.ts'
import { CAPABILITIES } from './capabilities.ts'
import { Failure } from './failures.ts'

/** How many keywords a bot may have, and how long each and the welcome text may be, in UTF-16 units. */
export const KEYWORDS_MAX = 100
export const KEYWORD_MAX = 50
export const WELCOME_MAX = 1_000

/** Add, change and connect channels: admins. */
export function mayManageChannels(member: Member): Verdict {
  return member.role === 'admin' ? ALLOWED : refused(refuse('member.mayNot', {}, { whoCould: ['admin'] }))
}

const settings = {
  channelId: ChannelId,
  name: z.string().max(1_000),
  botOn: z.boolean(),
  botKeywords: z.array(z.string().max(1_000)).max(1_000),
  welcomeText: z.string().max(20_000).nullable(),
}

/** Adds a channel of a kind that Countertop speaks to. It is not connected yet, but for the web chat, which needs no account. */
export const addChannel = defineCommand({
  name: 'channel.add',
  by: 'member',
  offline: 'online-only',
  args: z.strictObject({ ...settings, kind: ChannelKind }),
  *run({ channelId, kind, ...given }, context) {
    yield* allow(mayManageChannels(yield* asMember(context)))
    if (!CAPABILITIES[kind].built) return yield* reject(refuse('channel.notBuilt', { channel: kind }))
    if (yield* get('channel', channelId)) return yield* reject(refuse('request.invalid', { field: 'channelId' }))
    const connected = kind === 'webchat'
    yield* put('channel', { id: channelId, kind, connected, problem: null, ...(yield* checked(given)) })
  },
})

/** Changes what a channel is called, its bot (CNV-4) and its greeting. */
export const configureChannel = defineCommand({
  name: 'channel.configure',
  by: 'member',
  offline: 'online-only',
  args: z.strictObject(settings),
  *run({ channelId, ...given }, context) {
    yield* allow(mayManageChannels(yield* asMember(context)))
    const channel = yield* get('channel', channelId)
    if (!channel) return yield* reject(refuse('request.notFound', {}))
    yield* put('channel', { ...channel, ...(yield* checked(given)) })
  },
})

/** What the hub found out about a channel: whether it has an account, and what is wrong with it. */
export const channelHealth = defineCommand({
  name: 'channel.health',
  by: 'system',
  offline: 'online-only',
  args: z.strictObject({ channelId: ChannelId, connected: z.boolean().optional(), problem: Failure.nullable() }),
  *run({ channelId, connected, problem }, { now }) {
    const channel = yield* get('channel', channelId)
    if (!channel) return
    const isSame = (channel.problem?.code ?? null) === problem && (connected ?? channel.connected) === channel.connected
    if (isSame) return
    yield* put('channel', {
      ...channel,
      connected: connected ?? channel.connected,
      problem: problem === null ? null : { code: problem, since: now },
    })
  },
})

type Settings = Pick<Channel, 'name' | 'botOn' | 'botKeywords' | 'welcomeText'>

function* checked({ name, botOn, botKeywords, welcomeText }: Settings): Rule<Settings> {
  const clean = cleanName(name)
  if (clean === '') return yield* reject(refuse('text.empty', {}))
  const keywords = [...new Set(botKeywords.map(cleanName).filter((keyword) => keyword !== ''))]
  if (keywords.length > KEYWORDS_MAX || keywords.some(({ length }) => length > KEYWORD_MAX)) {
    return yield* reject(refuse('channel.keywords', { max: KEYWORDS_MAX, length: KEYWORD_MAX }, { instead: 'shorten' }))
  }
  const welcome = cleanText(welcomeText ?? '').trim()
  if (welcome.length > WELCOME_MAX) {
    const { length } = welcome
    return yield* reject(refuse('text.tooLong', { length, max: WELCOME_MAX }, { instead: 'shorten' }))
  }
  return { name: clean, botOn, botKeywords: keywords, welcomeText: welcome || null }
}
