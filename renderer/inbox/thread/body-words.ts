/** What a message carries in a line of words, for where the message itself cannot be shown: to be read aloud, or told of. */
import type { Body } from '../../../backend/domain/rows.ts'
import { t } from '../../i18n/index.ts'

/** Words for any message but a system line, which has none here. */
export function bodyWords(body: Body): string {
  switch (body.kind) {
    case 'text':
    case 'note':
    case 'template':
      return body.text
    case 'image':
      return t('inbox.thread.image', { name: body.name })
    case 'file':
      return body.name
    case 'media': {
      const what = t(`inbox.thread.media.${body.media}`)
      return t(body.state === 'lost' ? 'inbox.thread.mediaLost' : 'inbox.thread.mediaFetching', { what })
    }
    case 'sticker':
      return body.label === '' ? t('inbox.thread.media.sticker') : body.label
    case 'location':
      return body.title || body.address || t('inbox.thread.location')
    case 'unsent':
      return t('inbox.thread.unsent')
    case 'other':
      return t('inbox.thread.other', { what: body.what })
    case 'event':
      return ''
  }
}
