/**
 * The web chat as a platform: our own page, so there is no account and nobody calls us. What members write is in the
 * conversation already and reaches the page from there, now or when it comes back.
 */
import { z } from 'zod'
import type { Platform } from '../platform.ts'

export const webchatPlatform: Platform = {
  kind: 'webchat',
  account: z.strictObject({}),
  secrets: [],
  connect: () => ({ webhook: null, send: async () => ({ ok: true }), check: async () => [] }),
}
