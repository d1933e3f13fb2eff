import type { StreamParser, StringStream } from '@codemirror/language'

/**
 * Colours for RouterOS script, line by line and without knowing which menus there are: mistakes are the server's to find.
 * Tokens carry the names of CodeMirror's standard tags.
 */
type Frame = '"' | '(' | '[' | '{'

export interface RouterOsState {
  /** What is open, the innermost last. */
  open: Frame[]
  /** A command, and so a comment, may start here. */
  start: boolean
  /** Words name menus until a command does. */
  path: boolean
  /** The next word names a variable: after `:local` and its like. */
  declares: boolean
  /** The line before ended in a backslash. */
  continued: boolean
}

const CLOSES: Record<string, Frame> = { ')': '(', ']': '[', '}': '{' }
const VERBS = new Set([
  'add', 'cancel', 'comment', 'disable', 'edit', 'enable', 'export', 'find', 'get', 'import', 'monitor', 'move', 'ping', 'print', 'reboot', 'remove', 'reset',
  'reset-counters', 'reset-configuration', 'run', 'set', 'shutdown', 'unset', 'upgrade',
])
const DECLARING = new Set([':local', ':global', ':set', ':for', ':foreach', ':onerror'])
const BLOCKS = /^(?:do|else|on-error)(?==)/
const ESCAPE = /^\\(?:["\\nrt$?_abfv]|[0-9A-F]{2})/
const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,3})?(?![\w.:])/
const MAC = /^(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}(?![\w.:])/
const IPV6 = /^[0-9A-Fa-f]{0,4}:(?:[0-9A-Fa-f]{0,4}:)+[0-9A-Fa-f]{0,4}(?:\/\d{1,3})?(?![\w.:])/
const NUMBER = /^(?:\d+:\d\d(?::\d\d(?:\.\d+)?)?|(?:\d+(?:ms|[wdhms]))+|0x[0-9A-Fa-f]+|\d+(?:\.\d+)?[kMGT]?)(?![\w.:-])/
const OPERATOR = /^(?:->|<<|>>|<=|>=|!=|&&|\|\||[-+*%!=<>~&|^.,?@:])/
const WORD = /^[^\s;"$[\](){}=,!\\#/]+/

export function startState(): RouterOsState {
  return { open: [], start: true, path: false, declares: false, continued: false }
}

function inString(stream: StringStream, state: RouterOsState): string {
  if (stream.eat('"')) {
    state.open.pop()
    return 'string'
  }
  if (stream.match(/^\\\s*$/)) return 'escape'
  if (stream.match(ESCAPE)) return 'escape'
  if (stream.match(/^\\/)) return 'invalid'
  if (stream.match(/^\$[[(]/)) {
    state.open.push(stream.current().endsWith('[') ? '[' : '(')
    state.start = stream.current().endsWith('[')
    return 'bracket'
  }
  if (stream.match(/^\$[A-Za-z0-9]+/)) return 'variableName'
  if (!stream.match(/^[^"\\$]+/)) stream.next()
  return 'string'
}

function bracket(char: string, state: RouterOsState): string {
  const opened = CLOSES[char]
  state.path = false
  if (opened) {
    const matches = state.open.at(-1) === opened
    if (matches) state.open.pop()
    state.start = false
    return matches ? 'bracket' : 'invalid'
  }
  state.open.push(char as Frame)
  state.start = char !== '('
  return 'bracket'
}

/** A command that begins with a colon, or the path of a menu that begins with a slash. */
function command(stream: StringStream, state: RouterOsState): string | null {
  if (stream.match(/^:[a-z][a-z-]*/)) {
    state.start = false
    state.declares = DECLARING.has(stream.current())
    return 'keyword'
  }
  if (stream.match(/^\//)) {
    Object.assign(state, { start: false, path: true })
    return 'namespace'
  }
  return null
}

function word(stream: StringStream, state: RouterOsState): string | null {
  const text = stream.current()
  const begins = state.start
  state.start = false
  if (state.declares) {
    state.declares = false
    return 'variableName.definition'
  }
  if (begins || state.path) {
    state.path = !VERBS.has(text)
    return state.path ? 'namespace' : 'variableName.function'
  }
  if (/^(?:and|or|in|not|where)$/.test(text)) return 'operatorKeyword'
  return /^(?:yes|no|true|false|nothing|nil)$/.test(text) ? 'atom' : null
}

function value(stream: StringStream, state: RouterOsState): string | null {
  if (stream.match(/^\\\s*$/)) {
    state.continued = true
    return 'operator'
  }
  if (stream.match(/^\$(?:[A-Za-z0-9]+|"[^"]*")/)) return leave(state, 'variableName')
  if (stream.match(BLOCKS)) return leave(state, 'controlKeyword')
  if (stream.match(/^[A-Za-z][\w.-]*(?==)/)) return leave(state, 'propertyName')
  if (!state.declares && stream.match(NUMBER)) return leave(state, 'number')
  if (!state.declares && [IPV4, MAC, IPV6].some(form => stream.match(form))) return leave(state, 'literal')
  if (stream.match(OPERATOR)) return 'operator'
  if (stream.match(WORD)) return word(stream, state)
  stream.next()
  return null
}

/** What follows is no command and no menu any more. */
function leave(state: RouterOsState, token: string): string {
  Object.assign(state, { start: false, path: false, declares: false })
  return token
}

function token(stream: StringStream, state: RouterOsState): string | null {
  if (stream.sol()) {
    if (!state.continued && state.open.at(-1) !== '"') Object.assign(state, { start: state.open.at(-1) !== '(', path: false, declares: false })
    state.continued = false
  }
  if (state.open.at(-1) === '"') return inString(stream, state)
  if (stream.eatSpace()) return null
  if (state.start && stream.eat('#')) {
    stream.skipToEnd()
    return 'comment'
  }
  if (stream.eat('"')) {
    state.open.push('"')
    return leave(state, 'string')
  }
  if (stream.eat(';')) {
    Object.assign(state, { start: true, path: false, declares: false })
    return 'punctuation'
  }
  const found = stream.eat(/[()[\]{}]/)
  if (found) return bracket(found, state)
  if (state.start || state.path) {
    const named = command(stream, state)
    if (named) return named
  }
  return value(stream, state)
}

export const routerOs: StreamParser<RouterOsState> = {
  name: 'routeros',
  startState,
  token,
  copyState: state => ({ ...state, open: [...state.open] }),
  blankLine: (state) => { if (state.open.at(-1) !== '"') Object.assign(state, { start: true, path: false, continued: false }) },
  indent: (state, after, context) => {
    if (state.open.at(-1) === '"') return null
    return Math.max(0, state.open.length - (/^\s*[)\]}]/.test(after) ? 1 : 0)) * context.unit
  },
  languageData: { commentTokens: { line: '#' } },
}
