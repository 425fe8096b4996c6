/** How moments and durations are written. Durations are seconds, moments epoch seconds, days those of the hotline. */

import type { Language } from '../preferences'

let zone: string | undefined

/** Write moments in this IANA time zone from now on: the hotline's, wherever the browser is. */
export function useTimeZone(name: string): void {
  zone = name
}

/** 75 becomes "1:15", 3700 "1:01:40"; never negative. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const hours = Math.floor(whole / 3600)
  const minutes = Math.floor((whole % 3600) / 60)
  const rest = String(whole % 60).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`
}

/** A moment in full, "2026-05-01 14:05:09". */
export function fullMomentText(moment: number): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(
    moment * 1000,
  )
}

/** The clock of the day, "14:05:09". */
export function timeText(moment: number): string {
  return fullMomentText(moment).slice(11)
}

/** "14:05" on the day of `now`, "05-01 14:05" in its year, else with the year. */
export function momentText(moment: number, now: number): string {
  const at = fullMomentText(moment).slice(0, 16)
  const today = fullMomentText(now)
  if (at.slice(0, 10) === today.slice(0, 10)) return at.slice(11)
  return at.slice(0, 4) === today.slice(0, 4) ? at.slice(5) : at
}

/** How many hours an agency has, in the unit that people use for it: 2 h, 7 days. */
export function hoursText(hours: number, language: Language): string {
  const days = hours / 24
  const inDays = hours >= 48 && Number.isInteger(days)
  if (language === 'zh') return inDays ? `${days} 天` : `${hours} 小时`
  return inDays ? `${days} days` : `${hours} h`
}

/** A clock reading "2026-05-01T08:30" of the hotline with its offset: "2026-05-01T08:30+08:00". */
export function withOffset(reading: string): string {
  const asUtc = Date.parse(`${reading}Z`)
  // The offset that holds at that reading, not at the same reading in Greenwich.
  const near = asUtc - minutesOf(offsetAt(asUtc)) * 60_000
  return `${reading}${offsetAt(near)}`
}

function offsetAt(milliseconds: number): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(milliseconds)
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'GMT'
  return name === 'GMT' ? '+00:00' : name.slice(3, 9)
}

function minutesOf(offset: string): number {
  const size = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6))
  return offset.startsWith('-') ? -size : size
}
