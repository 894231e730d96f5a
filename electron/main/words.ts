/** The few words that the shell itself says, in both languages; all others are the page's. */
import type { ShellLanguage } from '../../backend/workstation/shell.ts'

export type Words = {
  open: string
  quit: string
  restarting: string
  safe: string
  broken: string
  menu: Record<MenuWord, string>
}
type MenuWord =
  | 'edit'
  | 'undo'
  | 'redo'
  | 'cut'
  | 'copy'
  | 'paste'
  | 'selectAll'
  | 'view'
  | 'actualSize'
  | 'zoomIn'
  | 'zoomOut'
  | 'fullScreen'

export const words: Record<ShellLanguage, Words> = {
  'zh-Hant-TW': {
    open: '開啟櫃檯',
    quit: '結束',
    restarting: '正在重新啟動…',
    safe: '已儲存的內容都在，稍候即可繼續。',
    broken: '櫃檯無法啟動',
    menu: {
      edit: '編輯',
      undo: '復原',
      redo: '重做',
      cut: '剪下',
      copy: '複製',
      paste: '貼上',
      selectAll: '全選',
      view: '檢視',
      actualSize: '實際大小',
      zoomIn: '放大',
      zoomOut: '縮小',
      fullScreen: '全螢幕',
    },
  },
  en: {
    open: 'Open Countertop',
    quit: 'Quit',
    restarting: 'Restarting…',
    safe: 'What was saved is safe. You can go on in a moment.',
    broken: 'Countertop could not start',
    menu: {
      edit: 'Edit',
      undo: 'Undo',
      redo: 'Redo',
      cut: 'Cut',
      copy: 'Copy',
      paste: 'Paste',
      selectAll: 'Select all',
      view: 'View',
      actualSize: 'Actual size',
      zoomIn: 'Zoom in',
      zoomOut: 'Zoom out',
      fullScreen: 'Full screen',
    },
  },
}

/** The page shown while no backend answers. It has no script; the shell replaces it. */
export function restartingPage({ restarting, safe }: Words): string {
  const html = `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Countertop</title><style>:root{color-scheme:light dark}body{margin:0;height:100vh;display:grid;place-content:center;text-align:center;
font:14px/1.5 system-ui,"PingFang TC","Microsoft JhengHei UI","Noto Sans TC",sans-serif}
@media (prefers-color-scheme:light){body{background:#f6f5f2;color:#1d1f1e}}@media (prefers-color-scheme:dark){body{background:#161817;color:#eceeec}}
h1{font-size:20px;margin:0 0 4px}p{margin:0;opacity:.75}</style><main role="status"><h1>${restarting}</h1><p>${safe}</p></main>`
  return `data:text/html;charset=utf-8,${encodeURIComponent(html)}`
}
