/** Where a panel stands that opens under what it belongs to, kept inside the window. */
const MARGIN = 8
const GAP = 6

/** The panel's place, its end edge under the end of `anchor`; over it where there is no room under it. CSS pixels. */
export function placeBeside(anchor: HTMLElement, panel: HTMLElement): { left: string; top: string } {
  const at = anchor.getBoundingClientRect()
  const { offsetWidth: width, offsetHeight: height } = panel
  const under = at.bottom + GAP
  const top = under + height <= innerHeight - MARGIN ? under : at.top - GAP - height
  return {
    left: `${Math.max(MARGIN, Math.min(at.right - width, innerWidth - width - MARGIN))}px`,
    top: `${Math.max(MARGIN, Math.min(top, innerHeight - height - MARGIN))}px`,
  }
}
