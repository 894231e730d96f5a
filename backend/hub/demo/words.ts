/** What the shop sells and what its talk is filled with: the `{places}` of the dialogues. */
import type { Random } from './random.ts'

const WORDS = {
  cup: ['日常陶杯', '霧面馬克杯', '手工玻璃杯', '琺瑯杯', '雙層隔熱杯', '櫻花木杯墊組'],
  item: [
    '亞麻餐墊',
    '胡桃木托盤',
    '鑄鐵平底鍋',
    '棉麻圍裙',
    '無印風收納籃',
    '手沖壺組',
    '香氛蠟燭',
    '竹製砧板',
    '陶瓷深盤',
    '不鏽鋼便當盒',
    '羊毛毯',
    '帆布托特包',
  ],
  wear: ['亞麻襯衫', '有機棉 T 恤', '寬版直筒褲', '針織背心', '防潑水風衣', '棉麻長洋裝', '純棉家居服', '羊毛開襟衫'],
  food: [
    '阿里山紅茶',
    '手工鳳梨酥',
    '黑糖麻糬',
    '有機堅果',
    '花蓮米餅',
    '冷泡烏龍茶',
    '蜂蜜',
    '手工果醬',
    '中秋月餅禮盒',
    '古早味蛋捲',
  ],
  colour: ['米白', '霧灰', '墨綠', '焦糖', '深藍', '櫻花粉', '黑色', '燕麥色'],
  size: ['S', 'M', 'L', 'XL'],
  store: ['台北信義店', '台中勤美店', '高雄夢時代店'],
  day: ['今天', '明天', '後天', '這週六', '這週日', '下週一', '下週三'],
  time: ['11:00', '13:30', '14:00', '15:30', '17:00', '19:00'],
  price: ['380', '480', '560', '690', '780', '980', '1,280', '1,580', '2,280'],
  points: ['86', '120', '235', '310', '452', '680', '1,050'],
  count: ['2', '3', '5', '6', '10', '12'],
  bulk: ['30', '50', '80', '100', '150', '200'],
  ship: ['黑貓宅急便', '7-11 店到店', '全家店到店', '郵局便利箱'],
  flaw: [
    '杯口有一個小缺角',
    '底部有裂痕',
    '外盒被壓扁了',
    '顏色跟照片差很多',
    '縫線脫落',
    '少了一個配件',
    '表面有刮痕',
  ],
  thanks: [
    '謝謝！',
    '好的，謝謝您',
    '感謝🙏',
    '太好了，謝謝～',
    '了解，謝謝你',
    '好喔，感謝',
    '收到，謝謝！',
    '謝謝您的幫忙 😊',
    'OK 謝謝',
  ],
  hello: ['您好', '你好', '哈囉', '嗨', '請問一下', '不好意思打擾了', '早安', '你好～'],
  welcome: [
    '您好，很高興為您服務！',
    '您好，感謝您的訊息。',
    '您好，我是好日子的客服。',
    '您好，讓您久等了。',
    '嗨您好！',
  ],
  moment: ['請稍等，我幫您確認一下。', '馬上為您查詢，請稍候。', '我來看一下喔，請稍等。', '好的，幫您查一下。'],
  bye: [
    '不客氣，祝您有美好的一天！',
    '不會，有問題隨時跟我們說喔。',
    '謝謝您，期待再次為您服務 🌿',
    '不客氣～祝您購物愉快！',
    '好的，還有需要都可以再找我們。',
  ],
  wait: ['好的，麻煩了', '好，我等你', '沒問題', 'OK', '好喔', '麻煩您了'],
} as const satisfies Record<string, readonly [string, ...string[]]>

function isPlace(name: string): name is keyof typeof WORDS {
  return Object.hasOwn(WORDS, name)
}

/** One visit's filling: the same place has the same word all through it, so that both sides speak of one thing. */
export function filler(random: Random): (text: string) => string {
  const chosen = new Map<string, string>([
    ['order', `GD${random.letters('0123456789', 8)}`],
    ['invoice', `${random.letters('ABCDEFGHJKLMNPQRSTUVWXYZ', 2)}-${random.letters('0123456789', 8)}`],
    ['n', String(random.int(1, 9))],
  ])
  return (text) =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const known = chosen.get(name)
      if (known !== undefined) return known
      if (!isPlace(name)) throw new Error(`no words for ${whole}`)
      const word = random.pick<string>(WORDS[name])
      // Courtesies may differ from line to line; things may not.
      if (!['thanks', 'wait', 'bye', 'moment'].includes(name)) chosen.set(name, word)
      return word
    })
}
