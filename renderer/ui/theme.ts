/** The look of the window in one place: the colours and sizes, as CSS custom properties and as Naive UI's theme. */
import type { GlobalThemeOverrides } from 'naive-ui'

export const FONT =
  "system-ui, 'PingFang TC', 'Microsoft JhengHei UI', 'Noto Sans TC', 'Noto Sans CJK TC', 'Apple Color Emoji', 'Segoe UI Emoji', sans-serif"

const light = {
  ground: '#F6F5F2',
  surface: '#FFFFFF',
  raised: '#FFFFFF',
  line: '#E4E2DC',
  /** The edge of a control one types into: 3 : 1 against the surface. */
  edge: '#8F938F',
  hover: 'rgba(29, 31, 30, 0.05)',
  pressed: 'rgba(29, 31, 30, 0.09)',
  text: '#1D1F1E',
  quiet: '#5E635F',
  faint: '#8B908C',
  accent: '#0F766E',
  accentHover: '#0D665F',
  accentSoft: '#DDF0EC',
  onAccent: '#FFFFFF',
  onAccentSoft: '#0B4F4A',
  note: '#FFF4D6',
  noteText: '#7A5B00',
  good: '#1B7F4B',
  warn: '#B25E00',
  bad: '#C0362C',
  badSoft: '#FBE9E7',
  mark: '#FFE48A',
  shadow: '0 1px 3px rgba(0, 0, 0, 0.08)',
  shadowHigh: '0 2px 6px rgba(0, 0, 0, 0.08), 0 12px 32px rgba(0, 0, 0, 0.12)',
  veil: 'rgba(29, 31, 30, 0.32)',
  /** The chosen one of a segmented choice. */
  chosen: '#FFFFFF',
  /** Saturation and lightness of people's tints; the hue is each one's own. */
  tintBack: '36% 87%',
  tintFront: '46% 23%',
}
export type Colours = typeof light

const dark: Colours = {
  ground: '#161817',
  surface: '#1E2120',
  raised: '#262A28',
  line: '#343937',
  edge: '#747B77',
  hover: 'rgba(236, 238, 236, 0.06)',
  pressed: 'rgba(236, 238, 236, 0.1)',
  text: '#ECEEEC',
  quiet: '#A7ADA9',
  faint: '#757C78',
  accent: '#4FD1C5',
  accentHover: '#6ADDD2',
  accentSoft: '#16403B',
  onAccent: '#06302C',
  onAccentSoft: '#C4F3EC',
  note: '#3B3216',
  noteText: '#F2D47A',
  good: '#5CC98B',
  warn: '#F0A44B',
  bad: '#F0776C',
  badSoft: '#3D2320',
  mark: '#6B5A1A',
  shadow: '0 1px 3px rgba(0, 0, 0, 0.4)',
  shadowHigh: '0 2px 6px rgba(0, 0, 0, 0.4), 0 12px 32px rgba(0, 0, 0, 0.5)',
  veil: 'rgba(0, 0, 0, 0.55)',
  chosen: '#3A403D',
  tintBack: '22% 28%',
  tintFront: '45% 87%',
}

/** The colours of the light or the dark window. */
export function coloursOf(isDark: boolean): Colours {
  return isDark ? dark : light
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** The custom properties that every stylesheet builds on: `--accent-soft`, `--size-body`, `--row` and so on. */
export function customProperties(isDark: boolean, compact: boolean): Record<string, string> {
  const properties: Record<string, string> = { '--font': FONT, 'color-scheme': isDark ? 'dark' : 'light' }
  for (const [name, value] of Object.entries(coloursOf(isDark))) properties[`--${kebab(name)}`] = value
  return {
    ...properties,
    '--control': compact ? '2rem' : '2.25rem',
    '--row': compact ? '3.875rem' : '4.25rem',
  }
}

/** Puts the look on the page. `textSize` in per cent; every size on the screen follows it, for all are in rem. */
export function applyTheme(isDark: boolean, compact: boolean, textSize: number): void {
  const root = document.documentElement
  for (const [name, value] of Object.entries(customProperties(isDark, compact))) root.style.setProperty(name, value)
  root.style.fontSize = `${textSize}%`
  root.dataset.theme = isDark ? 'dark' : 'light'
  root.dataset.density = compact ? 'compact' : 'comfortable'
}

/** The same look for Naive UI's parts. */
export function naiveTheme(isDark: boolean, textSize: number): GlobalThemeOverrides {
  const c = coloursOf(isDark)
  const px = (size: number): string => `${(size * textSize) / 100}px`
  return {
    common: {
      fontFamily: FONT,
      fontSize: px(14),
      fontSizeMini: px(12),
      fontSizeTiny: px(12),
      fontSizeSmall: px(13),
      fontSizeMedium: px(14),
      fontSizeLarge: px(14),
      fontSizeHuge: px(16),
      lineHeight: '1.5',
      heightSmall: px(28),
      heightMedium: px(34),
      heightLarge: px(40),
      borderRadius: '6px',
      borderRadiusSmall: '4px',
      primaryColor: c.accent,
      primaryColorHover: c.accentHover,
      primaryColorPressed: c.accentHover,
      primaryColorSuppl: c.accent,
      infoColor: c.accent,
      infoColorHover: c.accentHover,
      infoColorPressed: c.accentHover,
      successColor: c.good,
      warningColor: c.warn,
      errorColor: c.bad,
      bodyColor: c.ground,
      cardColor: c.surface,
      modalColor: c.raised,
      popoverColor: c.raised,
      inputColor: c.surface,
      borderColor: c.line,
      dividerColor: c.line,
      textColorBase: c.text,
      textColor1: c.text,
      textColor2: c.text,
      textColor3: c.quiet,
      placeholderColor: c.quiet,
      iconColor: c.quiet,
      hoverColor: c.hover,
      pressedColor: c.pressed,
      boxShadow2: c.shadowHigh,
    },
  }
}
