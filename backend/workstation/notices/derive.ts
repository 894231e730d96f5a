/** What a member is told of that others did (COL-11): pure, so that who is told what can be read and tested in one place. */
import { mayDecline } from '../../domain/collaboration/permissions.ts'
import type { ConversationId, MemberId } from '../../domain/ids.ts'
import type { Event, Member } from '../../domain/rows.ts'
import { isCollaborating } from '../../domain/team/team.ts'
import type { Moment } from '../../domain/team/team.ts'
import { isMine } from '../../domain/visibility.ts'
import type { Notice } from '../views.ts'
import type { Happened } from './happened.ts'

/** A conversation that was handed to the member: several by one colleague are told of together. */
export type Received = { by: MemberId; conversationId: ConversationId; contactName: string }
export type Told = { notices: Notice[]; received: Received[] }

/**
 * What of this the member is told: the lines of a collaboration that they are in, or were taken out of; who asks to be
 * let in, where they can answer; what was handed to them. Never what they did themself (COL-11).
 */
export function toldOf(happened: readonly Happened[], me: Member, moment: Moment): Told {
  const told: Told = { notices: [], received: [] }
  for (const one of happened) {
    const { now, contactName } = one
    const about = { conversationId: now.id, contactName }
    for (const { id, event } of linesFor(one, me.id)) {
      if (!('by' in event) || event.by === null || event.by === me.id) continue
      if (event.type === 'transferred' && event.to === me.id) told.received.push({ by: event.by, ...about })
      else if (isShared(event) && isCollaborating(moment) && concerns(event, one, me.id)) {
        told.notices.push({ kind: 'collaboration', id, event, ...about })
      }
    }
    if (one.before === null || !mayDecline(now, me, moment).allowed) continue
    for (const by of now.askingIds) {
      if (by === me.id || one.before.askingIds.includes(by)) continue
      told.notices.push({ kind: 'asked', id: `${now.id} ${by} ${now.messageCount}`, by, ...about })
    }
  }
  return told
}

/**
 * Which lines are news. Of a conversation that the device did not have, everything comes at once, and only what brought
 * it here is: the newest line that let the member in, unless they were out of it or it was closed since.
 */
function linesFor({ before, now, lines }: Happened, me: MemberId): Happened['lines'] {
  if (before !== null) return lines
  const at = lines.findLastIndex(({ event }) => event.type === 'closed' || letsIn(event, me) || putsOut(event, me))
  const line = lines[at]
  return line && letsIn(line.event, me) && isMine(now, me) ? [line] : []
}

function letsIn(event: Event, me: MemberId): boolean {
  return (event.type === 'added' && event.members.includes(me)) || (event.type === 'transferred' && event.to === me)
}

function putsOut(event: Event, me: MemberId): boolean {
  return (event.type === 'removed' && event.member === me) || (event.type === 'left' && event.by === me)
}

type SharedEvent = Extract<Notice, { kind: 'collaboration' }>['event']

function isShared(event: Event): event is SharedEvent {
  switch (event.type) {
    case 'added':
    case 'joined':
    case 'removed':
    case 'left':
    case 'tookOver':
      return true
    default:
      return false
  }
}

/** Whether the member is in it, or was just taken out of it. */
function concerns(event: SharedEvent, { now }: Happened, me: MemberId): boolean {
  return isMine(now, me) || (event.type === 'removed' && event.member === me)
}
