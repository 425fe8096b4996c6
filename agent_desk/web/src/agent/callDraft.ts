/** The draft of the present call's form: another one with each call. */

import { onScopeDispose, shallowRef, watch, type ShallowRef } from 'vue'

import { setNotReady } from '../api/desk'
import type { Attempts } from './attempt'
import { FormDraft } from './draft'
import type { Situation } from './situation'

export interface CallDraft {
  draft: ShallowRef<FormDraft | null>
  /** Confirm the form and be ready, or not-ready for a reason. Returns whether it was done. */
  confirm: (notReady?: string) => Promise<boolean>
}

export function useCallDraft({ call }: Situation, { attempt }: Attempts): CallDraft {
  const draft = shallowRef<FormDraft | null>(null)
  watch(
    () => call.value?.id ?? null,
    (callId) => {
      draft.value?.close()
      draft.value = callId === null ? null : new FormDraft(callId)
    },
    { immediate: true },
  )
  onScopeDispose(() => draft.value?.close())

  async function confirm(notReady?: string): Promise<boolean> {
    const open = draft.value
    if (open === null) return false
    return attempt(async () => {
      if (notReady !== undefined) await setNotReady(notReady)
      await open.confirm()
    })
  }

  return { draft, confirm }
}
