/** The city's districts, read once for everybody who needs them. */

import { shallowRef, type ShallowRef } from 'vue'

import { readAreas } from '../api/desk'
import { Fault } from '../api/http'
import type { District } from '../api/types'

const AGAIN_MS = 3_000
const districts = shallowRef<District[]>([])
let reading = false

/** The districts; empty until they are read. */
export function useAreas(): ShallowRef<District[]> {
  if (districts.value.length === 0 && !reading) {
    reading = true
    void read()
  }
  return districts
}

async function read(): Promise<void> {
  try {
    districts.value = await readAreas()
    reading = false
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    if (error.status === 401) reading = false
    else window.setTimeout(() => void read(), AGAIN_MS)
  }
}
