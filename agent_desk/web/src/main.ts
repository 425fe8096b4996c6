import './styles/element'
import './styles/tokens.css'
import './styles/base.css'
import './styles/element.css'

import { createApp } from 'vue'

import App from './App.vue'
import { followPreferences } from './preferences'

followPreferences()
createApp(App).mount('#app')
