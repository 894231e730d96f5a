/** Which files may be sent, and how they are served so that nothing in them runs. */

/** Largest attachment, in bytes. */
export const ATTACHMENT_MAX = 25 * 1024 * 1024
/** Pictures that are shown in the thread; every other type is offered as a file to save. */
export const IMAGE_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'] as const
/** What may be sent as a file, by its true type (its first bytes), never by its name. */
export const FILE_TYPES = [
  ...IMAGE_TYPES,
  'application/pdf',
  'application/zip',
  'application/msword',
  'application/vnd.ms-excel',
  'application/vnd.ms-powerpoint',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  'audio/mpeg',
  'audio/mp4',
  'audio/wav',
  'audio/ogg',
  'audio/aac',
  'audio/amr',
  'video/mp4',
  'video/quicktime',
  'video/3gpp',
  'text/plain',
  'text/csv',
] as const

/** Whether a type is shown as a picture. */
export function isImageType(mime: string): boolean {
  return IMAGE_TYPES.some((type) => type === mime)
}

/**
 * Headers for handing out an attachment: pictures in place, anything else as a download, and in no case a page that
 * could run a script or be read as another type.
 */
export function attachmentHeaders(mime: string, name: string): Record<string, string> {
  const disposition = isImageType(mime) ? 'inline' : 'attachment'
  return {
    'content-type': isImageType(mime) ? mime : 'application/octet-stream',
    'content-disposition': `${disposition}; filename*=UTF-8''${encodeURIComponent(name)}`,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, max-age=31536000, immutable',
  }
}
