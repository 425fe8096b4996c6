/** The desk's API, an address a function. All raise Fault. */

import { ask } from './http'
import type { District, Draft, Me, PhoneAccount, RequestForm, Settings } from './types'

export interface Credentials {
  username: string
  password: string
  seat?: string
}

export const signIn = (credentials: Credentials): Promise<Me> => ask('POST', '/session', credentials)
export const whoAmI = (): Promise<Me> => ask('GET', '/session')
export const signOut = (): Promise<void> => ask('DELETE', '/session')

export const readSettings = (): Promise<Settings> => ask('GET', '/settings')
export const readAreas = (): Promise<District[]> => ask('GET', '/areas')
export const readPhone = (): Promise<PhoneAccount> => ask('GET', '/phone')

export const setReady = (): Promise<void> => ask('POST', '/agent/ready')
export const setNotReady = (reason: string): Promise<void> => ask('POST', '/agent/not-ready', { reason })
export const hangUp = (): Promise<void> => ask('POST', '/agent/hang-up')
export const hold = (): Promise<void> => ask('POST', '/agent/hold')
export const resume = (): Promise<void> => ask('POST', '/agent/resume')
export const rejoin = (): Promise<void> => ask('POST', '/agent/rejoin')
export const pauseRecording = (): Promise<void> => ask('POST', '/agent/recording/pause')
export const resumeRecording = (): Promise<void> => ask('POST', '/agent/recording/resume')

const ofCall = (callId: string): string => `/calls/${encodeURIComponent(callId)}`

export const readForm = (callId: string): Promise<Draft> => ask('GET', `${ofCall(callId)}/form`)
export const saveForm = (callId: string, form: RequestForm, version: number): Promise<Draft> =>
  ask('PUT', `${ofCall(callId)}/form`, { form, version })
export const confirmForm = (callId: string, form: RequestForm, version: number): Promise<void> =>
  ask('POST', `${ofCall(callId)}/confirm`, { form, version })
