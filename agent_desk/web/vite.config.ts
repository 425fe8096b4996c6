import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  build: {
    target: 'es2022',
    // Assets stay files of their own: the desk's content security policy allows no data: scripts or fonts.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
  },
  server: {
    proxy: { '/api': { target: 'http://127.0.0.1:12345', ws: true } },
  },
  test: { environment: 'node', include: ['tests/**/*.test.ts'] },
})
