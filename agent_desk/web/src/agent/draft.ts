/** The form of the present call: read once, then saved while it is written, and confirmed at the end. */

import { effectScope, reactive, watch } from 'vue'

import { confirmForm, readForm, saveForm } from '../api/desk'
import { Fault } from '../api/http'
import type { Draft, Label, RequestForm } from '../api/types'
import { badFields, emptyForm, FIELDS, limitOf, merged, sameForm, tidied } from './form'

export type DraftStatus = 'loading' | 'clean' | 'dirty' | 'saving' | 'failed' | 'refused' | 'closed'

const PAUSE_MS = 700
const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 8_000
const MERGES = 3
const USUAL_URGENCY = 'normal'

export class FormDraft {
  readonly form = reactive(emptyForm())
  readonly view = reactive({
    status: 'loading' as DraftStatus,
    /** When the server last acknowledged it, epoch seconds. */
    savedAt: null as number | null,
    /** Somebody else's change came in. */
    merged: false,
    fault: null as { field: string | null; text: Label } | null,
  })
  private base: RequestForm = emptyForm()
  private version = 0
  private timer: number | undefined
  private retries = 0
  private saving: Promise<void> | null = null
  private confirming = false
  private readonly scope = effectScope(true)

  constructor(readonly callId: string) {
    void this.load()
    document.addEventListener('visibilitychange', this.leaving)
    window.addEventListener('beforeunload', this.beforeUnload)
  }

  /** Save at once what is not saved yet, and stop following the form. */
  close(): void {
    document.removeEventListener('visibilitychange', this.leaving)
    window.removeEventListener('beforeunload', this.beforeUnload)
    this.scope.stop()
    window.clearTimeout(this.timer)
    // A call that was confirmed may be gone from the screen before the answer is here: nothing is left to save then.
    if (!this.confirming && ['dirty', 'failed'].includes(this.view.status)) void this.flush()
    this.view.status = 'closed'
  }

  /** Confirm the form as it stands, which closes the call. Raises Fault. */
  async confirm(): Promise<void> {
    this.confirming = true
    try {
      await this.saving
      window.clearTimeout(this.timer)
      await this.confirmMerged()
      this.view.status = 'closed'
    } catch (error) {
      this.view.status = 'dirty'
      this.saveIn(PAUSE_MS)
      if (error instanceof Fault) this.showFault(error)
      throw error
    } finally {
      this.confirming = false
    }
  }

  private async confirmMerged(): Promise<void> {
    for (let merges = 0; ; merges += 1) {
      try {
        await confirmForm(this.callId, tidied(this.form), this.version)
        return
      } catch (error) {
        const newer = error instanceof Fault ? newerDraft(error) : null
        if (newer === null || merges === MERGES) throw error
        this.takeIn(newer)
      }
    }
  }

  private async load(): Promise<void> {
    try {
      this.start(await readForm(this.callId))
    } catch (error) {
      if (this.view.status !== 'loading') return
      if (isLasting(error)) {
        this.view.status = 'closed'
        return
      }
      this.timer = window.setTimeout(() => void this.load(), this.nextWait())
    }
  }

  private start(draft: Draft): void {
    if (this.view.status !== 'loading') return
    Object.assign(this.form, draft.form)
    if (draft.version === 0) {
      this.form.urgency ??= USUAL_URGENCY
      this.form.time_limit_hours ??= limitOf(this.form.urgency)
    }
    this.base = tidied(this.form)
    this.version = draft.version
    this.retries = 0
    this.view.savedAt = draft.edited_at
    this.view.status = 'clean'
    this.scope.run(() => watch(this.form, () => this.edited()))
  }

  private edited(): void {
    if (this.view.status === 'closed' || sameForm(tidied(this.form), this.base)) return
    this.view.fault = null
    if (this.view.status !== 'saving') this.view.status = 'dirty'
    this.saveIn(PAUSE_MS)
  }

  private saveIn(wait: number): void {
    window.clearTimeout(this.timer)
    this.timer = window.setTimeout(() => {
      if (!this.confirming) void this.flush()
    }, wait)
  }

  private flush(): Promise<void> {
    this.saving ??= this.save().finally(() => {
      this.saving = null
      if (this.view.status === 'dirty') this.saveIn(PAUSE_MS)
    })
    return this.saving
  }

  private async save(): Promise<void> {
    const sent = tidied(this.form)
    if (badFields(sent).length > 0) {
      this.view.status = 'refused'
      return
    }
    this.view.status = 'saving'
    try {
      const draft = await saveForm(this.callId, sent, this.version)
      this.version = draft.version
      this.base = sent
      this.retries = 0
      this.view.savedAt = draft.edited_at
      this.view.status = sameForm(tidied(this.form), sent) ? 'clean' : 'dirty'
    } catch (error) {
      this.saveFailed(error)
    }
  }

  private saveFailed(error: unknown): void {
    const newer = error instanceof Fault ? newerDraft(error) : null
    if (newer !== null) {
      this.takeIn(newer)
      this.view.status = 'dirty'
    } else if (error instanceof Fault && error.status === 400) {
      this.view.status = 'refused'
      this.showFault(error)
    } else if (isLasting(error)) {
      this.view.status = 'closed'
    } else {
      this.view.status = 'failed'
      this.saveIn(this.nextWait())
    }
  }

  private takeIn(newer: Draft): void {
    const mine = tidied(this.form)
    const both = merged(this.base, mine, newer.form)
    this.view.merged = this.view.merged || !sameForm(mine, both)
    this.base = newer.form
    this.version = newer.version
    for (const field of FIELDS) if (mine[field] !== both[field]) Object.assign(this.form, { [field]: both[field] })
  }

  private showFault(fault: Fault): void {
    this.view.fault = { field: fault.field?.replace(/^form\./, '') ?? null, text: fault.text }
  }

  private nextWait(): number {
    const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.retries)
    this.retries += 1
    return wait / 2 + (wait / 2) * Math.random()
  }

  private readonly leaving = (): void => {
    if (document.visibilityState === 'hidden' && this.view.status === 'dirty') void this.flush()
  }

  private readonly beforeUnload = (event: BeforeUnloadEvent): void => {
    if (['dirty', 'saving', 'failed'].includes(this.view.status)) event.preventDefault()
  }
}

function newerDraft(fault: Fault): Draft | null {
  const body = fault.body
  if (fault.status !== 409 || typeof body !== 'object' || body === null || !('draft' in body)) return null
  return body.draft as Draft
}

/** Whether asking again cannot help: the call is closed, gone, or somebody else's. */
function isLasting(error: unknown): boolean {
  return error instanceof Fault && (error.code === 'closed' || error.status === 403 || error.status === 404)
}
