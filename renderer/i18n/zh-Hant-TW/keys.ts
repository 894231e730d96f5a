/** Texts of the keyboard shortcuts and their sheet. */
export const keys = {
  title: '鍵盤快速鍵',
  scope: {
    everywhere: '任何地方',
    inbox: '對話列表',
    thread: '對話中',
  },
  sheet: '顯示快速鍵',
  palette: '搜尋或執行',
  lock: '鎖定',
  toInbox: '前往對話',
  toQueue: '前往待送佇列',
  toSettings: '前往設定',
  back: '返回上一步',
  or: '或',
}
