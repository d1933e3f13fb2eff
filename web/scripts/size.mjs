/** Prints what a first visit downloads, and fails when its scripts pass the budget. Run after `npm run build`. */
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BUDGET_KB = 500
const root = fileURLToPath(new URL('../../src/tikfleet/app/dashboard', import.meta.url))
const html = readFileSync(join(root, 'index.html'), 'utf8')
const kb = bytes => (bytes / 1000).toFixed(1).padStart(8)
const size = (path, suffix = '') => statSync(join(root, path + (existsSync(join(root, path + suffix)) ? suffix : ''))).size

function sum(paths, suffix) {
  return paths.reduce((total, path) => total + size(path, suffix), 0)
}

/** The scripts that the page names, and what these import without being asked. */
function firstScripts() {
  const named = [...html.matchAll(/<script[^>]+src="([^"]+)"|<link rel="modulepreload"[^>]+href="([^"]+)"/g)]
  const seen = new Set(named.map(match => match[1] ?? match[2]))
  for (const path of seen) {
    const code = readFileSync(join(root, path), 'utf8')
    for (const [, found] of code.matchAll(/(?:^|[;}])(?:import|export)[^"'()]*?from"\.\/([^"]+)"/g)) seen.add(`/_nuxt/${found}`)
  }
  return [...seen]
}

const scripts = firstScripts()
const styles = [...html.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)].map(match => match[1])
const every = readdirSync(join(root, '_nuxt')).filter(name => name.endsWith('.js')).map(name => `/_nuxt/${name}`)

console.log('kB                      raw     gzip   brotli')
for (const [label, paths] of [['first-load scripts', scripts], ['first-load styles', styles], ['every script', every]]) {
  console.log(label.padEnd(19), kb(sum(paths, '')), kb(sum(paths, '.gz')), kb(sum(paths, '.br')))
}
if (sum(scripts, '.gz') > BUDGET_KB * 1000) {
  console.error(`first-load scripts pass ${BUDGET_KB} kB compressed`)
  process.exit(1)
}
