/** What an action in the queue is called. */
import type { TextKey } from '../i18n/index.ts'
import { texts } from '../i18n/index.ts'
import { DEFAULT_LOCALE } from '../i18n/locales.ts'

/** The key of a command's name, `queue.command.other` for one this screen does not know. */
export function commandNameKey(command: string): TextKey {
  const [part = '', name = ''] = command.split('.')
  const parts = new Map<string, unknown>(Object.entries(texts[DEFAULT_LOCALE].queue.command))
  const group = parts.get(part)
  const known = typeof group === 'object' && group !== null && Object.hasOwn(group, name)
  // The lookup above has just shown that there is such a text.
  return known ? (`queue.command.${command}` as TextKey) : 'queue.command.other'
}
