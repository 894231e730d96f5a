/** How many conversations there are, how each went and where it stands: the demo team's last months. */
import { CAPABILITIES } from '../../domain/channels/capabilities.ts'
import type { Member, Time } from '../../domain/rows.ts'
import { Sample } from './conversations.ts'
import { LAST_WORD, OPENINGS, WAITING, dialoguesIn } from './dialogues.ts'
import type { Dialogue } from './dialogues.ts'
import { PICTURE_SIZE, document, picture } from './files.ts'
import type { Language } from './people.ts'
import type { Random } from './random.ts'
import { COLLABORATIONS, share } from './sharing.ts'
import { KEYWORDS, botChannel, channels, members } from './team.ts'
import { filler } from './words.ts'

export const CONVERSATIONS = 2_000
export const MESSAGES = 40_000

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Taipei is eight hours ahead all year. */
const AHEAD = 8 * HOUR
/** How many files the sample holds at most. */
const FILES = 40
/** What is kept back so that the last conversation can bring the number of messages to the promised one. */
const RESERVE = 40

type Ending = 'closed' | 'closed long ago' | 'closed unanswered' | 'waiting' | 'with the bot' | 'open'
const ENDINGS: readonly [Ending, number][] = [
  ['waiting', 60],
  ['with the bot', 8],
  ['open', 120],
  ['closed unanswered', 12],
  ['closed long ago', 60],
]

function withRole(...roles: Member['role'][]): [Member, ...Member[]] {
  const [first, ...rest] = members.filter(({ role }) => roles.includes(role))
  if (!first) throw new Error(`no member is ${roles.join(' or ')}`)
  return [first, ...rest]
}
/** Among the open ones, those that are shared are this far apart. */
const SHARED_EVERY = Math.floor((ENDINGS.find(([ending]) => ending === 'open')?.[1] ?? 0) / COLLABORATIONS)

const agents = withRole('cs_agent')
const others = withRole('cs_manager', 'supervisor', 'marketing_cs', 'admin')
const sales = withRole('salesperson', 'sales_manager')

/** Every conversation of the demo team, the first start being now. Deterministic but for the times, which follow `now`. */
export function* histories(random: Random, now: Time, withFiles: boolean): Generator<Sample> {
  const endings = endingsOf(random)
  let messages = 0
  let files = 0
  let open = 0
  for (const [at, ending] of endings.entries()) {
    const left = CONVERSATIONS - at
    const isLast = left === 1
    const average = (MESSAGES - RESERVE - messages) / left
    const wanted = isLast
      ? MESSAGES - messages
      : Math.round(average * random.pick([0.4, 0.6, 0.7, 0.9, 1, 1.2, 1.6, 1.8]))
    const mayHaveFile = withFiles && files < FILES && (ending === 'open' || random.chance(0.05))
    const sample = oneHistory({ random, now, n: at + 1, ending, wanted, mayHaveFile, exactly: isLast })
    if (ending === 'open') {
      if (open % SHARED_EVERY === 0) share(sample, open / SHARED_EVERY)
      open += 1
    }
    messages += sample.conversation.messageCount
    files += sample.files.length
    yield sample
  }
}

function endingsOf(random: Random): Ending[] {
  const rare = ENDINGS.flatMap(([ending, count]) => Array.from({ length: count }, () => ending))
  const endings: Ending[] = [...rare, ...Array<Ending>(CONVERSATIONS - rare.length).fill('closed')]
  // The last one stays closed: its length is what is left over.
  for (let at = endings.length - 2; at > 0; at -= 1) {
    const other = random.int(0, at)
    const [a, b] = [endings[at], endings[other]]
    if (a && b) [endings[at], endings[other]] = [b, a]
  }
  return endings
}

type Plan = {
  random: Random
  now: Time
  n: number
  ending: Ending
  /** How many messages there should be, about. */
  wanted: number
  mayHaveFile: boolean
  /** Whether it must be that number. */
  exactly: boolean
}

