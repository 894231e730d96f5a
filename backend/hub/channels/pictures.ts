/**
 * Pictures at addresses that a platform can fetch: signed, good for a while, and nothing but the picture. LINE takes
 * pictures only so.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { Hono } from 'hono'
import sharp from 'sharp'
import { z } from 'zod'
import { attachmentHeaders } from '../../domain/attachments.ts'
import { AttachmentId, TeamId } from '../../domain/ids.ts'
import { refuse } from '../../domain/refusal.ts'
import type { Time } from '../../domain/rows.ts'
import { checked, refuseWith } from '../answer.ts'
import type { Attachments } from '../attachments/attachments.ts'

/** How long an address is good, in ms: customers open messages long after they came, and platforms fetch again. */
const GOOD_FOR = 30 * 24 * 60 * 60 * 1000
/** Largest preview, in bytes (LINE's limit), and its longer side, in pixels. */
const PREVIEW_BYTES = 1024 * 1024
const PREVIEW_SIDE = 1_024
const VARIANTS = ['original', 'preview'] as const
type Variant = (typeof VARIANTS)[number]

const Param = z.object({
  team: TeamId,
  id: AttachmentId,
  variant: z.enum(VARIANTS),
  until: z.coerce.number().int().positive(),
  signature: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
})

export type PictureParts = {
  attachments: Pick<Attachments, 'find' | 'open'>
  key: Uint8Array
  clock: () => Time
  /** Where the world finds the hub, without a slash at the end; asked for at each use. */
  publicUrl: () => string
}

export class Pictures {
  readonly #parts: PictureParts
  readonly routes: Hono

  constructor(parts: PictureParts) {
    this.#parts = parts
    this.routes = this.#makeRoutes()
  }

  /** An address of the picture that is good for a month. */
  urlOf(teamId: TeamId, id: AttachmentId, variant: Variant): string {
    const until = this.#parts.clock() + GOOD_FOR
    const path = `${teamId}/${id}/${variant}/${until}`
    return `${this.#parts.publicUrl()}/pictures/${path}/${this.#sign(path)}`
  }

  #sign(path: string): string {
    return createHmac('sha256', this.#parts.key).update(path).digest('base64url')
  }

  #makeRoutes(): Hono {
    const { attachments, clock } = this.#parts
    return new Hono().get('/pictures/:team/:id/:variant/:until/:signature', checked('param', Param), async (c) => {
      const { team, id, variant, until, signature } = c.req.valid('param')
      const expected = this.#sign(`${team}/${id}/${variant}/${until}`)
      const isOurs = timingSafeEqual(Buffer.from(signature), Buffer.from(expected))
      const found = isOurs && clock() < until ? await attachments.find(team, id) : undefined
      const bytes = found && (await attachments.open(team, id))
      if (!found || !bytes) return refuseWith(c, refuse('attachment.missing', { name: '' }))
      const { name, mime, size } = found.info
      if (variant === 'original' || size <= PREVIEW_BYTES) {
        return c.body(bytes, 200, { ...attachmentHeaders(mime, name), 'content-length': String(size) })
      }
      const preview = await previewOf(new Uint8Array(await new Response(bytes).arrayBuffer()))
      return c.body(preview, 200, attachmentHeaders('image/jpeg', name))
    })
  }
}

/** A JPEG of at most a megabyte, upright. */
async function previewOf(picture: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const resized = sharp(picture, { limitInputPixels: 100_000_000 })
    .rotate()
    .resize(PREVIEW_SIDE, PREVIEW_SIDE, { fit: 'inside', withoutEnlargement: true })
    .flatten({ background: '#ffffff' })
    .jpeg({ quality: 80 })
  return new Uint8Array(await resized.toBuffer())
}
