/** The demo team's 協作對話: colleagues are added, join by themselves, ask to be let in and take over, as in earnest. */
import type { Member, Time } from '../../domain/rows.ts'
import type { Sample } from './conversations.ts'
import type { Language } from './people.ts'
import { members } from './team.ts'

const SECOND = 1000
/** Between two steps; all of them fit before now. */
const STEP = 12 * SECOND
/** How many of the conversations that are going on are shared. */
export const COLLABORATIONS = 12

const NOTE = '這位客人我之前服務過，細節我來補充。'
const REPLY: Record<Language, string> = {
  zh: '補充說明：門市現場也可以體驗，歡迎您過來看看。',
  en: 'One more thing: you are welcome to try it at any of our stores.',
  ja: '店舗でもお試しいただけますので、ぜひお立ち寄りください。',
}

function has(...roles: Member['role'][]): Member[] {
  return members.filter(({ role }) => roles.includes(role))
}
const leading = has('admin', 'supervisor', 'cs_manager')
const adding = has('cs_agent', 'cs_manager', 'supervisor', 'salesperson')
/** See every conversation and cannot join by themselves. */
const asking = has('marketing_cs')

/** Shares a conversation that somebody follows; `k` from 0 says how. */
export function share(sample: Sample, k: number): void {
  const follower = members.find(({ id }) => id === sample.conversation.followerId)
  if (!follower) return
  let at: Time = sample.lastAt
  const next = (): Time => (at += STEP)
  const others = adding.filter(({ id }) => id !== follower.id)
  const added = Array.from({ length: 1 + (k % 3) }, (_, n) => others[(k * 3 + n) % others.length]).filter(
    (one) => one !== undefined,
  )
  sample.add(follower, added, next())
  const [first] = added
  if (first && k % 2 === 0) sample.note(first, NOTE, next())
  if (first && k % 3 !== 2) sample.member(first, REPLY[sample.language], next())
  const leader = leading.find(({ id }) => id !== follower.id && !added.some((one) => one.id === id))
  if (leader && k % 4 === 1) {
    sample.join(leader, next())
    if (k % 8 === 5) sample.takeOver(leader, next())
  }
  for (const one of k % 6 === 2 ? asking : []) if (one.id !== follower.id) sample.ask(one, next())
}
