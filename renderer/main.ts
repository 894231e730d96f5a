/** Where the window's page begins: the parts are put together here and nowhere else. */
import './no-eval.ts'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { i18n } from './i18n/index.ts'
import { createAppRouter } from './router.ts'
import './ui/base.css'

createApp(App).use(createPinia()).use(i18n).use(createAppRouter()).mount('#app')
