/** Texts of the settings page. */
import type { settings as original } from '../zh-Hant-TW/settings.ts'

export const settings = {
  title: 'Settings',
  appearance: 'Appearance',
  language: 'Language',
  theme: 'Theme',
  light: 'Light',
  dark: 'Dark',
  system: 'As the system',
  density: 'List density',
  comfortable: 'Comfortable',
  compact: 'Compact',
  textSize: 'Text size',
  writing: 'Writing',
  sendWith: 'Send messages with',
  enter: 'Enter',
  ctrlEnter: '{key}+Enter',
  enterHint: 'Shift+Enter breaks the line. Enter never sends while an input method is composing.',
  ctrlEnterHint: 'Enter breaks the line.',
  about: 'About',
  version: 'Version',
  workstation: 'Workstation',
  hub: 'Server',
  member: 'Signed in as',
  keptHere: 'How it looks and how you write is kept on this workstation alone, for each member.',
} satisfies typeof original
