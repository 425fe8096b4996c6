/** The words in the language that is set, and names that come in both languages. */

import { computed, type ComputedRef } from 'vue'

import type { Choice, Label } from '../api/types'
import { preferences } from '../preferences'
import { en } from './en'
import { zh, type Words } from './zh'

export const words: ComputedRef<Words> = computed(() => (preferences.language === 'zh' ? zh : en))

/** The label in the language that is set. */
export function labelText(label: Label): string {
  return label[preferences.language]
}

/** The name of the choice with that id; the id itself where the configuration no longer has it. */
export function nameOf(choices: readonly Choice[], id: string | null | undefined): string {
  if (id === null || id === undefined) return ''
  const choice = choices.find((known) => known.id === id)
  return choice === undefined ? id : labelText(choice.name)
}
