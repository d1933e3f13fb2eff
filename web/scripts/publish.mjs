/**
 * Puts the generated dashboard where the API process serves it from: src/tikfleet/app/dashboard/.
 *
 * Inline scripts become files of their own, so that the page runs under `script-src 'self'` with no hashes to keep
 * in step with the server. Only index.html is kept: the server answers every path that is not a file with it.
 */
import { createHash } from 'node:crypto'
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const built = fileURLToPath(new URL('../.output/public', import.meta.url))
const served = fileURLToPath(new URL('../../src/tikfleet/app/dashboard', import.meta.url))
const INLINE = /<script(?![^>]*\b(?:src|type="application\/json"))[^>]*>([\s\S]*?)<\/script>/g

function write(path, text) {
  const bytes = Buffer.from(text)
  writeFileSync(path, bytes)
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }))
}

function outlined(html) {
  return html.replace(INLINE, (_, code) => {
    const name = `inline.${createHash('sha256').update(code).digest('hex').slice(0, 10)}.js`
    write(join(served, '_nuxt', name), code)
    return `<script src="/_nuxt/${name}"></script>`
  })
}

rmSync(served, { recursive: true, force: true })
cpSync(built, served, { recursive: true })
for (const page of readdirSync(served).filter(name => /^(200|404)\.html/.test(name))) rmSync(join(served, page))

const index = join(served, 'index.html')
const html = outlined(readFileSync(index, 'utf8'))
if (/\son[a-z]+=/i.test(html)) throw new Error('index.html has an inline event handler')
write(index, html)
console.log(`dashboard written to ${served}`)
