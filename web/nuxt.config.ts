/**
 * The dashboard is a set of static files: no server of ours renders it, nothing is fetched from anywhere but
 * the API that serves it. Fonts and icons are therefore bundled, and every inline script is moved to a file
 * (scripts/publish.mjs) so that `script-src 'self'` is enough.
 */
export default defineNuxtConfig({
  modules: ['@nuxt/ui'],
  ssr: false,
  devtools: { enabled: false },
  telemetry: false,
  compatibilityDate: '2026-06-01',
  app: {
    head: {
      htmlAttrs: { lang: 'en' },
      title: 'Tikfleet',
      meta: [
        { name: 'viewport', content: 'width=device-width, initial-scale=1' },
        { name: 'robots', content: 'noindex' },
        { name: 'referrer', content: 'same-origin' },
      ],
      link: [{ rel: 'icon', type: 'image/svg+xml', href: '/favicon.svg' }],
    },
  },
  css: ['~/assets/css/main.css'],
  components: [{ path: '~/components', pathPrefix: false }],
  ui: { fonts: false },
  colorMode: { preference: 'system', fallback: 'light' },
  icon: {
    provider: 'none',
    fallbackToApi: false,
    clientBundle: {
      scan: { globInclude: ['app/**/*.{vue,ts}'], globExclude: [] },
      // What the components of Nuxt UI use by themselves.
      icons: [
        'arrow-down', 'arrow-left', 'arrow-right', 'arrow-up', 'arrow-up-right', 'check', 'chevron-down', 'chevron-left', 'chevron-right',
        'chevron-up', 'chevrons-left', 'chevrons-right', 'circle-alert', 'circle-check', 'circle-x', 'copy', 'copy-check', 'ellipsis', 'eye',
        'eye-off', 'hash', 'info', 'loader-circle', 'menu', 'minus', 'monitor', 'moon', 'panel-left-close', 'panel-left-open', 'plus',
        'rotate-ccw', 'search', 'sun', 'triangle-alert', 'x',
      ].map(name => `lucide:${name}`),
      sizeLimitKb: 256,
    },
  },
  experimental: {
    entryImportMap: false,
    payloadExtraction: false,
    appManifest: false,
    // A page's script comes when somebody reaches for its link, not because the link is on screen.
    defaults: { nuxtLink: { prefetchOn: { visibility: false, interaction: true } } },
  },
  vite: {
    build: { target: 'es2022' },
    worker: { format: 'es' },
  },
  nitro: {
    // The API server serves `.br` and `.gz` siblings to whoever accepts them.
    compressPublicAssets: { gzip: true, brotli: true },
    prerender: { crawlLinks: false, routes: ['/'] },
    devProxy: {
      '/api/v1': { target: process.env.TIKFLEET_API ?? 'http://127.0.0.1:8787/api/v1', changeOrigin: true },
    },
  },
  typescript: { strict: true, tsConfig: { compilerOptions: { noUncheckedIndexedAccess: true } } },
})
