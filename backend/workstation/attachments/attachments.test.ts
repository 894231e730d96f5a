import { describe, expect, it } from 'vitest'
import { ATTACHMENT_MAX } from '../../domain/attachments.ts'
import { ConversationId } from '../../domain/ids.ts'
import { acceptAttachment } from './accept.ts'
import { pictureSize } from './picture-size.ts'
import { RecentFiles } from './recent.ts'

const id = ConversationId.parse('one')
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)
const frame = (width: number, height: number) => [
  0xff,
  0xc0,
  0,
  11,
  8,
  height >> 8,
  height & 255,
  width >> 8,
  width & 255,
  1,
  1,
  0x11,
  0,
]
const EXIF_SIDEWAYS = [
  ...[0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x49, 0x49, 42, 0, 8, 0, 0, 0],
  ...[1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0],
]

describe('what may be sent', () => {
  it('takes a picture with its size and by its true type', async () => {
    expect(await acceptAttachment(id, 'photo.txt', 'text/plain', PNG)).toMatchObject({
      value: { name: 'photo.txt', mime: 'image/png', width: 1, height: 1, size: PNG.length },
    })
  })

  it.each([
    ['an empty file', Buffer.alloc(0), 'attachment.empty'],
    ['one that is too large', Buffer.alloc(ATTACHMENT_MAX + 1, 65), 'attachment.tooLarge'],
    ['a program', Buffer.from('7f454c460201010000000000000000000200', 'hex'), 'attachment.type'],
    ['a page that calls itself a picture', Buffer.from('<html><script>alert(1)</script>'), 'attachment.type'],
    ['bytes that are no text', Buffer.from([1, 2, 0xff, 0xfe, 0]), 'attachment.type'],
  ])('refuses %s', async (_, bytes, code) => {
    expect(await acceptAttachment(id, 'x.png', 'image/png', bytes)).toMatchObject({ refusal: { code } })
  })

  it('takes Chinese text as text, whatever its name hides', async () => {
    expect(await acceptAttachment(id, '\u202e價目\u0000.csv', 'text/csv', Buffer.from('品名,價格'))).toMatchObject({
      value: { name: '價目.csv', mime: 'text/csv', width: null },
    })
  })
})

describe('the size of a picture', () => {
  it('is read from each kind of header', () => {
    expect(pictureSize(PNG, 'image/png')).toEqual({ width: 1, height: 1 })
    expect(pictureSize(Buffer.from([...Buffer.from('GIF89a'), 44, 1, 200, 0]), 'image/gif')).toEqual({
      width: 300,
      height: 200,
    })
    const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, ...frame(640, 480)])
    expect(pictureSize(jpeg, 'image/jpeg')).toEqual({ width: 640, height: 480 })
    const webp = Buffer.alloc(30)
    webp.write('VP8X', 12)
    webp.writeUIntLE(799, 24, 3)
    webp.writeUIntLE(599, 27, 3)
    expect(pictureSize(webp, 'image/webp')).toEqual({ width: 800, height: 600 })
  })

  it('is that of the photo as it is shown', () => {
    const jpeg = Buffer.from([0xff, 0xd8, ...EXIF_SIDEWAYS, ...frame(640, 480)])
    expect(pictureSize(jpeg, 'image/jpeg')).toEqual({ width: 480, height: 640 })
  })

  it('is unknown, never wrong, for headers that lie', () => {
    for (const mime of ['image/png', 'image/gif', 'image/jpeg', 'image/webp', 'text/plain']) {
      for (let length = 0; length < 40; length++) {
        expect(pictureSize(Buffer.alloc(length, 0xff), mime)?.width ?? 1).toBeGreaterThan(0)
        expect(pictureSize(Buffer.alloc(length), mime)).toBeNull()
      }
    }
    expect(pictureSize(Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0xff, 0xff]), 'image/jpeg')).toBeNull()
  })
})

describe('recent files', () => {
  it('hold no more than fits, the newest asked for', () => {
    const files = new RecentFiles(10)
    const file = (size: number) => ({ bytes: new Uint8Array(size), mime: 'image/png', name: 'a' })
    files.keep('a', file(4))
    files.keep('b', file(4))
    files.get('a')
    files.keep('c', file(4))
    files.keep('huge', file(11))
    expect(['a', 'b', 'c', 'huge'].map((id) => files.get(id) !== undefined)).toEqual([true, false, true, false])
  })
})
