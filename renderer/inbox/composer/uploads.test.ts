import { describe, expect, it } from 'vitest'
import { ATTACHMENT_MAX } from '../../../backend/domain/attachments.ts'
import { AttachmentId } from '../../../backend/domain/ids.ts'
import { contentOf, readyFor, refusalOfFile, uploadedBefore } from './uploads.ts'

const file = (size: number, type: string, name = '收據.pdf') => ({ name, size, type })

describe('files for the customer', () => {
  it('are refused with their code when empty, too large or of a wrong type, before a byte is sent', () => {
    const codes = [
      file(0, 'application/pdf'),
      file(ATTACHMENT_MAX + 1, 'image/png'),
      file(10, 'text/html'),
      file(10, 'image/svg+xml'),
      file(10, ''),
      file(ATTACHMENT_MAX, 'image/png'),
    ].map((one) => refusalOfFile(one, 'webchat')?.code ?? null)
    expect(codes).toEqual(['attachment.empty', 'attachment.tooLarge', 'attachment.type', 'attachment.type', null, null])
  })

  it('come back from a draft as they were picked, ready to be sent', () => {
    const attachment = {
      attachmentId: AttachmentId.parse('a'),
      name: 'x.png',
      mime: 'image/png',
      size: 3,
      width: 4,
      height: 5,
    }
    expect(uploadedBefore(attachment, 'webchat')).toEqual({
      key: 'a',
      name: 'x.png',
      size: 3,
      file: null,
      preview: '/api/attachments/a',
      state: { step: 'ready', attachment },
    })
    expect(uploadedBefore({ ...attachment, mime: 'application/pdf' }, 'webchat').preview).toBeNull()
  })

  it('are refused by the rule of the channel they would go through, and no other', () => {
    const pdf = file(10, 'application/pdf')
    const picture = file(10 * 1024 * 1024 + 1, 'image/png')
    const codes = (['line', 'whatsapp', 'webchat', null] as const).map((kind) =>
      [pdf, picture].map((one) => refusalOfFile(one, kind)?.code ?? null),
    )
    expect(codes).toEqual([
      ['channel.fileKind', 'attachment.tooLarge'],
      [null, 'attachment.tooLarge'],
      [null, null],
      [null, null],
    ])
  })

  it('are refused after their bytes told what they truly are, and stay as chips', () => {
    const attachment = {
      attachmentId: AttachmentId.parse('a'),
      name: '收據',
      mime: 'application/pdf',
      size: 3,
      width: null,
      height: null,
    }
    expect(refusalOfFile(file(3, ''), 'line')).toBeNull()
    expect(readyFor(attachment, 'line')).toMatchObject({
      step: 'failed',
      refusal: { code: 'channel.fileKind', params: { name: '收據', mime: 'application/pdf', channel: 'line' } },
      again: false,
    })
    expect(readyFor(attachment, 'whatsapp').step).toBe('ready')
  })

  it('become pictures only with a size in pixels', () => {
    const attachment = {
      attachmentId: AttachmentId.parse('a'),
      name: 'x.png',
      mime: 'image/png',
      size: 3,
      width: 4,
      height: 5,
    }
    expect(contentOf(attachment)).toMatchObject({ kind: 'image', width: 4, height: 5 })
    expect(contentOf({ ...attachment, width: null, height: null })).toEqual({
      kind: 'file',
      attachmentId: 'a',
      name: 'x.png',
      mime: 'image/png',
      size: 3,
    })
  })
})
