/** The emoji of the picker, by group; each with the words by which it is found, the first of them its name. */
export const EMOJI_GROUPS = ['smileys', 'gestures', 'hearts', 'things', 'food', 'nature', 'signs'] as const
export type EmojiGroup = (typeof EMOJI_GROUPS)[number]
export type Emoji = { sign: string; words: string }

const lines: Record<EmojiGroup, string> = {
  smileys:
    '😀 開心 笑 smile happy|😃 大笑 smile|😄 笑瞇眼 laugh|😁 咧嘴 grin|😆 樂 laugh|😅 冒汗 尷尬 sweat|😂 笑到哭 joy tears|🤣 笑翻 rofl|😊 微笑 害羞 blush|🙂 淺笑 slight smile|😉 眨眼 wink|😍 愛心眼 love eyes|🥰 幸福 love|😘 飛吻 kiss|😋 好吃 yum|😎 酷 cool|🤗 抱抱 hug|🤔 思考 think|🫡 收到 敬禮 salute|😐 無言 neutral|🙄 翻白眼 eye roll|😌 放心 relieved|😴 睡 sleep|😮 驚訝 surprised|😢 難過 cry sad|😭 大哭 sob|😓 汗 sweat|😞 失望 disappointed|😱 驚嚇 scream|😡 生氣 angry|🤒 生病 sick|🥳 慶祝 party',
  gestures:
    '👍 讚 好 thumbs up ok|👎 不好 thumbs down|👌 OK 沒問題 ok|🙏 拜託 感謝 please thanks|👏 拍手 clap|🙌 太好了 hooray|💪 加油 strong|🤝 握手 合作 handshake|👋 嗨 再見 wave hello bye|✌️ 耶 peace|🤞 祈禱 fingers crossed|👉 右 right|👈 左 left|👆 上 up|👇 下 down|✋ 停 stop hand|🙋 舉手 raise hand|🙇 鞠躬 抱歉 bow sorry|🤷 不知道 shrug|👀 看 eyes|🏃 快 跑 run|👨‍👩‍👧 家人 family|👶 寶寶 baby',
  hearts:
    '❤️ 愛心 heart love|🧡 橘心 orange heart|💛 黃心 yellow heart|💚 綠心 green heart|💙 藍心 blue heart|💜 紫心 purple heart|🖤 黑心 black heart|🤍 白心 white heart|💕 兩顆心 hearts|💖 閃亮 sparkle heart|💝 禮物心 gift heart|💔 心碎 broken heart',
  things:
    '🎁 禮物 gift|🎂 生日 蛋糕 birthday cake|🎉 恭喜 慶祝 party congratulations|🎊 彩球 confetti|🛍️ 購物 shopping bag|🛒 購物車 cart|📦 包裹 出貨 package|🚚 配送 物流 delivery truck|💳 刷卡 信用卡 card|💰 錢 money|🧾 收據 發票 receipt|🏷️ 標籤 折扣 label sale|🎫 優惠券 票 ticket coupon|📅 日期 calendar|⏰ 時間 鬧鐘 alarm clock|📞 電話 phone call|📱 手機 mobile|📧 郵件 email|📍 地點 位置 location|🏬 百貨 店 store|👕 上衣 shirt|👗 洋裝 dress|👟 鞋 shoes|👜 包包 bag|💄 口紅 lipstick|💍 戒指 ring|⌚ 手錶 watch|🔑 鑰匙 key|🔧 維修 wrench repair|📷 相機 照片 camera',
  food: '☕ 咖啡 coffee|🍵 茶 tea|🧋 珍奶 bubble tea|🍰 蛋糕 cake|🍪 餅乾 cookie|🍫 巧克力 chocolate|🍎 蘋果 apple|🍊 橘子 orange|🍓 草莓 strawberry|🍍 鳳梨 pineapple|🍚 飯 rice|🍜 麵 noodles|🍱 便當 bento|🍕 披薩 pizza|🍔 漢堡 burger|🍺 啤酒 beer|🥂 乾杯 cheers',
  nature:
    '🌸 櫻花 blossom|🌹 玫瑰 rose|🌻 向日葵 sunflower|🍀 幸運草 clover luck|🌱 幼苗 plant|🌞 太陽 sun|☀️ 晴 sunny|☁️ 雲 cloud|🌧️ 雨 rain|⛈️ 雷雨 storm|🌈 彩虹 rainbow|❄️ 雪 snow|🌙 月亮 moon|⭐ 星 star|✨ 閃亮 sparkles|🔥 火 熱賣 fire hot|💧 水 drop|🐶 狗 dog|🐱 貓 cat|🐰 兔 rabbit|🐻 熊 bear',
  signs:
    '✅ 完成 done check|✔️ 勾 check|❌ 不行 取消 no cross|⭕ 圈 可以 yes circle|❗ 注意 exclamation|❓ 問號 question|⚠️ 警告 warning|💯 滿分 hundred|🆗 OK ok|🆕 新 new|🆓 免費 free|🔔 通知 bell|💬 對話 chat|➡️ 右 right arrow|⬅️ 左 left arrow|🔴 紅 red|🟢 綠 green|🔵 藍 blue|1️⃣ 一 one|2️⃣ 二 two|3️⃣ 三 three',
}

function read(line: string): Emoji[] {
  return line.split('|').map((entry) => {
    const space = entry.indexOf(' ')
    return { sign: entry.slice(0, space), words: entry.slice(space + 1) }
  })
}

export const EMOJI: Record<EmojiGroup, Emoji[]> = {
  smileys: read(lines.smileys),
  gestures: read(lines.gestures),
  hearts: read(lines.hearts),
  things: read(lines.things),
  food: read(lines.food),
  nature: read(lines.nature),
  signs: read(lines.signs),
}

/** Those whose words have all that was typed. */
export function findEmoji(typed: string): Emoji[] {
  const wanted = typed.trim().toLocaleLowerCase().split(/\s+/)
  return Object.values(EMOJI)
    .flat()
    .filter(({ words, sign }) => wanted.every((word) => words.toLocaleLowerCase().includes(word) || sign === word))
}
