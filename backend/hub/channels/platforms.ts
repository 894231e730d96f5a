/** Every platform that Countertop speaks to, by the kind of its channels. */
import type { ChannelKind } from '../../domain/rows.ts'
import { linePlatform } from './line/line.ts'
import type { Platform } from './platform.ts'
import { webchatPlatform } from './webchat/platform.ts'
import { whatsappPlatform } from './whatsapp/whatsapp.ts'

export const PLATFORMS: ReadonlyMap<ChannelKind, Platform> = new Map(
  [webchatPlatform, linePlatform, whatsappPlatform].map((platform) => [platform.kind, platform]),
)