function oneHistory({ random, now, n, ending, wanted, mayHaveFile, exactly }: Plan): Sample {
  const channel = ending === 'with the bot' ? botChannel : channels[random.pick([0, 0, 1, 1, 1, 1, 2, 3, 4])]
  if (!channel) throw new Error('the demo team has too few channels')
  const sample = new Sample(random, n, channel, languageFor(random, channel.kind === 'whatsapp'))
  // Bindings exist on LINE and WhatsApp.
  const bindable = channel.kind === 'line' || channel.kind === 'whatsapp'
  const seller = bindable && random.chance(ending === 'open' ? 0.5 : 0.25) ? random.pick(sales) : null
  sample.salespersonId = seller?.id ?? null
  const keeper = random.chance(0.8) ? random.pick(agents) : random.pick(others)

  const visits = visitsOf(random, sample.language, wanted, exactly)
  const unfinished = ending === 'waiting' || ending === 'with the bot' || ending === 'closed unanswered'
  const whole = unfinished ? visits.slice(1) : visits
  const days = daysOf(random, ending, whole.length)
  for (const [at, dialogue] of whole.entries()) {
    const isLast = at === whole.length - 1
    const parties = { keeper, seller, mayHaveFile: mayHaveFile && isLast }
    if (isLast && ending === 'open') openVisit(random, sample, dialogue, parties, now)
    else {
      const start = atCounter(random, now, days[at] ?? 1)
      const end = visit(random, sample, dialogue, parties, start)
      for (let t = end; exactly && isLast && sample.conversation.messageCount < wanted - 1;) {
        t += random.int(20, 200) * SECOND
        sample.customer(filler(random)(random.pick(LAST_WORD[sample.language])), t)
      }
      sample.close(seller ?? keeper, end + HOUR)
    }
  }
  if (unfinished) lastWords(random, sample, ending, keeper, now)
  return sample
}

function languageFor(random: Random, isWhatsapp: boolean): Language {
  if (!random.chance(isWhatsapp ? 0.35 : 0.03)) return 'zh'
  return random.chance(0.75) ? 'en' : 'ja'
}

/** The visits of one conversation, oldest first: as many as the number of messages wants, at least one. */
function visitsOf(random: Random, language: Language, wanted: number, exactly: boolean): Dialogue[] {
  const all = dialoguesIn(language)
  const cost = ({ lines }: Dialogue) => lines.length + 3
  const visits: Dialogue[] = []
  let count = 0
  while (count < wanted) {
    // Nobody asks the same thing twice in a row.
    const fitting = all.filter((one) => one !== visits.at(-1) && (!exactly || count + cost(one) < wanted))
    const [first, ...rest] = fitting
    if (!first) break
    const next = random.pick([first, ...rest])
    visits.push(next)
    count += cost(next)
  }
  return visits.length > 0 ? visits : [random.pick(all)]
}

/** How many days ago each visit was, oldest first. */
function daysOf(random: Random, ending: Ending, visits: number): number[] {
  const first = random.int(1, 88)
  // More of what is recent.
  let day = ending === 'closed' ? Math.min(first, random.int(1, 88)) : ending === 'closed long ago' ? 92 + first : 1
  const days: number[] = []
  for (let at = 0; at < visits; at += 1) {
    days.unshift(day)
    day += random.int(1, 14)
  }
  return days
}

/** A time of day at which a counter is open, so many days ago. */
function atCounter(random: Random, now: Time, daysAgo: number): Time {
  const midnight = Math.floor((now + AHEAD) / DAY) * DAY - AHEAD
  return midnight - daysAgo * DAY + random.int(10 * 60, 20 * 60 + 30) * MINUTE + random.int(0, 59) * SECOND
}

type Parties = { keeper: Member; seller: Member | null; mayHaveFile: boolean }

