/** The one WebSocket of live state: opened, resumed and opened again for as long as somebody is signed in. */

import type { LiveMessage } from '../api/types'
import type { LiveState } from './state'

const FIRST_WAIT_MS = 300
const LONGEST_WAIT_MS = 10_000
const OPENING_LIMIT_MS = 8_000
// A link that silently died looks like one on which nothing happens: after so long it is opened anew, which shows.
const QUIET_LIMIT_MS = 45_000
const SESSION_ENDED = 4401

/** Milliseconds before attempt number `attempt` (0 first): doubling to a limit, half of it random. */
export function waitBefore(attempt: number, random: number): number {
  const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt)
  return most / 2 + (most / 2) * random
}

export class LiveLink {
  private socket: WebSocket | null = null
  private timer: number | undefined
  private attempt = 0
  private closed = false

  /** `onSessionEnded` is called when the server says so; `onRefused` after each failed attempt, to find it out. */
  constructor(
    private readonly state: LiveState,
    private readonly onSessionEnded: () => void,
    private readonly onRefused: () => void,
  ) {
    window.addEventListener('online', this.retryNow)
    window.addEventListener('offline', this.drop)
    this.open()
  }

  /** Close for good. */
  close(): void {
    this.closed = true
    window.removeEventListener('online', this.retryNow)
    window.removeEventListener('offline', this.drop)
    window.clearTimeout(this.timer)
    this.leave()
  }

  private open(): void {
    const url = new URL('/api/live', window.location.href)
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
    if (this.state.position !== null) url.searchParams.set('since', this.state.position)
    const socket = new WebSocket(url)
    this.socket = socket
    this.timer = window.setTimeout(() => this.drop(), OPENING_LIMIT_MS)
    socket.onmessage = (event) => this.take(event.data)
    socket.onclose = (event) => {
      this.drop()
      if (event.code === SESSION_ENDED) this.onSessionEnded()
    }
  }

  private take(data: unknown): void {
    if (typeof data !== 'string') return
    window.clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.renew(), QUIET_LIMIT_MS)
    this.attempt = 0
    this.state.apply(JSON.parse(data) as LiveMessage, Date.now() / 1000)
    this.state.link.connection = 'live'
  }

  private renew(): void {
    this.leave()
    this.open()
  }

  private readonly drop = (): void => {
    this.leave()
    if (this.closed) return
    this.state.link.connection = this.state.link.known ? 'lost' : 'connecting'
    window.clearTimeout(this.timer)
    this.timer = window.setTimeout(() => this.open(), waitBefore(this.attempt, Math.random()))
    this.attempt += 1
    this.onRefused()
  }

  private readonly retryNow = (): void => {
    if (this.closed || this.state.link.connection === 'live') return
    this.attempt = 0
    window.clearTimeout(this.timer)
    this.renew()
  }

  private leave(): void {
    const socket = this.socket
    this.socket = null
    if (socket === null) return
    socket.onmessage = socket.onclose = null
    socket.close()
  }
}
