import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineNuxtModule } from 'nuxt/kit'

/**
 * Moves the script that sets the colour mode before the first paint out of the page and into a file, so that the page
 * runs under `script-src 'self'`. (The head manager would put an inline one back at run time.)
 */
export default defineNuxtModule({
  meta: { name: 'outline-scripts' },
  setup(_, nuxt) {
    nuxt.hook('modules:done', () => {
      const dir = join(nuxt.options.buildDir, 'outlined')
      mkdirSync(dir, { recursive: true })
      nuxt.options.app.head.script = nuxt.options.app.head.script?.map((script, index) => {
        if (typeof script !== 'object' || typeof script.innerHTML !== 'string') return script
        writeFileSync(join(dir, `head-${index}.js`), script.innerHTML)
        return { src: `/head-${index}.js` }
      })
      nuxt.options.nitro.publicAssets ??= []
      nuxt.options.nitro.publicAssets.push({ dir, baseURL: '/', maxAge: 0 })
    })
  },
})
