/** What the phone needs of JsSIP, and where JsSIP would do other than this desk wants. */

import { C, UA, WebSocketInterface } from 'jssip'
import type { RTCSession, TerminateOptions } from 'jssip/lib/RTCSession'

import type { PhoneAccount } from '../api/types'

// The switch renews nothing shorter than a minute, and a phone whose browser vanished shall not stay known for long.
const REGISTRATION_S = 60
// Addresses of this machine come at once; what a browser goes on looking for are TCP ones, which the switch has no use for.
const GATHERING_LIMIT_MS = 50
const sockets = new WeakMap<UA, WebSocketInterface>()

/** A user agent for the account, not started yet. */
export function createUserAgent(account: PhoneAccount): UA {
  const socket = new WebSocketInterface(account.ws_url)
  const userAgent = new UA({
    sockets: [socket],
    uri: account.sip_uri,
    password: account.password,
    display_name: account.display_name,
    register_expires: REGISTRATION_S,
    connection_recovery_min_interval: 1,
    connection_recovery_max_interval: 8,
    // The centre ends the ringing; this only has to be later.
    no_answer_timeout: 180,
    session_timers: false,
    user_agent: 'hotline desk',
  })
  sockets.set(userAgent, socket)
  return userAgent
}

/** Give the connection up and open a new one: JsSIP itself waits until the browser notices that it is dead. */
export function dropConnection(userAgent: UA): void {
  const socket = sockets.get(userAgent)
  if (socket === undefined || !socket.isConnected()) return
  socket.disconnect()
  socket.ondisconnect(true, 4000, 'given up')
}

export interface SessionWatch {
  media: (stream: MediaStream) => void
  talking: () => void
  mediaLost: () => void
  ended: () => void
}

/** Report what becomes of a session. */
export function watchSession(session: RTCSession, watch: SessionWatch): void {
  let gathering: number | undefined
  session.on('peerconnection', ({ peerconnection }) => {
    peerconnection.addEventListener('track', (event) => {
      watch.media(event.streams[0] ?? new MediaStream([event.track]))
    })
  })
  session.on('icecandidate', ({ ready }) => {
    gathering ??= window.setTimeout(ready, GATHERING_LIMIT_MS)
  })
  session.on('confirmed', watch.talking)
  session.on('ended', watch.ended)
  session.on('failed', watch.ended)
  survive(session, watch.mediaLost)
}

/**
 * Keep a session whose media is lost. JsSIP would send a BYE, which the centre takes for the agent's wish to end the
 * citizen's call; the centre is asked to ring again instead.
 */
function survive(session: RTCSession, mediaLost: () => void): void {
  const terminate = session.terminate.bind(session)
  session.terminate = (options?: TerminateOptions) => {
    if (options?.cause === C.causes.RTP_TIMEOUT) mediaLost()
    else terminate(options)
  }
}
