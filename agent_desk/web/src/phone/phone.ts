/** The softphone: one SIP account over WebSocket, one call at a time, its microphone and its loudspeaker. */

import type { UA } from 'jssip'
import type { RTCSession } from 'jssip/lib/RTCSession'
import type { RTCSessionEvent } from 'jssip/lib/UA'
import { reactive, shallowRef } from 'vue'

import type { PhoneAccount } from '../api/types'
import { Microphone } from './microphone'
import { createUserAgent, dropConnection, watchSession } from './sip'

export type Registration = 'off' | 'connecting' | 'registered' | 'lost'
export type CallStage = 'none' | 'incoming' | 'answering' | 'talking'

const FIRST_RETRY_MS = 1_000
const LONGEST_RETRY_MS = 15_000

export class Phone {
  readonly microphone = new Microphone()
  readonly remote = shallowRef<MediaStream | null>(null)
  readonly view = reactive({
    registration: 'off' as Registration,
    stage: 'none' as CallStage,
    /** How many calls have rung here. */
    invites: 0,
    /** Who rings, as the switch says it in the INVITE. */
    remoteNumber: '',
    muted: false,
    soundBlocked: false,
    answerFailed: false,
    /** When the last session ended, epoch milliseconds of this browser. */
    endedAt: 0,
    /** The session lost its media: only a new one brings the sound back. */
    mediaLost: false,
  })
  private userAgent: UA | null = null
  private session: RTCSession | null = null
  private retry: number | undefined
  private retries = 0
  private silenced = false
  private retiring = false
  private readonly loudspeaker = new Audio()

  constructor() {
    this.loudspeaker.autoplay = true
  }

  /** Register the account, and keep it registered. */
  start(account: PhoneAccount): void {
    this.view.registration = 'connecting'
    this.retiring = false
    const userAgent = createUserAgent(account)
    this.userAgent = userAgent
    userAgent.on('registered', () => this.registered())
    userAgent.on('unregistered', () => this.lost())
    userAgent.on('disconnected', () => this.lost())
    userAgent.on('registrationFailed', ({ cause }) => this.registrationFailed(String(cause)))
    userAgent.on('newRTCSession', (event: RTCSessionEvent) => {
      if (event.originator === 'remote') this.incoming(event.session)
    })
    window.addEventListener('online', this.reconnect)
    window.addEventListener('offline', this.lost)
    userAgent.start()
  }

  /** Unregister and end everything: a call that is up ends for the agent too. */
  stop(): void {
    window.removeEventListener('online', this.reconnect)
    window.removeEventListener('offline', this.lost)
    window.clearTimeout(this.retry)
    this.userAgent?.stop()
    this.userAgent = null
    this.session = null
    this.microphone.close()
    this.quiet()
    this.view.registration = 'off'
    this.view.stage = 'none'
  }

  /** Take no more calls here; one that is up goes on until the switch ends it. */
  retire(): void {
    this.retiring = true
    if (this.session === null) this.stop()
    else this.userAgent?.unregister()
  }

  /** Answer what rings. Without a microphone nothing is answered: its fault says why. */
  async answer(): Promise<void> {
    const session = this.session
    if (session === null || this.view.stage !== 'incoming') return
    this.view.stage = 'answering'
    this.view.answerFailed = false
    const stream = await this.microphone.open()
    if (this.session !== session) return
    if (stream === null) {
      this.view.stage = 'incoming'
      return
    }
    this.view.muted = false
    this.listenToMicrophone()
    try {
      session.answer({ mediaStream: stream, pcConfig: { iceServers: [] } })
    } catch {
      // Only a session that ended a moment ago cannot be answered; its end is reported by itself.
      this.view.answerFailed = true
    }
  }

  /** End the session from here: for when the centre cannot do it. */
  hangUp(): void {
    const session = this.session
    if (session === null || session.isEnded()) return
    session.terminate(session.isEstablished() ? {} : { status_code: 603, reason_phrase: 'Decline' })
  }

  setMuted(muted: boolean): void {
    this.view.muted = muted
    this.listenToMicrophone()
  }

  /** Neither speak nor hear for now, as while the agent holds the call. */
  setSilenced(silenced: boolean): void {
    this.silenced = silenced
    this.loudspeaker.muted = silenced
    this.listenToMicrophone()
  }

  /** Send one digit as an RFC 4733 event. */
  sendDigit(digit: string): void {
    if (this.session === null || this.view.stage !== 'talking') return
    this.session.sendDTMF(digit, { transportType: 'RFC2833' as never, duration: 160, interToneGap: 80 })
  }

  /** Start the loudspeaker; browsers may ask for a click first. */
  async playSound(): Promise<void> {
    try {
      await this.loudspeaker.play()
      this.view.soundBlocked = false
    } catch (error) {
      this.view.soundBlocked = error instanceof Error && error.name === 'NotAllowedError'
    }
  }

  private registered(): void {
    this.retries = 0
    window.clearTimeout(this.retry)
    this.view.registration = 'registered'
  }

  private readonly lost = (): void => {
    if (this.userAgent !== null) this.view.registration = 'lost'
  }

  private registrationFailed(cause: string): void {
    this.lost()
    window.clearTimeout(this.retry)
    const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.retries)
    this.retries += 1
    this.retry = window.setTimeout(
      () => {
        if (cause === 'Request Timeout') this.reconnect()
        else if (this.userAgent?.isConnected()) this.userAgent.register()
      },
      wait / 2 + (wait / 2) * Math.random(),
    )
  }

  private readonly reconnect = (): void => {
    if (this.userAgent !== null && this.view.registration !== 'connecting') dropConnection(this.userAgent)
  }

  private incoming(session: RTCSession): void {
    // A session that is up already goes on until the switch ends it: the new one is to replace it.
    this.session = session
    this.view.remoteNumber = session.remote_identity.uri.user ?? ''
    this.view.stage = 'incoming'
    this.view.answerFailed = false
    this.view.mediaLost = false
    watchSession(session, {
      media: (stream) => {
        if (this.session === session) this.hear(stream)
      },
      talking: () => {
        if (this.session === session) this.view.stage = 'talking'
      },
      mediaLost: () => {
        if (this.session === session) this.view.mediaLost = true
      },
      ended: () => this.sessionEnded(session),
    })
    this.view.invites += 1
  }

  private sessionEnded(session: RTCSession): void {
    if (this.session !== session) return
    this.session = null
    this.view.stage = 'none'
    this.view.remoteNumber = ''
    this.view.muted = false
    this.view.mediaLost = false
    this.view.endedAt = Date.now()
    this.quiet()
    if (this.retiring) this.stop()
  }

  private hear(stream: MediaStream): void {
    this.remote.value = stream
    this.loudspeaker.srcObject = stream
    this.loudspeaker.muted = this.silenced
    void this.playSound()
  }

  private quiet(): void {
    this.loudspeaker.srcObject = null
    this.remote.value = null
    this.view.soundBlocked = false
    this.setSilenced(false)
  }

  private listenToMicrophone(): void {
    const heard = !this.view.muted && !this.silenced
    this.microphone.stream.value?.getAudioTracks().forEach((track) => {
      track.enabled = heard
    })
  }
}
