/** Who is signed in, and what their pages stand on: settings, live state, the clock. */

import { inject, shallowRef, type InjectionKey, type Ref, type ShallowRef } from 'vue'

import { readSettings, signIn, signOut, whoAmI, type Credentials } from './api/desk'
import { Fault, useCsrfToken, whenSessionEnds } from './api/http'
import type { Me, Settings } from './api/types'
import { startClock } from './live/clock'
import { LiveLink } from './live/link'
import { LiveState } from './live/state'
import { useTimeZone } from './shared/time'

/** What every page of a signed-in person may use. */
export interface Desk {
  readonly me: Me
  readonly settings: Settings
  readonly live: LiveState
  /** The server's time, epoch seconds, a step a second. */
  readonly now: Readonly<Ref<number>>
  /** Leave, unless the centre refuses it because of a call. Raises Fault. */
  signOut: () => Promise<void>
}

export const deskKey: InjectionKey<Desk> = Symbol('desk')

/** The desk of the signed-in person; only for components below it. */
export function useDesk(): Desk {
  const desk = inject(deskKey)
  if (desk === undefined) throw new Error('no desk above this component')
  return desk
}

export type Stage =
  | { name: 'opening' }
  | { name: 'signed-out' }
  | { name: 'failed'; fault: Fault }
  | { name: 'signed-in'; desk: Desk }

export class Session {
  readonly stage: ShallowRef<Stage> = shallowRef({ name: 'opening' })
  private end: () => void = () => undefined

  constructor() {
    whenSessionEnds(() => this.over())
  }

  /** Find out who is signed in already. */
  async open(): Promise<void> {
    this.stage.value = { name: 'opening' }
    try {
      await this.enter(await whoAmI())
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      this.stage.value = error.status === 401 ? { name: 'signed-out' } : { name: 'failed', fault: error }
    }
  }

  /** Sign in. Raises Fault. */
  async signIn(credentials: Credentials): Promise<void> {
    await this.enter(await signIn(credentials))
  }

  private async enter(me: Me): Promise<void> {
    useCsrfToken(me.csrf_token)
    const settings = await readSettings()
    useTimeZone(settings.timezone)
    const live = new LiveState()
    const link = new LiveLink(
      live,
      () => this.over(),
      () => void this.check(),
    )
    const clock = startClock(live.clockOffset)
    this.end = () => {
      link.close()
      clock.stop()
    }
    this.stage.value = {
      name: 'signed-in',
      desk: { me, settings, live, now: clock.now, signOut: () => this.leave() },
    }
  }

  private async leave(): Promise<void> {
    await signOut()
    this.over()
  }

  private async check(): Promise<void> {
    try {
      await whoAmI()
    } catch (error) {
      if (error instanceof Fault && error.status === 401) this.over()
    }
  }

  private over(): void {
    this.end()
    this.end = () => undefined
    useCsrfToken('')
    this.stage.value = { name: 'signed-out' }
  }
}
