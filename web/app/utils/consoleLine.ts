import { VERBS } from '~/utils/routerMenus'

/** What a line of the console asks for. */
export type ConsoleStep
  = | { kind: 'nothing' }
    | { kind: 'move', menu: string }
    | { kind: 'read', menu: string, filters: Record<string, string>, count: boolean }
    | { kind: 'run', script: string }

const FLAGS = new Set(['detail', 'terse', 'brief', 'without-paging', 'value-list'])

/** The words of a line: quoted text stays together and loses its quotes. Null when a quote is left open or code begins. */
function wordsOf(line: string): string[] | null {
  if (/[[\]{}();$\\]/.test(line)) return null
  const words = line.match(/(?:[^\s"]|"[^"]*")+/g) ?? []
  return words.join('').split('"').length % 2 ? words.map(word => word.replaceAll('"', '')) : null
}

function joined(context: string, words: readonly string[]): string {
  const parts = [...context.split('/'), ...words.flatMap(word => word.split('/'))].filter(Boolean)
  const kept: string[] = []
  for (const part of parts) {
    if (part === '..') kept.pop()
    else kept.push(part)
  }
  return `/${kept.join('/')}`
}

/** `where a=b c=d`, the one form of a condition that is asked for directly; anything else is for the router itself. */
function filtersOf(words: readonly string[]): { filters: Record<string, string>, count: boolean } | null {
  const where = words.indexOf('where')
  const flags = where < 0 ? words : words.slice(0, where)
  if (flags.some(word => !FLAGS.has(word) && word !== 'count-only')) return null
  const filters: Record<string, string> = {}
  for (const word of where < 0 ? [] : words.slice(where + 1)) {
    const found = /^([a-z.][a-z0-9.-]*)=([^~<>!]*)$/.exec(word)
    if (!found) return null
    filters[found[1]!] = found[2]!
  }
  return { filters, count: flags.includes('count-only') }
}

/**
 * What a line means in a menu: `print` reads, a path alone moves there, `..` and `/` lead up, anything else is a script for a job.
 * A `print` whose condition is more than equality is a job too: the router knows its own language best.
 */
export function readLine(line: string, context: string): ConsoleStep {
  const text = line.trim()
  if (!text || text.startsWith('#')) return { kind: 'nothing' }
  const base = text.startsWith('/') ? '' : context
  const words = text.startsWith(':') ? null : wordsOf(text.replace(/^\//, ''))
  const run = { kind: 'run' as const, script: text.startsWith(':') || text.startsWith('/') || !context ? text : `${context.replaceAll('/', ' ').replace(/^ /, '/')} ${text}` }
  if (!words) return run
  const path = words.flatMap(word => (word.includes('=') ? [word] : word.split('/'))).filter(Boolean)
  const verb = path.findIndex(word => (VERBS as readonly string[]).includes(word))
  if (verb >= 0 && path[verb] === 'print') {
    const asked = filtersOf(path.slice(verb + 1))
    const menu = joined(base, path.slice(0, verb))
    return asked && menu !== '/' ? { kind: 'read', menu, ...asked } : run
  }
  const lonely = verb < 0 && path.every(word => /^[a-z0-9.-]+$/.test(word))
  if (lonely && (text.startsWith('/') || text.startsWith('..') || context)) return { kind: 'move', menu: joined(base, path) }
  return run
}
