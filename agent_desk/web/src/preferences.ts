/** What a person set for this browser: language, colours, how calls are answered. */

import { reactive, watch } from 'vue'

export type Language = 'zh' | 'en'
export type Theme = 'system' | 'light' | 'dark'

export interface Preferences {
  language: Language
  theme: Theme
  autoAnswer: boolean
  ringAloud: boolean
}

const KEY = 'hotline.preferences'
const DEFAULTS: Preferences = { language: 'zh', theme: 'system', autoAnswer: false, ringAloud: true }

/** Read preferences from what was stored, whatever it is: unknown values become the defaults. */
export function readPreferences(stored: string | null): Preferences {
  const preferences = { ...DEFAULTS }
  let values: Record<string, unknown> = {}
  try {
    const parsed: unknown = JSON.parse(stored ?? '{}')
    if (typeof parsed === 'object' && parsed !== null) values = parsed as Record<string, unknown>
  } catch {
    return preferences
  }
  if (values.language === 'zh' || values.language === 'en') preferences.language = values.language
  if (values.theme === 'light' || values.theme === 'dark') preferences.theme = values.theme
  if (typeof values.autoAnswer === 'boolean') preferences.autoAnswer = values.autoAnswer
  if (typeof values.ringAloud === 'boolean') preferences.ringAloud = values.ringAloud
  return preferences
}

export const preferences = reactive(readPreferences(localStorage.getItem(KEY)))

/** Keep preferences stored, and the page's language and colours as they say. */
export function followPreferences(): void {
  const systemIsDark = window.matchMedia('(prefers-color-scheme: dark)')
  const show = (): void => {
    const dark = preferences.theme === 'dark' || (preferences.theme === 'system' && systemIsDark.matches)
    document.documentElement.classList.toggle('dark', dark)
    document.documentElement.lang = preferences.language === 'zh' ? 'zh-CN' : 'en'
  }
  systemIsDark.addEventListener('change', show)
  watch(
    preferences,
    () => {
      localStorage.setItem(KEY, JSON.stringify(preferences))
      show()
    },
    { immediate: true },
  )
}