/** The dialogue as it went, from beginning to end or for its first `lines`. Gives back when it ended. */
function visit(
  random: Random,
  sample: Sample,
  dialogue: Dialogue,
  { keeper, seller, mayHaveFile }: Parties,
  start: Time,
  lines = dialogue.lines.length,
): Time {
  const fill = filler(random)
  let at = start
  let answering: Member | null = null
  for (const [voice, wordings] of dialogue.lines.slice(0, lines)) {
    const text = fill(random.pick(wordings.split(' / ') as [string, ...string[]]))
    if (voice !== 'c' && voice !== 'p' && !answering) {
      at += random.int(30, 420) * SECOND
      sample.take(keeper, at)
      answering = keeper
      if (seller) {
        at += random.int(10, 60) * SECOND
        sample.transfer(keeper, seller, at)
        answering = seller
      }
    }
    at += random.int(12, 150) * SECOND
    if (voice === 'c') sample.customer(text, at)
    else if (voice === 'p' && mayHaveFile) sample.picture(picture(text, random.int(0, 4)), PICTURE_SIZE, at)
    else if (voice === 'p') sample.customer(OTHER_THAN_FILE[sample.language], at)
    else if (answering && voice === 'n') sample.note(answering, text, at)
    else if (answering && voice === 'd' && mayHaveFile && takesDocuments(sample))
      sample.document(answering, document(text), at)
    else if (answering) sample.member(answering, voice === 'd' ? '檔案已經寄到您的信箱囉。' : text, at)
  }
  return at
}

/** LINE and some others take no documents. */
function takesDocuments({ channel }: Sample): boolean {
  return CAPABILITIES[channel.kind].files['application/pdf'] !== undefined
}

const OTHER_THAN_FILE: Record<Language, string> = {
  zh: '照片我寄到客服信箱了，麻煩看一下',
  en: 'I have sent the picture to your e-mail.',
  ja: '写真はメールでお送りしました。',
}

/** A visit that is going on: somebody follows it, and it may be either side's turn. */
function openVisit(random: Random, sample: Sample, dialogue: Dialogue, parties: Parties, now: Time): void {
  const lines = random.int(Math.min(3, dialogue.lines.length), dialogue.lines.length)
  const latest = now - lines * 3 * MINUTE - 10 * MINUTE
  const wanted = latest - random.pick([0, 5 * MINUTE, HOUR, 4 * HOUR, 20 * HOUR, 44 * HOUR])
  // Not before the end of an earlier visit, which was yesterday at the latest.
  const start = Math.min(latest, Math.max(wanted, sample.lastAt + 10 * MINUTE))
  visit(random, sample, dialogue, parties, start, lines)
  const follower = members.find(({ id }) => id === sample.conversation.followerId)
  if (!follower) return
  if (random.chance(0.5)) sample.read(follower, now)
  if (random.chance(0.12)) sample.pin(follower, now)
}

/** What nobody has answered yet. */
function lastWords(random: Random, sample: Sample, ending: Ending, keeper: Member, now: Time): void {
  const fill = filler(random)
  const { language } = sample
  if (ending === 'with the bot') {
    sample.customer(random.pick(KEYWORDS), now - random.int(1, 90) * MINUTE)
    return
  }
  const waits = random.pick([
    random.int(1, 5),
    random.int(5, 30),
    random.int(5, 30),
    random.int(30, 180),
    random.int(180, 560),
  ])
  // What was closed without an answer came after all visits: those were yesterday at the latest.
  let at = ending === 'waiting' ? now - waits * MINUTE : now - 2 * HOUR
  sample.customer(fill(random.pick(OPENINGS[language])), at)
  for (let more = random.pick([0, 0, 1, 1, 2]); more > 0; more -= 1) {
    at = Math.min(at + random.int(20, 600) * SECOND, now - SECOND)
    sample.customer(fill(random.pick(WAITING[language])), at)
  }
  if (ending === 'closed unanswered') sample.close(keeper, at + HOUR)
  else if (random.chance(0.2)) sample.read(keeper, now)
}
