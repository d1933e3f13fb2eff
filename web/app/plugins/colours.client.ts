import { injectHead } from '#imports'

const TEMPORARY = 'data-nuxt-ui-colors'

/**
 * Nuxt UI drops its temporary colours with an inline script, which our content security policy forbids.
 * That script is kept out of the page, and what it does is done here.
 */
export default defineNuxtPlugin({
  name: 'colours',
  enforce: 'pre',
  setup(nuxtApp) {
    injectHead().hooks?.hook('tags:beforeResolve', (context) => {
      context.tags = context.tags.filter(tag => !(tag.tag === 'script' && String(tag.innerHTML ?? '').includes(TEMPORARY)))
    })
    nuxtApp.hook('app:mounted', () => document.querySelector(`[${TEMPORARY}]`)?.remove())
  },
})
