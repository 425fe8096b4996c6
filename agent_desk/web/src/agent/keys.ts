/** The desk's keys: ones that browsers leave free. */

import { onScopeDispose } from 'vue'

import type { Words } from '../words/zh'

export type KeyName = keyof Omit<Words['keys'], 'title'>

export const KEYS: readonly { name: KeyName; keys: string }[] = [
  { name: 'answer', keys: 'F2' },
  { name: 'hangUp', keys: 'Shift+F2' },
  { name: 'mute', keys: 'F8' },
  { name: 'hold', keys: 'F9' },
  { name: 'recording', keys: 'Shift+F9' },
  { name: 'ready', keys: 'Shift+F8' },
  { name: 'confirm', keys: 'Ctrl+Enter' },
  { name: 'help', keys: 'Shift+F1' },
]

/** The combination as KEYS writes it; Ctrl and Command count as one. */
export function combinationOf(event: Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>): string {
  const parts = []
  if (event.ctrlKey || event.metaKey) parts.push('Ctrl')
  if (event.altKey) parts.push('Alt')
  if (event.shiftKey) parts.push('Shift')
  return [...parts, event.key].join('+')
}

/** Call the action of a key wherever on the page it is pressed; a key that is held down counts once. */
export function useKeys(actions: Record<KeyName, () => void>): void {
  const onKey = (event: KeyboardEvent): void => {
    const combination = combinationOf(event)
    const found = KEYS.find(({ keys }) => keys === combination)
    // Enter that ends the choice of Chinese characters is not a key of ours.
    if (found === undefined || event.isComposing) return
    event.preventDefault()
    if (!event.repeat) actions[found.name]()
  }
  // Captured: a list that is open below a field keeps Enter to itself.
  window.addEventListener('keydown', onKey, { capture: true })
  onScopeDispose(() => window.removeEventListener('keydown', onKey, { capture: true }))
}
