/** Brings a channel's message templates from its platform to the team's rows. */
import type { Time } from '../../domain/rows.ts'
import type { HubCore } from '../core.ts'
import type { Connections } from './connections.ts'
import type { ChannelPlace } from './platform.ts'

/**
 * Asks the platform for its templates and makes the rows exactly those.
 * @returns how many there are; null when the channel has none
 * @throws TryLater when the platform does not answer
 */
export async function refreshTemplates(
  parts: { core: Pick<HubCore, 'system'>; connections: Pick<Connections, 'of' | 'templatesRead'>; clock: () => Time },
  place: ChannelPlace,
): Promise<number | null> {
  const { core, connections, clock } = parts
  const connected = await connections.of(place)
  const templates = await connected?.connection.templates?.()
  if (!connected || !templates) return null
  const result = await core.system(connected.teamId, 'template.sync', { channelId: place.channelId, templates })
  if (!result.ok) throw new Error(`template.sync was refused: ${result.refusal.code}`)
  await connections.templatesRead(place, clock())
  return templates.length
}
