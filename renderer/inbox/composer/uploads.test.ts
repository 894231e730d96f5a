import { describe, expect, it } from 'vitest'
import { ATTACHMENT_MAX } from '../../../backend/domain/attachments.ts'
import { AttachmentId } from '../../../backend/domain/ids.ts'
import { contentOf, refusalOfFile, uploadedBefore } from './uploads.ts'

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
    ].map((one) => refusalOfFile(one)?.code ?? null)
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
    expect(uploadedBefore(attachment)).toEqual({
      key: 'a',
      name: 'x.png',
      size: 3,
      file: null,
      preview: '/api/attachments/a',
      state: { step: 'ready', attachment },
    })
    expect(uploadedBefore({ ...attachment, mime: 'application/pdf' }).preview).toBeNull()
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
